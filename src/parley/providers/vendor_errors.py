"""What a vendor's error means, in our classes and with its own words but never our key.

What vendors write is listed in `vendor_words`, with its sources.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from parley.lib.http import HttpError, NetworkFailed, Refused, TimedOut
from parley.providers.base import ProviderError
from parley.providers.redacting import MAX_WORDS, Secrets, plain, redacted
from parley.providers.vendor_waits import LONGEST_WAIT, retry_after, wait_in_body
from parley.providers.vendor_words import NUMBERS, WORDS

__all__ = [
    "LONGEST_WAIT",
    "Secrets",
    "class_of",
    "error_inside",
    "plain",
    "redacted",
    "refusal",
    "retry_after",
    "transport_error",
    "words_of",
]

_STATUS = {
    401: "authentication",
    402: "quota",
    403: "authentication",
    404: "model_not_found",
    408: "timeout",
    413: "context_length",
    429: "rate_limit",
    503: "overloaded",
    504: "timeout",
    529: "overloaded",
}
_CODE_NUMBER = re.compile(r"\b\d{3,5}\b")
_ADVICE = frozenset({"rate_limit", "overloaded", "server", "timeout"})  # where waiting helps


def words_of(data: Any) -> tuple[str, str]:
    """Message and code out of an error body.

    `{"error": {…}}`, `{"error": "…"}`, `{"message": "…"}`, `"…"`, a list with one of these, and OpenRouter's
    `metadata`, which holds the words of the service behind it.
    """
    if isinstance(data, list):
        data = data[0] if data else None
    error = data.get("error", data) if isinstance(data, dict) else data
    if isinstance(error, str):
        code = data.get("code", "") if isinstance(data, dict) else ""
        message = data.get("message", error) if isinstance(data, dict) else error
        return (message if isinstance(message, str) else error), str(code or "")
    if not isinstance(error, dict):
        return "", ""
    message = error.get("message") or error.get("msg") or error.get("detail") or ""
    code = " ".join(str(error[name]) for name in ("code", "type", "status") if error.get(name))
    inner = error.get("innererror") or error.get("inner_error")
    if isinstance(inner, dict) and inner.get("code"):
        code = f"{code} {inner['code']}".strip()
    message = message if isinstance(message, str) else str(message)
    return " ".join(filter(None, (message, _behind(error.get("metadata"))))), code


def _behind(metadata: Any) -> str:
    """What the service behind a gateway said."""
    if not isinstance(metadata, dict):
        return ""
    if metadata.get("reasons") and metadata.get("flagged_input"):
        return f"(moderation: {metadata['reasons']})"
    raw = metadata.get("raw")
    return raw[:MAX_WORDS] if isinstance(raw, str) else ""


def class_of(status: int, message: str, code: str) -> str:
    """The class of failure. The vendor's code and words win over the status, except for server errors."""
    for number in _CODE_NUMBER.findall(code):
        if number in NUMBERS and not (number == "500" and status < 500):
            return NUMBERS[number]
    if status < 500 or status in (503, 529):
        said = f"{code} {message}".lower()
        for name, marks in WORDS:
            if any(mark in said for mark in marks):
                return name
    return _STATUS.get(status, "server" if status >= 500 else "invalid_request")


def refusal(status: int, headers: Mapping[str, str], data: Any, text: str, key: Secrets) -> ProviderError:
    """The error of an HTTP status that is not 200."""
    if 300 <= status < 400:
        return ProviderError.of("model_not_found", f"It redirects to another address (HTTP {status}).")
    message, code = words_of(data)
    if not message and not text.lstrip().startswith("<"):
        message = text
    kind = class_of(status, message, code)
    wait = retry_after(headers)
    if wait is None and kind in _ADVICE:
        wait = wait_in_body(message, data)
    return ProviderError.of(kind, _detail(message, key, f"HTTP {status}"), retry_after=wait)


def error_inside(data: Any, key: Secrets) -> ProviderError:
    """The error object inside a 200 stream."""
    message, code = words_of(data)
    number = re.search(r"\b[45]\d\d\b", code)
    kind = class_of(int(number[0]) if number else 500, message, code)
    if kind == "server":
        kind = class_of(400, message, code)
        kind = "server" if kind == "invalid_request" and "invalid" not in code.lower() else kind
    wait = wait_in_body(message, data) if kind in _ADVICE else None
    return ProviderError.of(kind, _detail(message, key, code), retry_after=wait)


def transport_error(error: HttpError, key: Secrets) -> ProviderError:
    """The error of a request that got no answer, or not all of one."""
    if isinstance(error, Refused):  # by us
        return ProviderError.of("address")
    code = "malformed"
    if isinstance(error, TimedOut):
        code = "timeout"
    elif isinstance(error, NetworkFailed):
        code = "network"
    return ProviderError.of(code, _detail(str(error), key, ""))


def _detail(message: str, key: Secrets, label: str) -> str:
    words = plain(message, key)
    name = plain(label, key)[:80]
    return f"{words} ({name})".lstrip() if name else words
