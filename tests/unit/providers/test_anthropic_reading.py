"""What Anthropic's events mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parley.providers.anthropic_reading import AnthropicReading, classed
from parley.providers.base import (
    Fact,
    Finished,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ThoughtState,
    ToolCallDelta,
    UsageReport,
)
from parley.providers.vendor_errors import refusal

KEY = "sk-ant-canary-0123456789"
END = {"type": "message_stop"}


def started(index: int, **block: Any) -> dict[str, Any]:
    """A block that begins."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def piece(index: int, **delta: Any) -> dict[str, Any]:
    """A piece of a block."""
    return {"type": "content_block_delta", "index": index, "delta": delta}


def stopped(index: int) -> dict[str, Any]:
    """A block that ends."""
    return {"type": "content_block_stop", "index": index}


def reason(word: str | None, **usage: Any) -> dict[str, Any]:
    """Why it stopped."""
    return {"type": "message_delta", "delta": {"stop_reason": word}, "usage": usage or None}


def read(*events: dict[str, Any] | bytes, keeps: bool = False) -> list[Fact]:
    """All facts of an answer."""
    reading = AnthropicReading("claude-opus-5", KEY, keeps=keeps)
    facts: list[Fact] = []
    for event in events:
        facts += reading.read(event if isinstance(event, bytes) else json.dumps(event).encode())
    return facts + reading.last()


def test_thoughts_and_words_come_apart() -> None:
    events = (
        started(0, type="thinking", thinking="", signature=""),
        piece(0, type="thinking_delta", thinking="Hm"),
        piece(0, type="signature_delta", signature="x"),
        stopped(0),
        started(1, type="text", text=""),
        {"type": "ping"},
        piece(1, type="text_delta", text="Hi"),
        piece(1, type="citations_delta", citation={}),
        {"type": "something_new", "index": 1},
        stopped(1),
        reason("end_turn"),
        END,
    )
    assert read(*events) == [ReasoningDelta("Hm"), TextDelta("Hi"), Finished("stop")]


def test_calls_are_counted_and_a_call_without_arguments_has_an_empty_object() -> None:
    events = (
        started(0, type="text", text="I look."),
        stopped(0),
        started(1, type="tool_use", id="a", name="clock", input={}),
        piece(1, type="input_json_delta", partial_json=""),
        stopped(1),
        started(2, type="tool_use", id="b", name="map", input={}),
        piece(2, type="input_json_delta", partial_json='{"x"'),
        piece(2, type="input_json_delta", partial_json=":1}"),
        stopped(2),
        started(3, type="server_tool_use", id="c", name="web_search", input={}),
        piece(3, type="input_json_delta", partial_json="{}"),
        stopped(3),
        reason("tool_use"),
        END,
    )
    assert read(*events) == [
        TextDelta("I look."),
        ToolCallDelta(0, "a", "clock"),
        ToolCallDelta(0, arguments="{}"),
        ToolCallDelta(1, "b", "map"),
        ToolCallDelta(1, arguments='{"x"'),
        ToolCallDelta(1, arguments=":1}"),
        Finished("tool_calls"),
    ]


def test_signed_thoughts_are_kept_for_a_tool_loop_in_their_order() -> None:
    events = (
        started(0, type="thinking", thinking="", signature=""),
        piece(0, type="thinking_delta", thinking="Hm"),
        piece(0, type="thinking_delta", thinking="."),
        piece(0, type="signature_delta", signature="c2ln"),
        stopped(0),
        started(1, type="redacted_thinking", data="sealed"),
        stopped(1),
        started(2, type="text", text=""),
        piece(2, type="text_delta", text="I look."),
        stopped(2),
        started(3, type="tool_use", id="a", name="clock", input={}),
        piece(3, type="input_json_delta", partial_json='{"z":1}'),
        stopped(3),
        reason("tool_use"),
        END,
    )
    state = read(*events, keeps=True)[-2]
    assert isinstance(state, ThoughtState)
    assert json.loads(state.data) == {
        "model": "claude-opus-5",
        "content": [
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "sealed"},
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "a", "name": "clock", "input": {"z": 1}},
        ],
    }
    assert not any(isinstance(fact, ThoughtState) for fact in read(*events))


def test_usage_adds_up_and_the_last_word_counts() -> None:
    start = {"input_tokens": 5, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 20}
    events = (
        {"type": "message_start", "message": {"usage": {**start, "output_tokens": 1, "service_tier": "x"}}},
        reason(
            "end_turn", output_tokens=40, output_tokens_details={"thinking_tokens": 30}, input_tokens=None
        ),
        END,
    )
    assert read(*events) == [
        UsageReport(125, 1, 0, 100),
        UsageReport(125, 40, 30, 100),
        Finished("stop"),
    ]


