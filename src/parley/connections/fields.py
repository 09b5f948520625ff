"""What an administrator types about a connection, checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from parley.lib.errors import Invalid
from parley.lib.http import CONNECTION_ADMIN, Refused, checked_url
from parley.providers.base import REGISTRY, Kind
from parley.providers.presets import PRESETS
from parley.web.i18n import _

LONGEST_NAME = 80
LONGEST_URL = 500
LONGEST_KEY = 4096
HINT = 4  # last characters of a key that are shown
MAX_MODELS = 500
LONGEST_MODEL = 256
LONGEST_PREFIX = 40
MAX_TAGS = 20
LONGEST_TAG = 40
_MODEL = re.compile(r"[^\s<>\"'`\x00-\x1f\x7f]{1,256}")
_KEY = re.compile(r"[\x21-\x7e]+")  # what can stand in a header
# People paste the address of one call; the base is what comes before.
_CALLS = ("/chat/completions", "/completions", "/models", "/responses")


def kind_of(provider: str) -> Kind:
    """The protocol of that name; raises Invalid that lists the names."""
    if provider in REGISTRY:
        return REGISTRY.get(provider)
    known = ", ".join([*REGISTRY.names(), *PRESETS.names()])
    text = _("There is no provider “%(name)s”. Known: %(known)s.", name=provider[:40], known=known)
    raise Invalid(text, fields={"provider": text}, code="unknown_provider")


def service_of(provider: str) -> tuple[Kind, str]:
    """The protocol behind a kind's or a preset's name, and the preset or ""; raises as `kind_of`."""
    if provider in PRESETS and provider not in REGISTRY:
        return kind_of(PRESETS.get(provider).kind), provider
    return kind_of(provider), ""


def default_url(kind: Kind, preset: str) -> str:
    """The usual address of a service."""
    url = PRESETS.get(preset).base_url if preset in PRESETS else kind.default_url
    return "" if "YOUR-" in url else url


def takes_key(kind: Kind) -> bool:
    """Whether a key can be stored; one that needs none may still stand behind a door that wants one."""
    return kind.needs_key or (kind.needs_url and any(auth != "none" for auth in kind.auths))


def clean_name(name: str, kind: Kind, base_url: str) -> str:
    """The name to show: as typed, else the host, with the kind where that is no plain OpenAI imitation."""
    text = " ".join(name.replace("\0", " ").split())  # PostgreSQL stores no NUL
    if len(text) > LONGEST_NAME:
        raise _invalid("name", _("At most %(n)s characters.", n=LONGEST_NAME))
    host = urlsplit(base_url).hostname or ""
    known = base_url == kind.default_url or not host
    if kind.name == "openai" and host:
        return (text or host)[:LONGEST_NAME]
    return (text or (kind.label if known else f"{kind.label} ({host})"))[:LONGEST_NAME]


def clean_url(url: str, kind: Kind) -> str:
    """The base address without a slash at its end; raises Invalid.

    A bare host means the kind's usual path, and what belongs to single calls is cut off.
    """
    if not kind.needs_url:
        return ""
    text = url.strip()
    if not text:
        raise _invalid(
            "baseUrl", _("Enter the address of the provider, for example %(url)s", url=kind.default_url)
        )
    if len(text) > LONGEST_URL:
        raise _invalid("baseUrl", _("At most %(n)s characters.", n=LONGEST_URL))
    if "@" in text.partition("://")[2].partition("/")[0]:
        raise _invalid("baseUrl", _("Leave out the name and password before “@”; the key has its own field."))
    try:
        parsed = checked_url(text, CONNECTION_ADMIN)
    except Refused:
        raise _invalid(
            "baseUrl", _("This is not an address: it must start with http:// or https://.")
        ) from None
    if parsed.query or parsed.fragment or "?" in text or "#" in text:
        raise _invalid("baseUrl", _("Leave out everything from “?” or “#”."))
    base = str(parsed).rstrip("/")
    for call in (*kind.calls, *_CALLS):
        base = base.removesuffix(call)
    return base if urlsplit(base).path.strip("/") else base.rstrip("/") + kind.bare_path


def clean_key(key: str) -> str:
    """The credential as typed, without space around it; raises Invalid for what no header can carry."""
    text = key.strip()
    if text and (len(text) > LONGEST_KEY or not _KEY.fullmatch(text)):
        raise _invalid("apiKey", _("A key has no spaces and only plain letters, digits and signs."))
    return text


def clean_label(label: str) -> str:
    """The name of a key; raises Invalid."""
    text = " ".join(label.replace("\0", " ").split())
    if len(text) > LONGEST_NAME:
        raise _invalid("apiKeys", _("At most %(n)s characters.", n=LONGEST_NAME))
    return text


def clean_models(models: Sequence[str]) -> tuple[str, ...]:
    """The ids of an explicit list, each once, without space around them; raises Invalid."""
    ids = tuple(dict.fromkeys(each.strip() for each in models if each.strip()))
    if len(ids) > MAX_MODELS:
        raise _invalid("models", _("At most %(n)s models.", n=MAX_MODELS))
    for each in ids:
        if not _MODEL.fullmatch(each):
            raise _invalid("models", _("“%(id)s” is not the id of a model.", id=each[:80]))
    return ids


def clean_prefix(prefix: str) -> str:
    """What stands before the names of models, its last space kept; raises Invalid."""
    text = prefix.replace("\0", " ").lstrip()
    if len(text) > LONGEST_PREFIX or "\n" in text:
        raise _invalid("prefix", _("At most %(n)s characters.", n=LONGEST_PREFIX))
    return text if text.strip() else ""


def clean_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Words, each once; raises Invalid."""
    words = tuple(dict.fromkeys(" ".join(tag.replace("\0", " ").split()) for tag in tags if tag.strip()))
    if len(words) > MAX_TAGS or any(len(word) > LONGEST_TAG for word in words):
        raise _invalid("tags", _("At most %(n)s tags of %(m)s characters.", n=MAX_TAGS, m=LONGEST_TAG))
    return words


def hint_of(key: str) -> str:
    """The last characters of a key, to recognise it; nothing of a short one."""
    return key[-HINT:] if len(key) >= 4 * HINT else ""


def _invalid(field: str, text: str) -> Invalid:
    return Invalid(text, fields={field: text})
