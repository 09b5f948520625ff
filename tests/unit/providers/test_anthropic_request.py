"""What is sent to Anthropic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from parley.providers.anthropic_messages import state_of
from parley.providers.anthropic_request import request_of
from parley.providers.base import Image, Prompt, Tool, ToolCall, Turn
from parley.providers.native import GO_ON
from parley.providers.sampling import Reasoning, Sampling

OLD, FREE, NEW, ALWAYS = "claude-haiku-4-5", "claude-sonnet-4-6", "claude-opus-5", "claude-opus-5-5"
HI = Turn("user", "hi")
TOOL = Tool("clock", "The time.", {"properties": {"zone": {"type": "string"}}})
CALL = ToolCall("toolu_1", "clock", '{"zone":"UTC"}')
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": "c2lnbmVk"}
USED = {"type": "tool_use", "id": "toolu_1", "name": "clock", "input": {"zone": "UTC"}}


def body_of(model: str, *turns: Turn, **more: Any) -> dict[str, Any]:
    """The body for these turns."""
    return request_of(Prompt(model, turns or (HI,), **more)).body


def dropped(model: str, **more: Any) -> tuple[str, ...]:
    """What is left out."""
    return request_of(Prompt(model, (HI,), **more)).dropped


def unmarked(messages: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Roles and blocks without the marks for the cache."""
    strip = {"cache_control"}
    return [
        (each["role"], [{k: v for k, v in b.items() if k not in strip} for b in each["content"]])
        for each in messages
    ]


def text(words: str) -> dict[str, str]:
    """A block of text."""
    return {"type": "text", "text": words}


def test_roles_alternate_and_the_system_prompt_stands_apart() -> None:
    turns = (
        Turn("system", "Be brief."),
        HI,
        Turn("user", "there"),
        Turn("assistant", "Yes?"),
        Turn("user", "So"),
    )
    body = body_of(NEW, *turns)
    assert body["system"][0]["text"] == "Be brief."
    assert unmarked(body["messages"]) == [
        ("user", [text("hi"), text("there")]),
        ("assistant", [text("Yes?")]),
        ("user", [text("So")]),
    ]


def test_blank_turns_are_left_out_and_an_answer_is_never_first() -> None:
    body = body_of(NEW, Turn("assistant", "Hello!"), Turn("user", " \n"), Turn("assistant", "?"), HI)
    assert unmarked(body["messages"]) == [
        ("user", [text("…")]),
        ("assistant", [text("Hello!"), text("?")]),
        ("user", [text("hi")]),
    ]
    assert "system" not in body_of(NEW, Turn("system", " "), HI)


def test_pictures_stand_before_the_words() -> None:
    pictures = (Image("image/png", b"\x89PNG"), Image("image/jpeg", url="https://example.org/a.jpg"))
    content = unmarked(body_of(NEW, Turn("user", "What?", images=pictures))["messages"])[0][1]
    assert content == [
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw=="}},
        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.jpg"}},
        text("What?"),
    ]


def test_results_of_tools_come_in_one_turn_of_the_user() -> None:
    calls = (CALL, ToolCall("call:2", "clock", "not json"))
    turns = (HI, Turn("assistant", "", calls=calls), Turn("tool", "12:00", call_id="toolu_1"))
    body = body_of(OLD, *turns, Turn("tool", "", call_id="call:2"), tools=(TOOL,))
    assert unmarked(body["messages"])[1:] == [
        ("assistant", [USED, {**USED, "id": "call_2", "input": {"arguments": "not json"}}]),
        (
            "user",
            [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [text("12:00")]},
                {"type": "tool_result", "tool_use_id": "call_2"},
            ],
        ),
    ]
    schema = {"type": "object", "properties": {"zone": {"type": "string"}}}
    assert body["tools"][0]["input_schema"] == schema


@pytest.mark.parametrize(
    ("model", "choice", "sent", "left_out"),
    [
        (OLD, "", None, ()),
        (OLD, "none", {"type": "none"}, ()),
        (OLD, "required", {"type": "any"}, ()),
        (NEW, "clock", {"type": "tool", "name": "clock"}, ()),
        (ALWAYS, "clock", None, ("tool_choice",)),
        ("claude-sonnet-5-5", "required", None, ("tool_choice",)),
        (ALWAYS, "none", {"type": "none"}, ()),
    ],
)
def test_tools_are_chosen_where_the_model_can_be_told(
    model: str, choice: str, sent: object, left_out: tuple[str, ...]
) -> None:
    request = request_of(Prompt(model, (HI,), tools=(TOOL,), tool_choice=choice))
    assert request.body.get("tool_choice") == sent
    assert request.dropped == left_out
    if choice == "clock" and sent:  # which excludes thinking
        assert request.body["thinking"] == {"type": "disabled"}


