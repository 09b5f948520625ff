"""Answers of servers that imitate Chat Completions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parley.providers.base import (
    Fact,
    Finished,
    ImageOutput,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ThoughtState,
    ToolCallDelta,
    UsageReport,
)
from parley.providers.openai_reading import ChatReading

KEY = "sk-canary-1234567890"


def facts_in(*events: Any) -> list[Fact]:
    """What these events say, to the end."""
    reading = ChatReading((KEY,))
    said = [fact for event in events for fact in reading.read(raw(event))]
    return [*said, *reading.last()]


def raw(event: Any) -> bytes:
    """An event as sent."""
    return event if isinstance(event, bytes) else json.dumps(event).encode()


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chunk."""
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


def call(index: int | None = None, **fields: Any) -> dict[str, Any]:
    """A piece of a tool call."""
    return delta(tool_calls=[{**({} if index is None else {"index": index}), **fields}])


@pytest.mark.parametrize(
    ("fields", "fact"),
    [
        ({"content": "a"}, TextDelta("a")),
        ({"refusal": "I cannot"}, TextDelta("I cannot")),
        ({"reasoning_content": "hm"}, ReasoningDelta("hm")),
        ({"reasoning": "hm"}, ReasoningDelta("hm")),
        ({"thinking": "hm"}, ReasoningDelta("hm")),
        ({"reasoning_details": [{"type": "reasoning.summary", "summary": "hm"}]}, ReasoningDelta("hm")),
        ({"content": [{"type": "text", "text": "a"}]}, TextDelta("a")),
        ({"content": [{"type": "thinking", "thinking": [{"text": "hm"}]}]}, ReasoningDelta("hm")),
        ({"images": [{"image_url": {"url": "data:image/png;base64,aGk="}}]}, ImageOutput("image/png", b"hi")),
    ],
)
def test_the_places_where_vendors_put_things(fields: dict[str, Any], fact: Fact) -> None:
    assert facts_in(delta(**fields), delta("stop")) == [fact, Finished("stop")]


def test_reasoning_is_told_once_where_it_comes_twice() -> None:
    both = delta(reasoning="hm", reasoning_details=[{"type": "reasoning.text", "text": "hm", "index": 0}])
    assert facts_in(both, delta("stop")) == [ReasoningDelta("hm"), Finished("stop")]


@pytest.mark.parametrize(
    "url", ["https://example.org/a.png", "data:image/svg+xml;base64,aGk=", "data:image/png;base64,!"]
)
def test_what_is_no_picture_is_none(url: str) -> None:
    assert facts_in(delta(images=[{"image_url": {"url": url}}]), delta("stop")) == [Finished("stop")]


def test_tool_calls_in_pieces() -> None:
    said = facts_in(
        call(0, id="a", function={"name": "weather", "arguments": ""}),
        call(0, function={"arguments": '{"x":'}),
        call(0, id="a", function={"name": "weather", "arguments": "1}"}),
        call(1, id="b", function={"name": "time", "arguments": "{}"}),
        delta("stop"),
    )
    assert said == [
        ToolCallDelta(0, "a", "weather"),
        ToolCallDelta(0, arguments='{"x":'),
        ToolCallDelta(0, arguments="1}"),
        ToolCallDelta(1, "b", "time", "{}"),
        Finished("tool_calls"),
    ]


@pytest.mark.parametrize("indexes", [(None, None), (0, 0), (0, 1)])
def test_servers_that_cannot_count_their_calls(indexes: tuple[int | None, int | None]) -> None:
    first, second = indexes
    said = facts_in(
        call(first, id="a", function={"name": "f", "arguments": "{}"}),
        call(second, id="b", function={"name": "g", "arguments": {"x": 1}}),
        delta("tool_calls"),
    )
    assert said[:2] == [ToolCallDelta(0, "a", "f", "{}"), ToolCallDelta(1, "b", "g", '{"x": 1}')]


def test_a_call_without_an_id_gets_one_and_a_signature_stays() -> None:
    said = facts_in(
        call(0, function={"name": "f", "arguments": "{}"}, extra_content={"google": {"s": "x"}}),
        delta("tool_calls"),
    )
    assert said[0] == ToolCallDelta(0, "call_0", "f", "{}", '{"google": {"s": "x"}}')
    old = facts_in(delta(function_call={"name": "f", "arguments": "{}"}), delta("function_call"))
    assert old == [ToolCallDelta(0, "call_0", "f", "{}"), Finished("tool_calls")]


