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


def test_not_even_the_ends_of_a_key_are_repeated() -> None:
    said = "Incorrect API key provided: sk-proj-****abcd. Use another, **please**."
    assert redacted(said, "") == "Incorrect API key provided: [key]. Use another, **please**."


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


def openai_style(code: Any, message: str = "", **more: Any) -> dict[str, Any]:
    """The usual wrapping."""
    return {"error": {"code": code, "message": message, **more}}


# What the vendors' own pages give as examples.
VENDORS: list[tuple[int, Any, str]] = [
    (
        429,
        openai_style("rate_limit_exceeded", "Rate limit reached … add a payment method: /billing"),
        "rate_limit",
    ),
    (400, openai_style("invalid_prompt", "Invalid prompt: your prompt was flagged"), "content_filter"),
    (
        400,
        openai_style("content_filter", "…", innererror={"code": "ResponsibleAIPolicyViolation"}),
        "content_filter",
    ),
    (404, openai_style("DeploymentNotFound", "The API deployment does not exist."), "model_not_found"),
    (401, {"statusCode": 401, "message": "Access token is missing"}, "authentication"),
    (400, openai_style("invalid_request_error", "Content Exists Risk"), "content_filter"),
    (402, openai_style("invalid_request_error", "Insufficient Balance"), "quota"),
    (
        400,
        openai_style("Arrearage", "Access denied, please make sure your account is in good standing."),
        "quota",
    ),
    (
        400,
        openai_style("data_inspection_failed", "Input data may contain inappropriate content."),
        "content_filter",
    ),
    (400, {"code": "DataInspectionFailed", "message": "…", "request_id": "x"}, "content_filter"),
    (429, {"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded"}, "rate_limit"),
    (
        429,
        openai_style("insufficient_quota", "Allocated quota exceeded, please increase your quota limit."),
        "rate_limit",
    ),
    (
        403,
        {"code": "AllocationQuota.FreeTierOnly", "message": "The free tier of the model has been exhausted."},
        "quota",
    ),
    (
        400,
        openai_style("invalid_parameter_error", "Range of input length should be [1, 30720]"),
        "context_length",
    ),
    (401, openai_style("1002", "Authorization Token is invalid"), "authentication"),
    (429, openai_style("1113", "您的账户已欠费，请充值后重试"), "quota"),
    (400, openai_style("1301", "系统检测到输入或生成内容可能包含不安全或敏感内容"), "content_filter"),
    (429, openai_style("1302", "您当前使用该 API 的并发数过高"), "rate_limit"),
    (429, openai_style("1305", "该模型当前访问量过大"), "overloaded"),
    (400, openai_style("1211", "模型不存在"), "model_not_found"),
    (400, openai_style("1261", "Prompt 超长"), "context_length"),
    (429, openai_style(None, "Your account is suspended", type="exceeded_current_quota_error"), "quota"),
    (
        429,
        openai_style(None, "The engine is currently overloaded", type="engine_overloaded_error"),
        "overloaded",
    ),
    (400, openai_style(None, "Your request exceeded model token limit: 8192"), "context_length"),
    (400, openai_style(None, "The request was rejected", type="content_filter"), "content_filter"),
    (
        404,
        openai_style(None, "Not found the model x or Permission denied", type="resource_not_found_error"),
        "model_not_found",
    ),
    (402, openai_style(402, "This request requires more credits"), "quota"),
    (
        403,
        openai_style(403, "flagged", metadata={"reasons": ["hate"], "flagged_input": "x"}),
        "content_filter",
    ),
    (400, openai_style(400, "foo/bar is not a valid model ID"), "model_not_found"),
    (403, {"code": 30001, "message": "Sorry, your account balance is insufficient", "data": None}, "quota"),
    (
        400,
        {"code": 20012, "message": "Model does not exist. Please check it carefully.", "data": None},
        "model_not_found",
    ),
    (
        503,
        {"code": 50603, "message": "System is too busy now. Please try again later.", "data": None},
        "overloaded",
    ),
    (401, "Invalid token", "authentication"),
    (429, [openai_style(429, "You exceeded your current quota", status="RESOURCE_EXHAUSTED")], "rate_limit"),
    (
        400,
        openai_style(400, "the request exceeds the available context size", type="exceed_context_size_error"),
        "context_length",
    ),
]


@pytest.mark.parametrize(("status", "data", "code"), VENDORS)
def test_the_errors_of_each_vendor(status: int, data: Any, code: str) -> None:
    assert refusal(status, {}, data, "", KEY).code == code


def test_what_the_service_behind_a_gateway_said_is_told() -> None:
    data = openai_style(502, "Provider returned error", metadata={"raw": '{"detail":"no GPU"}'})
    error = refusal(502, {}, data, "", KEY)
    assert error.code == "server"
    assert "no GPU" in error.message


def test_more_than_one_secret_is_redacted() -> None:
    words = f"key {KEY}, header hunter22"
    assert redacted(words, (KEY, "hunter22", "")) == "key [key], header [key]"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s"}, 90),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "1m30s"}, None),
        (
            {
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "20ms",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "6m0s",
            },
            360,
        ),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "12"}, 12),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "soon"}, None),
    ],
)
def test_other_headers_that_ask_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("status", "message", "seconds"),
    [
        (429, "Rate limit reached. Please try again in 1m3.5s. Visit …", 63.5),
        (429, "Please try again in 250ms.", 0.25),
        (429, "Please retry after 6 seconds.", 6),
        (503, "busy, retry in 2 s", 2),
        (429, "slow down", None),
        (400, "try again in 6 seconds", None),
    ],
)
def test_waits_in_words(status: int, message: str, seconds: float | None) -> None:
    assert refusal(status, {}, openai_style(None, message), "", KEY).retry_after == seconds


def test_google_says_how_long_in_a_detail() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
    data = openai_style(429, "Resource exhausted", details=["x", info])
    assert refusal(429, {}, data, "", KEY).retry_after == 34.5
