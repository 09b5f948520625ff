"""OpenAI's Responses, both ways."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parley.providers.base import (
    Fact,
    Finished,
    Image,
    ImageOutput,
    Prompt,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ThoughtState,
    Tool,
    ToolCall,
    ToolCallDelta,
    Turn,
    UsageReport,
)
from parley.providers.responses_reading import ResponsesReading
from parley.providers.responses_request import request_body
from parley.providers.sampling import Reasoning, Sampling

ASKED = (Turn("user", "hello"),)
ITEM = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}


def facts_in(*events: dict[str, Any] | bytes) -> list[Fact]:
    """What these events say, to the end."""
    reading = ResponsesReading("sk-canary-1234567890")
    raw = [event if isinstance(event, bytes) else json.dumps(event).encode() for event in events]
    return [*(fact for event in raw for fact in reading.read(event)), *reading.last()]


def event(name: str, **fields: Any) -> dict[str, Any]:
    """An event."""
    return {"type": f"response.{name}", **fields}


def end(name: str = "completed", **fields: Any) -> dict[str, Any]:
    """The last event."""
    return event(name, response={"status": name, **fields})


def test_a_question_is_not_stored_and_its_thoughts_come_sealed() -> None:
    prompt = Prompt("gpt-5", (Turn("system", "Be brief."), *ASKED), reasoning=Reasoning(effort="low"))
    assert request_body(prompt, "auto") == (
        {
            "model": "gpt-5",
            "input": [{"role": "user", "content": "hello"}],
            "stream": True,
            "store": False,
            "instructions": "Be brief.",
            "include": ["reasoning.encrypted_content"],
            "reasoning": {"effort": "low", "summary": "auto"},
        },
        (),
    )


def test_models_that_do_not_reason_are_not_asked_about_it() -> None:
    body, dropped = request_body(Prompt("gpt-4o", ASKED, reasoning=Reasoning(effort="low")), "auto")
    assert not {"include", "reasoning"} & set(body)
    assert dropped == ("reasoning",)
    off, _ = request_body(Prompt("gpt-5.2", ASKED, reasoning=Reasoning(mode="off")), "auto")
    assert off["reasoning"] == {"effort": "none"}


def test_settings_have_other_names_here() -> None:
    schema = {"type": "json_schema", "json_schema": {"name": "x", "schema": {}}}
    wish = Sampling(temperature=0.5, max_tokens=3, seed=1, stop=("x",), response_format=schema)
    body, dropped = request_body(Prompt("gpt-4o", ASKED, wish), "")
    assert body["max_output_tokens"] == 16
    assert body["temperature"] == 0.5
    assert body["text"] == {"format": {"type": "json_schema", "name": "x", "schema": {}}}
    assert set(dropped) == {"seed", "stop"}
    assert "temperature" in request_body(Prompt("o3", ASKED, wish), "")[1]


def test_a_tool_loop_gives_the_thoughts_back() -> None:
    call = ToolCall("call_1", "weather", '{"city":"Bern"}')
    asked = Turn("assistant", "Let me see.", calls=(call,), thought_state=json.dumps([ITEM, {"type": "x"}]))
    turns = (*ASKED, asked, Turn("tool", "sunny", call_id="call_1"))
    tool = Tool("weather", "The weather.", {"type": "object"})
    body, _ = request_body(Prompt("gpt-5", turns, tools=(tool,), tool_choice="weather"), "auto")
    assert body["input"][1:] == [
        ITEM,
        {"role": "assistant", "content": "Let me see."},
        {"type": "function_call", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Bern"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "sunny"},
    ]
    assert body["tools"][0] == {
        "type": "function", "name": "weather", "description": "The weather.",
        "parameters": {"type": "object"}, "strict": False,
    }  # fmt: skip
    assert body["tool_choice"] == {"type": "function", "name": "weather"}


def test_pictures_go_in() -> None:
    turn = Turn("user", "see", images=(Image("image/png", b"\x89PNG"),))
    [item] = request_body(Prompt("gpt-5", (turn,)), "")[0]["input"]
    assert item["content"][1] == {"type": "input_image", "image_url": "data:image/png;base64,iVBORw=="}


def test_an_answer_with_thoughts_a_call_and_a_picture() -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": ""}
    usage = {
        "input_tokens": 9,
        "output_tokens": 8,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens_details": {"reasoning_tokens": 5},
    }
    said = facts_in(
        event("created", response={"status": "in_progress"}),
        event("reasoning_summary_part.added", summary_index=0),
        event("reasoning_summary_text.delta", delta="one", summary_index=0),
        event("reasoning_summary_part.added", summary_index=1),
        event("reasoning_text.delta", delta="two"),
        event("output_item.done", output_index=0, item=ITEM),
        event("output_text.delta", delta="hi"),
        event("refusal.delta", delta="no"),
        event("output_item.added", output_index=2, item=call),
        event("function_call_arguments.delta", output_index=2, delta="{}"),
        event("output_item.done", output_index=2, item={**call, "arguments": "{}"}),
        event("output_item.done", output_index=3, item={"type": "image_generation_call", "result": "aGk="}),
        end(usage=usage),
    )
    assert said == [
        ReasoningDelta("one"),
        ReasoningDelta("\n\n"),
        ReasoningDelta("two"),
        TextDelta("hi"),
        TextDelta("no"),
        ToolCallDelta(0, "c", "f"),
        ToolCallDelta(0, arguments="{}"),
        ImageOutput("image/png", b"hi"),
        UsageReport(9, 8, 5, 4),
        ThoughtState(json.dumps([ITEM])),
        Finished("tool_calls"),
    ]


def test_arguments_that_only_come_whole() -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    said = facts_in(event("output_item.done", output_index=0, item=item), end())
    assert said[:2] == [ToolCallDelta(0, "c", "f"), ToolCallDelta(0, arguments="{}")]


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        (end(), "stop"),
        (end("incomplete", incomplete_details={"reason": "max_output_tokens"}), "length"),
        (end("incomplete", incomplete_details={"reason": "content_filter"}), "content_filter"),
    ],
)
def test_reasons(last: dict[str, Any], reason: str) -> None:
    assert facts_in(last) == [Finished(reason)]


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (end("failed", error={"code": "rate_limit_exceeded", "message": "slow down"}), "rate_limit"),
        ({"type": "error", "code": "context_length_exceeded", "message": "…"}, "context_length"),
        ({"error": {"message": "no key", "code": "invalid_api_key"}}, "authentication"),
        (end("cancelled"), "incomplete"),
        (event("output_text.done", text="said"), "incomplete"),
        (b"not json", "malformed"),
    ],
)
def test_what_is_no_end(last: dict[str, Any] | bytes, code: str) -> None:
    with pytest.raises(ProviderError) as failed:
        facts_in(event("output_text.delta", delta="said"), last)
    assert failed.value.code == code


def test_a_whole_answer_and_a_broken_text() -> None:
    message = {"type": "message", "content": [{"type": "output_text", "text": "hi"}]}
    thought = {"type": "reasoning", "summary": [{"text": "hm"}]}
    whole = {"object": "response", "status": "completed", "output": [thought, message], "usage": None}
    assert facts_in(whole) == [ReasoningDelta("hm"), TextDelta("hi"), Finished("stop")]
    lone = b'{"type":"response.output_text.delta","delta":"a\\ud83d"}'
    assert facts_in(lone, end())[0] == TextDelta("a\ufffd")
