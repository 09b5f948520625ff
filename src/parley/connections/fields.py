"""What an administrator types about a connection, checked. Pure."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from parley.lib.errors import Invalid
from parley.lib.http import CONNECTION_ADMIN, Refused, checked_url
from parley.providers.base import REGISTRY, Kind
from parley.web.i18n import _

LONGEST_NAME = 80
LONGEST_URL = 500
LONGEST_KEY = 4096
HINT = 4  # last characters of a key that are shown
_KEY = re.compile(r"[\x21-\x7e]+")  # what can stand in a header
# People paste the address of one call; the base is what comes before.
_CALLS = ("/chat/completions", "/completions", "/models", "/responses")


def kind_of(provider: str) -> Kind:
    """The provider of that name; raises Invalid that lists the names."""
    if provider in REGISTRY:
        return REGISTRY.get(provider)
    known = ", ".join(REGISTRY.names())
    text = _("There is no provider “%(name)s”. Known: %(known)s.", name=provider[:40], known=known)
    raise Invalid(text, fields={"provider": text}, code="unknown_provider")


def clean_name(name: str, kind: Kind, base_url: str) -> str:
    """The name to show: as typed, else the host, else the kind."""
    text = " ".join(name.replace("\0", " ").split())  # PostgreSQL stores no NUL
    if len(text) > LONGEST_NAME:
        raise _invalid("name", _("At most %(n)s characters.", n=LONGEST_NAME))
    return text or (urlsplit(base_url).hostname or kind.label)[:LONGEST_NAME]


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
    for call in _CALLS:
        base = base.removesuffix(call)
    return base if urlsplit(base).path.strip("/") else base.rstrip("/") + kind.bare_path


def clean_key(key: str) -> str:
    """The credential as typed, without space around it; raises Invalid for what no header can carry."""
    text = key.strip()
    if text and (len(text) > LONGEST_KEY or not _KEY.fullmatch(text)):
        raise _invalid("apiKey", _("A key has no spaces and only plain letters, digits and signs."))
    return text


def hint_of(key: str) -> str:
    """The last characters of a key, to recognise it; nothing of a short one."""
    return key[-HINT:] if len(key) >= 4 * HINT else ""


def _invalid(field: str, text: str) -> Invalid:
    return Invalid(text, fields={field: text})
