"""What a trace keeps, without secrets: by the names of fields, by their looks, and by known values. Pure.

A trace is read by more people than a connection's key should be known to, and it is sent to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from parley.providers.redacting import UNSAID, by_looks, redacted

HIDDEN = UNSAID
LONGEST = 500  # characters of one text
LOOKED_AT = 8_000  # characters of which those are taken
MOST_ITEMS, MOST_KEYS, DEEPEST = 50, 60, 8

SHORT = 12  # characters; what is shorter holds no piece of a secret that says too much
# Headers that say something about what happened; of any other only that it was there.
_TOLD = re.compile(
    r"accept|accept-encoding|age|anthropic-(beta|version|ratelimit-.*)|cache-control|cf-ray|connection"
    r"|content-(encoding|length|type)|date|host|openai-(processing-ms|version)|ratelimit.*"
    r"|retry-after(-ms)?|(x-)?request-id|server|server-timing|transfer-encoding|user-agent|vary|via"
    r"|x-ratelimit-.*|x-ms-.*region|x-should-retry"
)
_SECRET_FIELD = re.compile(
    r"(?i).*(authorization|cookie|api[-_]?key|apikey|access[-_]?key|private[-_]?key|subscription-key"
    r"|secret|passwd|password|passphrase|credential|signature).*|(.*[-_])?(token|sig)|.*[a-z]Token|key"
)


def without_secrets(text: str, known: Iterable[str] = ()) -> str:
    """`text` without anything that looks like a secret, and without the `known` ones in any form."""
    known = tuple(known)
    if len(text) < SHORT and not any(secret in text for secret in known if secret):
        return by_looks(text.replace("\0", ""))
    return by_looks(redacted(text.replace("\0", ""), known))


def clean(value: Any, known: Iterable[str] = ()) -> Any:
    """JSON-like data as a trace may keep it: redacted, cut where it is long, deep or has many parts."""
    return _clean(value, tuple(known), 0)


def headers(given: Mapping[str, str], known: Iterable[str] = ()) -> dict[str, str]:
    """Headers by their names in small letters; the value only of those that are known to be harmless."""
    known = tuple(known)
    return {
        name.lower(): _text(value, known) if _TOLD.fullmatch(name.lower()) else HIDDEN
        for name, value in list(given.items())[:MOST_KEYS]
    }


def _clean(value: Any, known: tuple[str, ...], depth: int) -> Any:
    if isinstance(value, str):
        return _text(value, known)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MOST_KEYS]
        return {
            _text(str(name), known): HIDDEN
            if isinstance(each, str) and each and _SECRET_FIELD.fullmatch(str(name))
            else _clean(each, known, depth + 1)
            for name, each in pairs
        }
    if isinstance(value, list | tuple):
        return [_clean(each, known, depth + 1) for each in value[:MOST_ITEMS]]
    return _text(str(value), known)


def _text(text: str, known: tuple[str, ...]) -> str:
    whole = without_secrets(text[:LOOKED_AT], known)
    return whole if len(whole) <= LONGEST else whole[:LONGEST] + "…"
