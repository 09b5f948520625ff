"""What a vendor's error means, in our classes and with its own words but never our key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from parley.lib.clock import now_ms
from parley.lib.http import HttpError, NetworkFailed, Refused, TimedOut
from parley.providers.base import ProviderError

MAX_WORDS = 500  # characters of a vendor's message that are kept
LONGEST_WAIT = 86_400.0  # seconds; a larger Retry-After is nonsense

_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]{6,}|\b(api[-_]?key)\s*[:=]\s*[^\s,;]{6,}")
_STATUS = {
    401: "authentication",
    402: "quota",
    403: "authentication",
    404: "model_not_found",
    408: "timeout",
    413: "context_length",
    429: "rate_limit",
    503: "overloaded",
    529: "overloaded",
}
# Words in a vendor's code, type or message that say more than the status does.
_WORDS = (
    ("quota", ("insufficient_quota", "billing", "insufficient balance", "credit balance")),
    (
        "context_length",
        ("context_length", "context length", "maximum context", "too many tokens", "too long"),
    ),
    ("content_filter", ("content_filter", "content_policy", "content management policy")),
    ("model_not_found", ("model_not_found", "model not found", "no such model")),
    ("authentication", ("invalid_api_key", "incorrect api key", "invalid api key", "authentication_error")),
    ("rate_limit", ("rate_limit", "rate limit", "too many requests")),
    ("overloaded", ("overloaded", "service_unavailable")),
)


def redacted(text: str, key: str) -> str:
    """`text` without our key and without anything that follows "Bearer"."""
    if key:
        text = text.replace(key, "[key]")
    return _BEARER.sub(lambda found: f"{found[1] or found[2]} [key]", text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from a Retry-After in seconds or as an HTTP date (RFC 9110, section 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now_ms() / 1000
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), LONGEST_WAIT) if seconds == seconds else None


def words_of(data: Any) -> tuple[str, str]:
    """Message and code out of an error body: `{"error": {…}}`, `{"error": "…"}`, `{"message": "…"}`."""
    error = data.get("error", data) if isinstance(data, dict) else data
    if isinstance(error, str):
        return error, ""
    if not isinstance(error, dict):
        return "", ""
    message = error.get("message") or error.get("detail") or ""
    code = " ".join(str(error[name]) for name in ("code", "type") if error.get(name))
    return (message if isinstance(message, str) else str(message)), code


def class_of(status: int, message: str, code: str) -> str:
    """The class of failure. The vendor's code and words win over the status, except for server errors."""
    if status < 500 or status in (503, 529):
        said = f"{code} {message}".lower()
        for name, marks in _WORDS:
            if any(mark in said for mark in marks):
                return name
    return _STATUS.get(status, "server" if status >= 500 else "invalid_request")


def refusal(status: int, headers: Mapping[str, str], data: Any, text: str, key: str) -> ProviderError:
    """The error of an HTTP status that is not 200."""
    if 300 <= status < 400:
        return ProviderError.of("model_not_found", f"It redirects to another address (HTTP {status}).")
    message, code = words_of(data)
    if not message and not text.lstrip().startswith("<"):
        message = text
    kind = class_of(status, message, code)
    return ProviderError.of(kind, _detail(message, key, f"HTTP {status}"), retry_after=retry_after(headers))


def error_inside(data: Any, key: str) -> ProviderError:
    """The error object inside a 200 stream."""
    message, code = words_of(data)
    number = re.search(r"\b[45]\d\d\b", code)
    kind = class_of(int(number[0]) if number else 500, message, code)
    if kind == "server":
        kind = class_of(400, message, code)
        kind = "server" if kind == "invalid_request" and "invalid" not in code else kind
    return ProviderError.of(kind, _detail(message, key, code))


def transport_error(error: HttpError, key: str) -> ProviderError:
    """The error of a request that got no answer, or not all of one."""
    if isinstance(error, Refused):  # by us
        return ProviderError.of("address")
    code = "malformed"
    if isinstance(error, TimedOut):
        code = "timeout"
    elif isinstance(error, NetworkFailed):
        code = "network"
    return ProviderError.of(code, _detail(str(error), key, ""))


def _detail(message: str, key: str, label: str) -> str:
    # Without NUL, which PostgreSQL cannot store.
    words = redacted(" ".join(message.replace("\0", " ").split()), key)[:MAX_WORDS]
    if not label:
        return words
    return f"{words} ({redacted(label, key)[:80]})" if words else f"({redacted(label, key)[:80]})"
