"""Why an upstream did not answer, in plain words and with what to do about it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from parley.providers.base import REGISTRY
from parley.web.i18n import _


def N_(sentence: str) -> str:
    """Mark a sentence for the catalogues; `sentence` translates it."""
    return sentence


@dataclass(frozen=True, slots=True)
class Symptoms:
    """What is known about one failed request."""

    code: str  # a key of providers.base.SENTENCES
    detail: str  # our sentence with the vendor's words
    kind: str  # a name in providers.base.REGISTRY
    base_url: str
    has_key: bool
    status: int = 0  # 0: no answer
    content_type: str = ""
    in_container: bool = False
    listing: bool = True  # it was the list of models that was asked for


@dataclass(frozen=True, slots=True)
class Cause:
    """A likely cause: a word for programs, and what its sentence needs."""

    code: str
    name: str = ""


# One sentence, or a few, for each cause: what it is and what to do.
CAUSES = {
    "other_kind": N_(
        "This looks like the address of another kind of provider. Choose “%(name)s” as the kind."
    ),
    "container": N_(
        "Parley runs in a container, where “%(name)s” is the container itself. Use host.docker.internal "
        "instead, and let the service listen on more than localhost."
    ),
    "not_running": N_(
        "Nothing listens at this address. Start the service, or correct the port; a service on another "
        "machine must listen on more than localhost."
    ),
    "dns": N_("The name “%(name)s” is unknown. Look for a typing error in the address."),
    "https": N_("The server does not speak HTTPS at this port. Try http:// instead."),
    "http": N_("The server wants HTTPS. Try https:// instead."),
    "certificate": N_(
        "The certificate of the server is not trusted. Use the name it was made for, or a certificate of a "
        "known authority."
    ),
    "slow": N_(
        "The server did not answer in time. Is it reachable from here, and not busy loading a model? "
        "A firewall may swallow the connection."
    ),
    "forbidden_address": N_("Addresses of the cloud's own services are never asked."),
    "no_key": N_("The provider wants a key, and none is stored. Enter one."),
    "key": N_(
        "Copy the key again, whole, and look whether it belongs to this service, is still valid and may use "
        "this project or region."
    ),
    "no_access": N_(
        "The key is known, but it may not do this. Look at its permissions in the provider's console."
    ),
    "web_page": N_(
        "A web page is at this address, not an API. Use the address of the API from the provider's "
        "documentation; often it ends in /v1."
    ),
    "add_v1": N_("Nothing is at this path. Add “/v1” to the end of the address."),
    "path": N_("Nothing is at this path. Compare the address with the provider's documentation."),
    "no_list": N_(
        "This service answers, but has no list of models. Enter the models by hand under “Further options”."
    ),
    "model": N_(
        "The provider does not offer this model to this key. Choose another one or list it differently."
    ),
    "redirect": N_(
        "The server sends us to another address. Enter that one; Parley does not follow redirects."
    ),
    "quota": N_("The account has no credit left. Top it up in the provider's console."),
    "rate": N_("Too many requests for this key. Wait a moment, or add another key."),
    "theirs": N_("The provider has a problem of its own. Try again later."),
    "proxy": N_("A proxy in front of the provider answered for it. Look whether the service behind it runs."),
    "not_theirs": N_("The answer is not what this kind of provider sends. Check the kind and the address."),
    "request": N_("The provider refused what was sent. Look at the further options: headers, body, version."),
    "broke_off": N_(
        "The connection broke in the middle of the answer. A proxy may limit the time or buffer streams."
    ),
    "key_lost": N_(
        "The stored key cannot be opened, because the secret of this installation changed. Enter it again."
    ),
}
_LOCAL = ("localhost", "127.0.0.1", "::1", "0.0.0.0")  # noqa: S104 recognised, not bound
# Kinds that work at the host of another one.
_ALSO = {"openai": ("openai-responses",), "ollama": ("openai",)}
_VERSIONED = re.compile(r"/v\d+(beta|alpha)?\d*(/|$)")


def status_in(detail: str) -> int:
    """The HTTP status our errors name at their end; 0 for none."""
    found = re.search(r"\(HTTP (\d{3})\)", detail)
    return int(found[1]) if found else 0


def causes(symptoms: Symptoms) -> tuple[Cause, ...]:
    """The likely causes, most likely first; none where the error says everything."""
    found = [_other_kind(symptoms), _reason(symptoms)]
    return tuple(cause for cause in found if cause is not None)


def sentence(cause: Cause) -> str:
    """The cause in the reader's language; "" for one of a newer version."""
    text = CAUSES.get(cause.code, "")
    return _(text, name=_(cause.name)) if text else ""