def test_details_are_put_together_for_the_tool_loop() -> None:
    def piece(**fields: Any) -> dict[str, Any]:
        return delta(reasoning_details=[{"type": "reasoning.text", "index": 0, **fields}])

    said = facts_in(
        piece(text="a"),
        piece(text="b", signature="s"),
        call(0, id="c", function={"name": "f", "arguments": "{}"}),
        delta("tool_calls"),
    )
    [state] = [fact for fact in said if isinstance(fact, ThoughtState)]
    assert json.loads(state.data) == [{"type": "reasoning.text", "index": 0, "text": "ab", "signature": "s"}]


@pytest.mark.parametrize(
    ("usage", "report"),
    [
        ({"prompt_tokens": 5, "completion_tokens": 2}, UsageReport(5, 2)),
        (
            {
                "prompt_tokens": 5,
                "completion_tokens": 9,
                "prompt_tokens_details": {"cached_tokens": 4},
                "completion_tokens_details": {"reasoning_tokens": 7},
            },
            UsageReport(5, 9, 7, 4),
        ),
        ({"prompt_tokens": 5, "completion_tokens": 2, "prompt_cache_hit_tokens": 3}, UsageReport(5, 2, 0, 3)),
        ({"prompt_tokens": 5, "completion_tokens": 2, "cached_tokens": 3}, UsageReport(5, 2, 0, 3)),
        ({"prompt_tokens": 5.0, "completion_tokens": "2"}, UsageReport(5, 2)),
        ({"prompt_tokens": None, "prompt_tokens_details": None}, UsageReport(0, 0)),
    ],
)
def test_usage_wherever_it_stands(usage: dict[str, Any], report: UsageReport) -> None:
    for last in ({"choices": [], "usage": usage}, {"choices": [{"finish_reason": "stop", "usage": usage}]}):
        assert facts_in(delta("stop"), last) == [report, Finished("stop")]


@pytest.mark.parametrize(
    ("reason", "ours"),
    [
        ("length", "length"),
        ("max_tokens", "length"),
        ("sensitive", "content_filter"),
        ("eos", "stop"),
        ("function_call", "tool_calls"),
    ],
)
def test_reasons(reason: str, ours: str) -> None:
    assert facts_in(delta(reason)) == [Finished(ours)]


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([delta("network_error")], "server"),
        ([delta("insufficient_system_resource")], "overloaded"),
        ([delta("error")], "server"),
        ([], "incomplete"),
        ([{"error": {"message": "Overloaded", "code": 503}}], "overloaded"),
        ([{"code": 20012, "message": "Model does not exist.", "data": None}], "model_not_found"),
        ([{"code": "DataInspectionFailed", "message": "…", "request_id": "x"}], "content_filter"),
        ([{"error": "busy", "code": 50603}], "server"),
        ([b"not json"], "malformed"),
        ([b"[1]"], "malformed"),
    ],
)
def test_what_is_no_answer(events: list[Any], code: str) -> None:
    with pytest.raises(ProviderError) as failed:
        facts_in(delta(content="said"), *events)
    assert failed.value.code == code


def test_an_empty_error_is_none() -> None:
    nothings: tuple[Any, ...] = (None, {}, "")
    for nothing in nothings:
        assert facts_in({"error": nothing, **delta("stop")}) == [Finished("stop")]
    assert facts_in({"code": 0, "message": "ok", "choices": []}, delta("stop")) == [Finished("stop")]


def test_an_empty_event_keeps_the_line_alive() -> None:
    assert facts_in(b"", b" ", delta("stop")) == [Finished("stop")]


def test_broken_text_is_mended() -> None:
    lone = b'{"choices":[{"delta":{"content":"a\\ud83d"}}]}'
    assert facts_in(lone, b"[DONE]") == [TextDelta("a\ufffd"), Finished("stop")]


def test_a_whole_answer() -> None:
    message = {"role": "assistant", "content": "hi", "reasoning_content": "hm", "refusal": None}
    whole = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1}}
    assert facts_in(whole) == [ReasoningDelta("hm"), TextDelta("hi"), UsageReport(1, 0), Finished("stop")]
