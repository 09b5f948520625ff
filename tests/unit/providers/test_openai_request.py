"""Prompts in the form of Chat Completions."""

from __future__ import annotations

from typing import Any

import pytest

from parley.providers.base import Image, Prompt, Target, Tool, ToolCall, Turn
from parley.providers.exchange import headers_for, laid_over, secrets_of
from parley.providers.openai_request import request_body
from parley.providers.presets import PRESETS, WANTS_REASONING_BACK
from parley.providers.sampling import Reasoning, Sampling

EVERYTHING = Sampling(
    temperature=0.5,
    top_p=0.9,
    top_k=40,
    presence_penalty=0.1,
    frequency_penalty=0.2,
    max_tokens=100,
    stop=("END",),
    seed=7,
    response_format={"type": "json_object"},
)
ASKED = (Turn("user", "hello"),)


def body_of(prompt: Prompt, preset: str = "") -> dict[str, Any]:
    """The request under the quirks of a preset."""
    return request_body(prompt, PRESETS.get(preset).quirks if preset else frozenset())[0]


def dropped(model: str, preset: str = "", **wish: Any) -> set[str]:
    """What is left out of everything."""
    prompt = Prompt(model, ASKED, EVERYTHING, **wish)
    return set(request_body(prompt, PRESETS.get(preset).quirks if preset else frozenset())[1])


def test_a_plain_question() -> None:
    assert body_of(Prompt("m", (Turn("system", "Be brief."), *ASKED))) == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert "stream_options" not in body_of(Prompt("m", ASKED, stream=False))
    assert "stream_options" not in body_of(Prompt("m", ASKED), "baichuan")


def test_pictures_are_addresses_or_data() -> None:
    images = (Image("image/png", b"\x89PNG"), Image("image/jpeg", url="https://example.org/a.jpg"))
    [message] = body_of(Prompt("m", (Turn("user", "see", images=images),)))["messages"]
    assert message["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.jpg"}},
    ]


def test_a_tool_loop() -> None:
    call = ToolCall("c1", "weather", '{"city":"Bern"}', '{"google":{"thought_signature":"s"}}')
    turns = (
        *ASKED,
        Turn("assistant", "", calls=(call,), reasoning="hm"),
        Turn("tool", "sunny", call_id="c1"),
    )
    tool = Tool("weather", "The weather.", {"type": "object"})
    prompt = Prompt("m", turns, tools=(tool,), tool_choice="weather")
    body = request_body(prompt, {WANTS_REASONING_BACK})[0]
    function = {"name": "weather", "arguments": '{"city":"Bern"}'}
    extra = {"google": {"thought_signature": "s"}}
    assert body["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": function, "extra_content": extra}],
            "reasoning_content": "hm",
        },
        {"role": "tool", "tool_call_id": "c1", "content": "sunny"},
    ]
    assert body["tools"][0]["function"]["parameters"] == {"type": "object"}
    assert body["tool_choice"] == {"type": "function", "function": {"name": "weather"}}
    assert "reasoning_content" not in request_body(prompt)[0]["messages"][1]


def test_details_of_another_vendor_do_not_go_to_openrouter() -> None:
    call = ToolCall("c1", "weather", "{}")
    for state, goes in (
        ('[{"type":"reasoning.text","text":"hm"}]', True),
        ('[{"type":"thinking","signature":"x"}]', False),
        ("no json", False),
    ):
        turns = (*ASKED, Turn("assistant", "", calls=(call,), thought_state=state))
        message = body_of(Prompt("m", turns), "openrouter")["messages"][1]
        assert ("reasoning_details" in message) is goes


@pytest.mark.parametrize(
    ("model", "preset", "left_out"),
    [
        ("gpt-4o", "", {"top_k"}),
        ("llama-4", "vllm", set()),
        ("gpt-5", "", {"temperature", "top_p", "presence_penalty", "frequency_penalty", "stop", "top_k"}),
        ("kimi-k3", "kimi", {"temperature", "top_p", "presence_penalty", "frequency_penalty", "top_k"}),
        ("moonshot-v1-8k", "kimi", {"top_k"}),
        ("deepseek-v4-pro", "deepseek", {"temperature", "presence_penalty", "frequency_penalty", "top_k"}),
    ],
)
def test_what_a_model_does_not_take_is_left_out(model: str, preset: str, left_out: set[str]) -> None:
    assert dropped(model, preset) == left_out


def test_thinking_off_gives_the_settings_back() -> None:
    off = Reasoning(mode="off")
    assert dropped("deepseek-v4-pro", "deepseek", reasoning=off) == {"top_k"}
    assert not dropped("gpt-5.2", reasoning=off) & {"temperature", "top_p"}
    assert "reasoning" in dropped("o3", reasoning=off)


@pytest.mark.parametrize(
    ("model", "preset", "name"),
    [
        ("gpt-4o", "", "max_tokens"),
        ("gpt-5", "", "max_completion_tokens"),
        ("gpt-5-chat-latest", "", "max_completion_tokens"),
        ("openai/gpt-5", "openrouter", "max_tokens"),
        ("kimi-k2.5", "kimi", "max_completion_tokens"),
    ],
)
def test_the_limit_has_the_name_the_model_knows(model: str, preset: str, name: str) -> None:
    body = body_of(Prompt(model, ASKED, Sampling(max_tokens=5)), preset)
    assert {key for key in body if key.startswith("max_")} == {name}


def test_a_temperature_above_the_scale_is_left_out() -> None:
    hot = Prompt("glm-4.6", ASKED, Sampling(temperature=1.5))
    assert request_body(hot, PRESETS.get("zhipu").quirks)[1] == ("temperature",)
    assert "temperature" not in body_of(hot, "zhipu")


def test_models_that_draw_are_asked_to() -> None:
    assert body_of(Prompt("google/gemini-3-pro-image", ASKED), "openrouter")["modalities"] == [
        "image",
        "text",
    ]
    assert "modalities" not in body_of(Prompt("google/gemini-3-pro", ASKED), "openrouter")


def test_an_administrators_fields_lie_over_the_request() -> None:
    body = {"model": "m", "stream_options": {"include_usage": True}, "seed": 1, "messages": []}
    over: dict[str, Any] = {
        "seed": None,
        "stream_options": {"x": 1},
        "user": "p",
        "model": "other",
        "messages": [1],
        "a": {"b": {}},
    }
    assert laid_over(body, over) == {
        "model": "m",
        "stream_options": {"include_usage": True, "x": 1},
        "messages": [],
        "user": "p",
        "a": {"b": {}},
    }


def test_headers_carry_the_key_as_the_target_says() -> None:
    def headers(**given: Any) -> dict[str, str]:
        return headers_for(Target("https://x", "sk-secret", **given), "bearer", "api-key")

    assert headers()["authorization"] == "Bearer sk-secret"
    assert headers(auth="header")["api-key"] == "sk-secret"
    assert headers(auth="header", auth_header="X-Key")["x-key"] == "sk-secret"
    assert "sk-secret" not in headers(auth="none").values()
    more = headers(headers={"X-Team": "blue", "Host": "evil", "Accept-Encoding": "br"})
    assert more["x-team"] == "blue"
    assert "host" not in more
    assert more["accept-encoding"] == "identity"
    assert secrets_of(Target("https://x", "sk-secret", headers={"X-Pass": "hunter22", "X-N": "1"})) == (
        "sk-secret",
        "hunter22",
    )