def loop(state: str, *before: Turn) -> tuple[Turn, ...]:
    """A tool loop that waits for its next step."""
    asked = Turn("assistant", "I look.", calls=(CALL,), reasoning="Hm.", thought_state=state)
    return (*before, HI, asked, Turn("tool", "12:00", call_id="toolu_1"))


def test_signed_thoughts_go_back_as_they_came_within_their_loop_only() -> None:
    state = state_of(NEW, [THOUGHT, text("I look."), text(" "), USED])
    first = (*loop(state), Turn("assistant", "Noon."))
    messages = unmarked(body_of(NEW, *loop(state, *first), tools=(TOOL,))["messages"])
    assert messages[1] == ("assistant", [text("I look."), USED])
    assert messages[5] == ("assistant", [THOUGHT, text("I look."), USED])


@pytest.mark.parametrize(
    "state",
    ["", "not json", "[1]", '{"model":"x"}', state_of("other", [THOUGHT, USED]), state_of(OLD, [THOUGHT])],
)
def test_thoughts_that_do_not_belong_here_stay_away_and_so_does_thinking(state: str) -> None:
    request = request_of(Prompt(OLD, loop(state), tools=(TOOL,), reasoning=Reasoning(mode="on")))
    assert unmarked(request.body["messages"])[1] == ("assistant", [text("I look."), USED])
    assert "thinking" not in request.body
    assert request.dropped == ("reasoning",)
    good = state_of(OLD, [THOUGHT, text("I look."), USED])
    assert "thinking" in body_of(OLD, *loop(good), tools=(TOOL,), reasoning=Reasoning(mode="on"))


@pytest.mark.parametrize(
    ("model", "asked", "thinking", "effort", "left_out"),
    [
        (OLD, Reasoning(), None, None, ()),
        (OLD, Reasoning(mode="on"), {"type": "enabled", "budget_tokens": 10_000}, None, ()),
        (OLD, Reasoning(effort="max"), {"type": "enabled", "budget_tokens": 27_904}, None, ()),
        (OLD, Reasoning(budget=40_000), {"type": "enabled", "budget_tokens": 40_000}, None, ()),
        (OLD, Reasoning(budget=5), {"type": "enabled", "budget_tokens": 1024}, None, ()),
        (OLD, Reasoning(mode="off"), {"type": "disabled"}, None, ()),
        ("claude-3-haiku", Reasoning(mode="off"), None, None, ()),
        ("claude-3-haiku", Reasoning(effort="low"), None, None, ("reasoning",)),
        (FREE, Reasoning(), None, None, ()),
        (FREE, Reasoning(effort="xhigh"), {"type": "adaptive"}, "high", ()),
        (FREE, Reasoning(budget=2000), {"type": "adaptive"}, None, ("reasoning_budget",)),
        (NEW, Reasoning(), {"type": "adaptive", "display": "summarized"}, None, ()),
        (NEW, Reasoning(effort="minimal"), {"type": "adaptive", "display": "summarized"}, "low", ()),
        (NEW, Reasoning(mode="off", effort="max"), {"type": "disabled"}, None, ()),
        ("claude-sonnet-5-5", Reasoning(mode="off"), {"type": "between_tools"}, None, ()),
        (ALWAYS, Reasoning(mode="off"), {"type": "adaptive", "display": "summarized"}, "low", ("reasoning",)),
        ("glm-5", Reasoning(effort="low"), {"type": "enabled", "budget_tokens": 4096}, None, ()),
    ],
)
def test_thinking_is_asked_for_as_the_model_demands(
    model: str, asked: Reasoning, thinking: object, effort: str | None, left_out: tuple[str, ...]
) -> None:
    request = request_of(Prompt(model, (HI,), reasoning=asked))
    assert request.body.get("thinking") == thinking
    assert request.body.get("output_config", {}).get("effort") == effort
    assert request.dropped == left_out
    if isinstance(thinking, dict) and "budget_tokens" in thinking:
        assert thinking["budget_tokens"] < request.body["max_tokens"] <= 64_000


def test_a_budget_that_does_not_fit_into_the_answer_is_no_thinking() -> None:
    prompt = Prompt(OLD, (HI,), sampling=Sampling(max_tokens=1500), reasoning=Reasoning(mode="on"))
    request = request_of(prompt)
    assert "thinking" not in request.body
    assert request.dropped == ("reasoning",)


