"""What vendors' errors mean."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest

from parley.lib.clock import now_ms
from parley.lib.http import HttpError, NetworkFailed, Refused, TimedOut
from parley.providers.base import SENTENCES
from parley.providers.vendor_errors import (
    error_inside,
    redacted,
    refusal,
    retry_after,
    transport_error,
)

KEY = "sk-canary-1234567890"


@pytest.mark.parametrize(
    ("status", "data", "code", "retryable"),
    [
        (401, {"error": {"message": "no", "code": "invalid_api_key"}}, "authentication", False),
        (403, {"error": "forbidden"}, "authentication", False),
        (402, {"error": {"message": "Insufficient Balance"}}, "quota", False),
        (404, {"error": {"message": "The model `x` does not exist"}}, "model_not_found", False),
        (400, {"error": {"code": "context_length_exceeded"}}, "context_length", False),
        (400, {"error": {"message": "maximum context length is 8192"}}, "context_length", False),
        (400, {"error": {"code": "content_filter"}}, "content_filter", False),
        (400, {"error": {"message": "bad"}}, "invalid_request", False),
        (422, {"detail": [{"msg": "field required"}]}, "invalid_request", False),
        (429, {"error": {"message": "slow down"}}, "rate_limit", True),
        (429, {"error": {"code": "insufficient_quota"}}, "quota", False),
        (500, {"error": {"message": "oops"}}, "server", True),
        (502, None, "server", True),
        (503, None, "overloaded", True),
        (529, {"error": {"type": "overloaded_error"}}, "overloaded", True),
        (408, None, "timeout", True),
        (302, None, "model_not_found", False),
    ],
)
def test_a_status_is_one_of_our_classes(status: int, data: Any, code: str, retryable: bool) -> None:
    error = refusal(status, {}, data, "", KEY)
    assert (error.code, error.retryable) == (code, retryable)
    assert error.message.startswith(SENTENCES[code])
    assert str(status) in error.message


def test_the_vendors_words_stay_but_not_our_key() -> None:
    data = {"error": {"message": f"Incorrect API key provided: {KEY}. Header: Bearer {KEY}"}}
    error = refusal(401, {}, data, "", KEY)
    assert "Incorrect API key provided: [key]" in error.message
    assert KEY not in error.message


def test_the_vendors_words_can_be_stored() -> None:
    assert refusal(401, {}, {"error": {"message": "bad\0key"}}, "", KEY).message.endswith(
        "bad key (HTTP 401)"
    )
    assert "\0" not in refusal(500, {}, None, "a\0b", KEY).message


def test_credentials_of_others_are_redacted_too() -> None:
    assert redacted("sent Authorization: Bearer abcdefghijk", "") == "sent Authorization: Bearer [key]"
    assert "hunter22" not in redacted("api_key=hunter22", "")


def test_a_web_page_is_not_repeated_and_plain_text_is() -> None:
    assert "<html>" not in refusal(502, {}, None, "<html>Bad gateway</html>", KEY).message
    assert "upstream connect error" in refusal(503, {}, None, "upstream connect error", KEY).message


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("3", 3), ("2.5", 2.5), ("1e9", 86400), ("-5", 0), ("soon", None), ("", None), ("nan", None)],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}) == seconds


def test_retry_after_as_a_date() -> None:
    found = retry_after({"retry-after": formatdate(now_ms() / 1000 + 30, usegmt=True)})
    assert found is not None
    assert 25 < found <= 31


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"message": "Overloaded", "type": "overloaded_error"}, "overloaded"),
        ({"message": "slow down", "code": 429}, "rate_limit"),
        ({"message": "invalid thing", "type": "invalid_request_error"}, "invalid_request"),
        ("just words", "server"),
        (None, "server"),
    ],
)
def test_an_error_inside_a_stream(data: Any, code: str) -> None:
    assert error_inside(data, KEY).code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimedOut("x"), "timeout"),
        (NetworkFailed("connection refused"), "network"),
        (Refused("no"), "address"),
        (HttpError("x"), "malformed"),
    ],
)
def test_transport_failures(error: HttpError, code: str) -> None:
    assert transport_error(error, KEY).code == code
