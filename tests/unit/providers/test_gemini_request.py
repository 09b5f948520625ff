"""A prompt in Gemini's words."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from parley.providers.base import Image, Prompt, ProviderError, Tool, ToolCall, Turn
from parley.providers.gemini import path_of
from parley.providers.gemini_request import NO_SIGNATURE, OWN_ID, request_body
from parley.providers.gemini_thinking import generation, thinking_config
from parley.providers.sampling import Reasoning, Sampling

USER = Turn("user", "hello")


def prompt(*turns: Turn, model: str = "gemini-2.5-flash", **more: Any) -> Prompt:
    """A prompt that ends with these turns."""
    return Prompt(model, turns or (USER,), **more)


def body_of(*turns: Turn, **more: Any) -> dict[str, Any]:
    """The JSON of a request."""
    return request_body(prompt(*turns, **more))[0]


def test_turns_are_contents_and_neighbours_are_merged() -> None:
    body = body_of(
        Turn("system", "Be kind."), Turn("user", "a"), Turn("user", "b"), Turn("assistant", "c"), USER
    )
    assert body["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    assert body["contents"] == [
        {"role": "user", "parts": [{"text": "a"}, {"text": "b"}]},
        {"role": "model", "parts": [{"text": "c"}]},
        {"role": "user", "parts": [{"text": "hello"}]},
    ]


def test_the_last_turn_is_never_the_models() -> None:
    contents = body_of(USER, Turn("assistant", "half"))["contents"]
    assert [content["role"] for content in contents] == ["user", "model", "user"]
    assert contents[-1]["parts"][0]["text"].startswith("Continue your last answer")


def test_a_prompt_without_a_question_still_has_contents() -> None:
    body = body_of(Turn("system", "Speak."))
    assert body == body_of(Turn("user", "Speak."))


def test_pictures_go_as_bytes_or_as_an_https_address() -> None:
    picture = Image("image/png", b"\x89PNG")
    linked = Image("image/jpeg", url="https://example.org/a.jpg")
    inside = Image("image/webp", url="data:image/webp;base64,QUJD")
    parts = body_of(Turn("user", "look", (picture, linked, inside)))["contents"][0]["parts"]
    assert parts == [
        {"text": "look"},
        {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(b"\x89PNG").decode()}},
        {"fileData": {"mimeType": "image/jpeg", "fileUri": "https://example.org/a.jpg"}},
        {"inlineData": {"mimeType": "image/webp", "data": "QUJD"}},
    ]
    with pytest.raises(ProviderError, match="only from https") as caught:
        body_of(Turn("user", "look", (Image("image/png", url="http://10.0.0.1/a.png"),)))
    assert caught.value.code == "invalid_request"


def test_tools_calls_and_their_answers() -> None:
    tool = Tool("weather", "Looks outside.", {"type": "object", "properties": {"city": {"type": "string"}}})
    calls = (
        ToolCall("id1", "weather", '{"city":"Kyiv"}', state="c2ln"),
        ToolCall(f"{OWN_ID}2", "weather", "no"),
    )
    answers = (Turn("tool", '{"t":7}', call_id="id1", name="weather"), Turn("tool", "rain", name="weather"))
    body = body_of(USER, Turn("assistant", "", calls=calls), *answers, tools=(tool,), tool_choice="weather")
    assert body["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == tool.schema
    assert body["toolConfig"] == {
        "functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["weather"]}
    }
    assert body["contents"][1:] == [
        {
            "role": "model",
            "parts": [
                {
                    "functionCall": {"name": "weather", "args": {"city": "Kyiv"}, "id": "id1"},
                    "thoughtSignature": "c2ln",
                },
                {"functionCall": {"name": "weather", "args": {"arguments": "no"}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "weather", "response": {"t": 7}, "id": "id1"}},
                {"functionResponse": {"name": "weather", "response": {"result": "rain"}}},
            ],
        },
    ]


def test_only_signatures_of_its_own_go_back_and_gemini_3_gets_a_stand_in() -> None:
    call = ToolCall("a", "f", "{}", state='[{"type":"thinking"}]')
    turn = Turn("assistant", "I look.", calls=(call, call), thought_state='{"not":"ours"}')
    model = body_of(USER, turn, model="gemini-3-flash-preview")["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in model] == [None, NO_SIGNATURE, None]
    mine = Turn("assistant", "I look.", calls=(call,), thought_state="c2ln")
    parts = body_of(USER, mine)["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in parts] == ["c2ln", None]


def test_sampling_is_generation_config() -> None:
    sampling = Sampling(
        temperature=0.5, top_p=0.9, top_k=40, max_tokens=100, stop=("END",), seed=7, presence_penalty=1.0
    )
    body, dropped = request_body(prompt(model="gemini-2.0-flash", sampling=sampling))
    assert dropped == ()
    assert body["generationConfig"] == {
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 40,
        "maxOutputTokens": 100,
        "stopSequences": ("END",),
        "seed": 7,
        "presencePenalty": 1.0,
    }


@pytest.mark.parametrize(
    ("model", "dropped"),
    [
        ("gemini-2.5-pro", ("presence_penalty",)),
        ("gemini-3.8-flash", ("temperature", "presence_penalty")),
        ("gemini-flash-latest", ("temperature", "presence_penalty")),
        ("gemma-3-27b-it", ()),
    ],
)
def test_what_a_model_refuses_is_dropped(model: str, dropped: tuple[str, ...]) -> None:
    sampling = Sampling(temperature=0.5, presence_penalty=1.0)
    assert request_body(prompt(model=model, sampling=sampling))[1] == dropped


def test_json_output() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    config = body_of(model="gemini-2.0-flash", sampling=Sampling(response_format=form))["generationConfig"]
    assert config == {"responseMimeType": "application/json", "responseJsonSchema": schema}
    tools = (Tool("f", "", {}),)
    assert request_body(prompt(tools=tools, sampling=Sampling(response_format=form)))[1] == (
        "response_format",
    )


@pytest.mark.parametrize(
    ("model", "wanted", "config", "missed"),
    [
        ("gemini-2.5-flash", Reasoning(), {}, False),
        ("gemini-2.5-flash", Reasoning(mode="off"), {"thinkingBudget": 0}, False),
        ("gemini-2.5-pro", Reasoning(mode="off"), {"thinkingBudget": 128}, True),
        ("gemini-2.5-flash-lite", Reasoning(mode="on"), {"thinkingBudget": -1}, False),
        ("gemini-2.5-flash", Reasoning(effort="low"), {"thinkingBudget": 1024}, False),
        ("gemini-2.5-flash-lite", Reasoning(budget=9), {"thinkingBudget": 512}, False),
        ("gemini-3-flash-preview", Reasoning(effort="max"), {"thinkingLevel": "high"}, False),
        ("gemini-3-pro-preview", Reasoning(effort="medium"), {"thinkingLevel": "high"}, False),
        ("gemini-3.8-flash", Reasoning(mode="off"), {"thinkingLevel": "low"}, True),
        ("gemini-3.5-flash", Reasoning(mode="off"), {"thinkingLevel": "minimal"}, True),
        ("gemini-3.1-pro", Reasoning(budget=2000), {"thinkingLevel": "medium"}, True),
        ("gemini-3-pro-image-preview", Reasoning(), {}, False),
    ],
)
def test_thinking(model: str, wanted: Reasoning, config: dict[str, Any], missed: bool) -> None:
    shown = {"includeThoughts": wanted.mode != "off"}
    assert thinking_config(model, wanted) == (config | shown, ("reasoning",) if missed else ())


@pytest.mark.parametrize("model", ["gemini-2.0-flash", "gemini-2.5-flash-image", "gemma-3-27b-it"])
def test_a_model_that_does_not_think_is_not_told_to(model: str) -> None:
    assert thinking_config(model, Reasoning(mode="off")) == ({}, ())
    assert thinking_config(model, Reasoning()) == ({}, ())
    assert thinking_config(model, Reasoning(effort="high")) == ({}, ("reasoning",))


def test_versions_and_paths() -> None:
    assert generation("models/gemini-2.5-pro") == (2, 5)
    assert generation("gemini-3-pro-preview") == (3, 0)
    assert generation("learnlm-2.0") == (0, 0)
    assert path_of("gemini-2.5-pro") == "models/gemini-2.5-pro"
    assert path_of("tunedModels/a b") == "tunedModels/a%20b"
