"""What an error of Google's APIs means. Pure.

Sources: ai.google.dev/gemini-api/docs/troubleshooting, google.rpc.Status and its details
(cloud.google.com/apis/design/errors): ErrorInfo.reason, RetryInfo.retryDelay, QuotaFailure.violations.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from parley.providers.vendor_errors import class_of
from parley.providers.vendor_waits import wait_in_body

_STATUS = {
    "UNAUTHENTICATED": "authentication",
    "PERMISSION_DENIED": "authentication",
    "NOT_FOUND": "model_not_found",
    "UNAVAILABLE": "overloaded",
    "DEADLINE_EXCEEDED": "timeout",
    "INTERNAL": "server",
    "UNKNOWN": "server",
}
_KEY_WORDS = ("api_key_invalid", "api key not valid", "api key expired", "api key not found")
_LONG_WORDS = ("exceeds the maximum number of tokens", "input token count", "request payload size exceeds")
_SPENT_WORDS = ("credits are depleted", "limit: 0", "billing account", "spending cap")


def error_of(data: Any) -> dict[str, Any]:
    """The error object of a body, which may stand in an array; {} when there is none in Google's form."""
    if isinstance(data, list) and data:
        data = data[0]
    error = data.get("error") if isinstance(data, dict) else None
    return error if isinstance(error, dict) and isinstance(error.get("status"), str) else {}


def class_of_error(error: Mapping[str, Any], status: int) -> str:
    """The class of failure; `status` is the HTTP status."""
    said = f"{_reasons(error)} {error.get('message') or ''}".lower()
    word = error["status"]
    if word == "RESOURCE_EXHAUSTED":
        return "quota" if _spent(error, said) else "rate_limit"
    if any(mark in said for mark in _KEY_WORDS):
        return "authentication"
    if word == "INVALID_ARGUMENT" and any(mark in said for mark in _LONG_WORDS):
        return "context_length"
    return _STATUS.get(word) or class_of(status, said, "")


def delay_of(error: Mapping[str, Any]) -> float | None:
    """Seconds to wait, as the error says."""
    return wait_in_body(str(error.get("message") or ""), {"error": error})


def _spent(error: Mapping[str, Any], said: str) -> bool:
    """Whether waiting does not help. The message speaks of plan and billing even when it is one minute."""
    violations = [each for detail in _details(error) for each in _list(detail.get("violations"))]
    if any("perday" in str(each.get("quotaId") or "").lower() for each in violations):
        return True
    if any(mark in said for mark in _SPENT_WORDS):
        return True
    return "plan and billing" in said and not violations and delay_of(error) is None


def _reasons(error: Mapping[str, Any]) -> str:
    return " ".join(str(detail["reason"]) for detail in _details(error) if detail.get("reason"))


def _details(error: Mapping[str, Any]) -> list[dict[str, Any]]:
    return _list(error.get("details"))


def _list(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