@pytest.mark.parametrize(
    ("word", "means"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("pause_turn", "length"),
        ("tool_use", "tool_calls"),
        ("refusal", "content_filter"),
        ("a_new_one", "stop"),
        (None, "stop"),
    ],
)
def test_reasons_to_stop(word: str | None, means: str) -> None:
    assert read(reason(word), END) == [Finished(means)]


def test_a_whole_answer_gives_the_same_facts() -> None:
    content = [
        {"type": "thinking", "thinking": "Hm", "signature": "s"},
        {"type": "text", "text": "Hi"},
        {"type": "tool_use", "id": "a", "name": "clock", "input": {"z": 1}},
        {"type": "tool_use", "id": "b", "name": "clock", "input": {}},
    ]
    usage = {"input_tokens": 3, "output_tokens": 4}
    answer = {"type": "message", "content": content, "stop_reason": "tool_use", "usage": usage}
    assert [fact for fact in read(answer, keeps=True) if not isinstance(fact, ThoughtState)] == [
        ReasoningDelta("Hm"),
        TextDelta("Hi"),
        ToolCallDelta(0, "a", "clock", '{"z":1}'),
        ToolCallDelta(1, "b", "clock"),
        ToolCallDelta(1, arguments="{}"),
        UsageReport(3, 4),
        Finished("tool_calls"),
    ]
    assert any(isinstance(fact, ThoughtState) for fact in read(answer, keeps=True))


def test_without_its_end_marker_an_answer_is_incomplete() -> None:
    with pytest.raises(ProviderError) as caught:
        read(piece(0, type="text_delta", text="Hi"), reason("end_turn"))
    assert caught.value.code == "incomplete"


def test_broken_text_and_odd_types_are_read_as_far_as_they_go() -> None:
    lone = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a\\ud83d"}}'
    torn = b'{"type":"content_block_delta","index":"0","delta":{"type":"text_delta","text":"b\xff"}}'
    odd = b'{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":7}}'
    facts = read(lone, torn, odd, b"[DONE]", {"type": "message_stop", "usage": 3})
    assert facts == [TextDelta("a\ufffd"), TextDelta("b\ufffd"), Finished("stop")]
    with pytest.raises(ProviderError) as caught:
        read(f"oops {KEY}".encode())
    assert caught.value.code == "malformed"
    assert KEY not in caught.value.message


@pytest.mark.parametrize(
    ("type", "message", "code"),
    [
        ("overloaded_error", "Overloaded", "overloaded"),
        ("api_error", "Internal server error", "server"),
        ("timeout_error", "Request timeout", "timeout"),
        ("permission_error", "Not yours", "authentication"),
        ("rate_limit_error", f"Slow down, {KEY}", "rate_limit"),
        ("billing_error", "Pay", "quota"),
        ("invalid_request_error", "prompt is too long: 9 tokens > 8 maximum", "context_length"),
        ("invalid_request_error", "You have reached your specified API usage limits.", "quota"),
        ("something_new", "What?", "server"),
    ],
)
def test_errors_inside_a_stream_have_their_class(type: str, message: str, code: str) -> None:
    said = piece(0, type="text_delta", text="Hi")
    with pytest.raises(ProviderError) as caught:
        read(said, {"type": "error", "error": {"type": type, "message": message}})
    assert caught.value.code == code
    assert KEY not in caught.value.message
    assert message.split(",")[0].split(":")[0] in caught.value.message


@pytest.mark.parametrize(
    ("status", "type", "code"),
    [
        (400, "invalid_request_error", "invalid_request"),
        (401, "authentication_error", "authentication"),
        (402, "billing_error", "quota"),
        (403, "permission_error", "authentication"),
        (404, "not_found_error", "model_not_found"),
        (413, "request_too_large", "context_length"),
        (429, "rate_limit_error", "rate_limit"),
        (500, "api_error", "server"),
        (504, "timeout_error", "timeout"),
        (529, "overloaded_error", "overloaded"),
    ],
)
def test_refusals_have_their_class_and_their_wait(status: int, type: str, code: str) -> None:
    said = {"type": type, "message": "Words."}
    error = classed(refusal(status, {"retry-after": "7"}, {"type": "error", "error": said}, "", KEY), said)
    assert (error.code, error.retry_after) == (code, 7.0)
    assert "Words." in error.message
