"""How long a vendor asks to wait, in the many places where vendors say it. Pure but for the clock."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from parley.lib.clock import now_ms

LONGEST_WAIT = 86_400.0  # seconds; more is nonsense

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
# OpenAI: "Please try again in 1m3.5s"; Azure: "Please retry after 6 seconds".
_WORDS = re.compile(
    r"(?:try again in|retry after|retry in)\s+(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?([\dmsh.]*)", re.I
)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, as the headers say; None when they do not.

    Retry-After in seconds or as an HTTP date (RFC 9110, section 10.2.3), `retry-after-ms` (Azure OpenAI),
    and the `x-ratelimit-reset-*` of what is used up (platform.openai.com/docs/guides/rate-limits).
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return _bounded(milliseconds / 1000)
    value = headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is not None:
        return _bounded(seconds)
    if value:
        try:
            return _bounded(parsedate_to_datetime(value).timestamp() - now_ms() / 1000)
        except (ValueError, OverflowError):
            return None
    resets = [each for each in _resets(headers) if each is not None]
    return _bounded(max(resets)) if resets else None


def wait_in_body(message: str, data: Any) -> float | None:
    """Seconds to wait, as the body says: in words, or as Google's RetryInfo (google.rpc.error_details)."""
    error = data.get("error", data) if isinstance(data, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, dict) else None
        seconds = duration(delay) if isinstance(delay, str) else None
        if seconds is not None:
            return _bounded(seconds)
    found = _WORDS.search(message)
    if not found:
        return None
    return _bounded(duration(f"{found[1]}{found[2] or 's'}{found[3] if found[2] else ''}".rstrip(".")))


def duration(text: str) -> float | None:
    """Seconds in "6m0s", "20ms", "34.07s" or "12"; None for anything else."""
    number = _number(text)
    if number is not None:
        return number
    if not _DURATION.fullmatch(text.strip()):
        return None
    return sum(float(amount) * _UNITS[unit] for amount, unit in _PART.findall(text))


def _resets(headers: Mapping[str, str]) -> Iterator[float | None]:
    for what in ("requests", "tokens"):
        if _number(headers.get(f"x-ratelimit-remaining-{what}", "")) == 0:
            yield duration(headers.get(f"x-ratelimit-reset-{what}", ""))


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number == number else None


def _bounded(seconds: float | None) -> float | None:
    return None if seconds is None else min(max(seconds, 0.0), LONGEST_WAIT)
