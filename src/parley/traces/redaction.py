"""What a trace keeps, without secrets: by the names of fields, by their looks, and by known values. Pure.

A trace is read by more people than a connection's key should be known to, and it is sent to others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from parley.providers.redacting import UNSAID, by_looks, redacted

HIDDEN = UNSAID
LONGEST = 500  # characters of one text
LOOKED_AT = 8_000  # characters of which those are taken
MOST_ITEMS, MOST_KEYS, DEEPEST = 50, 60, 8

_PLAIN = (bool, int, float)
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
    text = text.replace("\0", "")
    if len(text) >= SHORT or any(secret in text for secret in known if secret):
        text = redacted(text, known)
    return by_looks(text)


def clean(value: Any, known: Iterable[str] = ()) -> Any:
    """JSON-like data as a trace may keep it: redacted, cut where it is long, deep or has many parts."""
    return _clean(value, tuple(known), 0)


def headers(given: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names in small letters; the value only of those that are known to be harmless.

    Such a value is as it was sent: `clean` what holds it.
    """
    pairs = [(name.lower(), value) for name, value in list(given.items())[:MOST_KEYS]]
    return {name: value if is_told(name) else HIDDEN for name, value in pairs}


def is_told(header: str) -> bool:
    """Whether the value of a header, named in small letters, is known to be harmless."""
    return _TOLD.fullmatch(header) is not None


def _clean(value: Any, known: tuple[str, ...], depth: int) -> Any:
    if isinstance(value, str):
        return _text(value, known)
    if value is None or isinstance(value, _PLAIN):
        return value
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MOST_KEYS]
        cleaned: dict[str, Any] = {}
        for name, each in pairs:
            told, hides = _field(str(name)[:LOOKED_AT], known)
            hides = hides and isinstance(each, str) and each != ""
            cleaned[told] = HIDDEN if hides else _clean(each, known, depth + 1)
        return cleaned
    if isinstance(value, list | tuple):
        return [_clean(each, known, depth + 1) for each in value[:MOST_ITEMS]]
    return _text(str(value), known)


@lru_cache(maxsize=512)
def _field(name: str, known: tuple[str, ...]) -> tuple[str, bool]:
    """The name of a field as a trace may keep it, and whether it says that a secret follows.

    Kept, because the same few come with every answer.
    """
    return _text(name, known), _SECRET_FIELD.fullmatch(name) is not None


def _text(text: str, known: tuple[str, ...]) -> str:
    whole = without_secrets(text[:LOOKED_AT], known)
    return whole if len(whole) <= LONGEST else whole[:LONGEST] + "…"