def _other_kind(symptoms: Symptoms) -> Cause | None:
    """Well-known hosts and ports under a kind that does not speak their protocol."""
    if symptoms.code in ("authentication", "quota", "rate_limit") and symptoms.status not in (404, 405):
        expected = _kind_of_host(symptoms.base_url, strict=True)
    else:
        expected = _kind_of_host(symptoms.base_url, strict=False)
    if expected not in REGISTRY or expected == symptoms.kind or symptoms.kind in _ALSO.get(expected, ()):
        return None
    return Cause("other_kind", REGISTRY.get(expected).label)


def _kind_of_host(url: str, *, strict: bool) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if host.endswith("api.anthropic.com"):
        return "anthropic"
    if host.endswith((".openai.azure.com", ".cognitiveservices.azure.com")):
        return "azure" if "/openai/v1" not in parts.path else ""
    if host == "generativelanguage.googleapis.com":
        return "gemini" if "openai" not in parts.path else ""
    if host == "api.openai.com":
        return "openai"
    if _port(url) == 11434 and not strict:
        return "ollama"
    return ""


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or 0
    except ValueError:
        return 0


def _reason(symptoms: Symptoms) -> Cause | None:
    if "text/html" in symptoms.content_type and symptoms.status not in (401, 403, 429):
        return Cause("proxy" if symptoms.status in (502, 503, 504) else "web_page")
    if 300 <= symptoms.status < 400:
        return Cause("redirect")
    return {
        "authentication": _refused,
        "network": _network,
        "model_not_found": _not_found,
        "malformed": _malformed,
        "invalid_request": _request,
    }.get(symptoms.code, _plain)(symptoms)


_PLAIN = {
    "timeout": "slow",
    "address": "forbidden_address",
    "quota": "quota",
    "rate_limit": "rate",
    "overloaded": "theirs",
    "server": "theirs",
    "incomplete": "broke_off",
    "key_unreadable": "key_lost",
}


def _plain(symptoms: Symptoms) -> Cause | None:
    code = _PLAIN.get(symptoms.code)
    return Cause(code) if code else None


def _refused(symptoms: Symptoms) -> Cause:
    if not symptoms.has_key:
        return Cause("no_key")
    return Cause("no_access" if symptoms.status == 403 else "key")


def _network(symptoms: Symptoms) -> Cause | None:
    said = symptoms.detail.lower()
    host = urlsplit(symptoms.base_url).hostname or ""
    if "cannot be resolved" in said:
        return Cause("dns", host)
    if "certificate" in said:
        return Cause("certificate")
    if "tls failed" in said:
        return Cause("https")
    if symptoms.in_container and host in _LOCAL:
        return Cause("container", host)
    if "refused" in said:
        return Cause("not_running")
    return Cause("slow")


def _not_found(symptoms: Symptoms) -> Cause:
    if (
        not symptoms.listing
        and symptoms.status != 405
        and "model" in symptoms.detail.lower().replace("does not know this model", "")
    ):
        return Cause("model")
    if not _VERSIONED.search(urlsplit(symptoms.base_url).path) and symptoms.kind in (
        "openai",
        "openai_responses",
    ):
        return Cause("add_v1")
    return Cause("no_list" if symptoms.listing and symptoms.status in (404, 405) else "path")


def _malformed(symptoms: Symptoms) -> Cause:
    if "web page" in symptoms.detail:
        return Cause("web_page")
    return Cause("not_theirs")


def _request(symptoms: Symptoms) -> Cause:
    if symptoms.status == 405:
        return _not_found(symptoms)
    if (
        symptoms.status == 400
        and "https" in symptoms.detail.lower()
        and symptoms.base_url.startswith("http:")
    ):
        return Cause("http")
    if symptoms.status == 400 and "key" in symptoms.detail.lower():  # Gemini answers 400 to a wrong key
        return Cause("key" if symptoms.has_key else "no_key")
    return Cause("request")