@pytest.mark.parametrize(
    ("model", "given", "sent", "left_out"),
    [
        (OLD, {"temperature": 0.5, "top_k": 7}, {"temperature": 0.5, "top_k": 7}, ()),
        (OLD, {"temperature": 0.5, "top_p": 0.9}, {"temperature": 0.5}, ("top_p",)),
        (OLD, {"temperature": 1.5}, {}, ("temperature",)),
        ("glm-5", {"temperature": 1.5, "top_p": 0.9}, {"temperature": 1.5, "top_p": 0.9}, ()),
        (NEW, {"temperature": 1, "top_p": 1, "top_k": 1}, {}, ("temperature", "top_p", "top_k")),
        (OLD, {"seed": 1, "presence_penalty": 1.0}, {}, ("presence_penalty", "seed")),
        (NEW, {"stop": ("END", " ")}, {"stop_sequences": ["END"]}, ()),
        (NEW, {"response_format": {"type": "text"}}, {}, ()),
        (NEW, {"response_format": {"type": "json_object"}}, {}, ("response_format",)),
    ],
)
def test_sampling_is_sent_where_it_is_taken(
    model: str, given: dict[str, Any], sent: dict[str, Any], left_out: tuple[str, ...]
) -> None:
    request = request_of(Prompt(model, (HI,), sampling=Sampling(**given)))
    names = ("temperature", "top_p", "top_k", "stop_sequences", "output_config")
    assert {name: request.body[name] for name in names if name in request.body} == sent
    assert request.dropped == left_out


def test_thinking_leaves_only_a_high_top_p() -> None:
    thinks = Reasoning(mode="on")
    assert dropped(OLD, sampling=Sampling(temperature=1, top_k=3, top_p=0.5), reasoning=thinks) == (
        "temperature",
        "top_p",
        "top_k",
    )
    assert body_of(FREE, HI, sampling=Sampling(top_p=0.97), reasoning=thinks)["top_p"] == 0.97


def test_a_schema_and_an_effort_share_their_place() -> None:
    shape = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    body = body_of(NEW, HI, sampling=Sampling(response_format=shape), reasoning=Reasoning(effort="low"))
    form = {"type": "json_schema", "schema": {"type": "object"}}
    assert body["output_config"] == {"format": form, "effort": "low"}
    assert dropped("claude-opus-4", sampling=Sampling(response_format=shape)) == ("response_format",)


@pytest.mark.parametrize(
    ("model", "more", "limit"),
    [
        (NEW, {}, 32_000),
        ("claude-3-opus", {}, 4096),
        ("glm-5", {}, 8192),
        (NEW, {"room": 900}, 900),
        (NEW, {"sampling": Sampling(max_tokens=77), "room": 900}, 77),
        (OLD, {"reasoning": Reasoning(budget=30_000)}, 46_000),
    ],
)
def test_there_is_always_a_limit(model: str, more: dict[str, Any], limit: int) -> None:
    assert body_of(model, HI, **more)["max_tokens"] == limit


def test_going_on_is_asked_for_in_words_where_models_do_not_do_it_by_themselves() -> None:
    turns = (HI, Turn("assistant", "Once upon "))
    assert unmarked(body_of(OLD, *turns)["messages"])[-1] == ("assistant", [text("Once upon")])
    asked = ("user", [text(GO_ON)])
    assert unmarked(body_of(FREE, *turns)["messages"])[-1] == asked
    assert unmarked(body_of("kimi-k2", *turns)["messages"])[-1] == asked
    thinking = body_of(OLD, *turns, reasoning=Reasoning(mode="on"))
    assert unmarked(thinking["messages"])[-1] == asked


def test_the_stable_start_and_the_last_two_turns_are_marked_for_the_cache() -> None:
    turns = [HI, Turn("assistant", "Yes?"), Turn("user", "a"), Turn("assistant", "b"), Turn("user", "c")]
    body = body_of(NEW, Turn("system", "S"), *turns, tools=(TOOL,))
    marked = [each["content"][-1].get("cache_control") for each in body["messages"]]
    assert marked == [None, None, {"type": "ephemeral"}, None, {"type": "ephemeral"}]
    assert body["system"][-1]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in body["tools"][-1]
    assert "cache_control" in body_of(NEW, HI, tools=(TOOL,))["tools"][-1]
    assert json.dumps(body).count("cache_control") <= 4
