"""Ollama's own words, there and back."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parley.lib.http import HttpClient
from parley.providers import ollama
from parley.providers.base import (
    Dropped,
    Finished,
    Image,
    ImageOutput,
    ModelInfo,
    Prompt,
    ProviderError,
    ReasoningDelta,
    Target,
    TextDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    Turn,
    UsageReport,
)
from parley.providers.ollama import CONTEXT_OPTION, OllamaProvider, info_of
from parley.providers.ollama_reading import OllamaReading, refused
from parley.providers.ollama_request import EASY_CONTEXT, context_of, request_body
from parley.providers.sampling import Reasoning, Sampling
from tests.unit.providers.scripted import heard, scripted, streamed, whole
from tests.upstream.wire import Reply, Request

NDJSON = "application/x-ndjson"
USER = Turn("user", "hello")
HEAD = {"model": "qwen3", "created_at": "2026-11-21T06:00:00.1Z"}
# docs.ollama.com/api/chat and /capabilities/thinking: thoughts, text, the line that is done.
LINES: list[dict[str, Any]] = [
    {**HEAD, "message": {"role": "assistant", "content": "", "thinking": "Hm."}, "done": False},
    {**HEAD, "message": {"role": "assistant", "content": "你好 "}, "done": False},
    {**HEAD, "message": {"role": "assistant", "content": "🙂"}, "done": False},
    {
        **HEAD,
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": "stop",
        "total_duration": 4883583458,
        "prompt_eval_count": 26,
        "eval_count": 282,
    },
]
FACTS = [ReasoningDelta("Hm."), TextDelta("你好 "), TextDelta("🙂"), UsageReport(26, 282), Finished("stop")]


def nd(*lines: Any) -> bytes:
    """Lines of JSON."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def prompt(*turns: Turn, model: str = "qwen3", **more: Any) -> Prompt:
    """A prompt that ends with these turns."""
    return Prompt(model, turns or (USER,), **more)


def body_of(*turns: Turn, **more: Any) -> dict[str, Any]:
    """The JSON of a request."""
    return request_body(prompt(*turns, **more))[0]


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """A client of this loop."""
    client = HttpClient()
    yield client
    await client.aclose()


# --- what is sent


def test_turns_pictures_and_tools() -> None:
    picture = Image("image/png", b"\x89PNG")
    call = ToolCall("call_1", "weather", '{"city":"Kyiv"}')
    asked = Turn("assistant", "", calls=(call,), reasoning="Look.")
    answer = Turn("tool", "rain", call_id="call_1", name="weather")
    tool = Tool("weather", "Looks outside.", {"type": "object", "properties": {}})
    body = body_of(Turn("system", "Be kind."), Turn("user", "here", (picture,)), asked, answer, tools=(tool,))
    assert body["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "here", "images": [base64.b64encode(b"\x89PNG").decode()]},
        {
            "role": "assistant",
            "content": "",
            "thinking": "Look.",
            "tool_calls": [{"function": {"name": "weather", "arguments": {"city": "Kyiv"}}}],
        },
        {"role": "tool", "content": "rain", "tool_name": "weather"},
    ]
    assert body["tools"][0]["function"]["parameters"] == tool.schema
    assert "tools" not in body_of(tools=(tool,), tool_choice="none")
    assert request_body(prompt(tools=(tool,), tool_choice="required"))[1] == ("tool_choice",)


def test_a_picture_that_is_only_an_address_is_refused_in_plain_words() -> None:
    with pytest.raises(ProviderError, match="no pictures from the web") as caught:
        body_of(Turn("user", "look", (Image("image/png", url="https://example.org/a.png"),)))
    assert caught.value.code == "invalid_request"


def test_going_on_is_asked_for_in_words() -> None:
    messages = body_of(USER, Turn("assistant", "half"))["messages"]
    assert messages[-1]["role"] == "user"
    assert messages[-1]["content"].startswith("Continue your last answer")


def test_sampling_is_options() -> None:
    sampling = Sampling(
        temperature=0.5, top_p=0.9, top_k=40, max_tokens=100, stop=("END",), seed=7, presence_penalty=1.0
    )
    body, dropped = request_body(prompt(sampling=sampling, context_window=8192))
    assert dropped == ()
    assert body["options"] == {
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "num_predict": 100,
        "stop": ("END",),
        "seed": 7,
        "presence_penalty": 1.0,
        "num_ctx": 8192,
    }
    assert "options" not in body_of()


def test_the_window_grows_with_the_prompt_and_not_beyond_the_model() -> None:
    long = Turn("user", "word " * 20_000)
    assert context_of(prompt()) == 0
    assert context_of(prompt(context_window=131_072)) == EASY_CONTEXT
    assert context_of(prompt(long, context_window=131_072)) == 2 * EASY_CONTEXT
    assert context_of(prompt(long, context_window=40_960)) == 40_960
    assert context_of(prompt(long, context_window=131_072), longest=16_384) == 16_384


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ({"type": "json_object"}, "json"),
        ({"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}, {"type": "object"}),
        ({"type": "text"}, None),
    ],
)
def test_json_output(form: dict[str, Any], sent: Any) -> None:
    assert body_of(sampling=Sampling(response_format=form)).get("format") == sent


@pytest.mark.parametrize(
    ("model", "wanted", "think", "missed"),
    [
        ("qwen3", Reasoning(), None, False),
        ("qwen3", Reasoning(mode="off"), False, False),
        ("qwen3", Reasoning(mode="on"), True, False),
        ("qwen3", Reasoning(effort="xhigh"), "high", False),
        ("qwen3", Reasoning(mode="on", budget=9), True, True),
        ("gpt-oss:20b", Reasoning(mode="on"), "medium", False),
        ("gpt-oss:20b", Reasoning(mode="off"), "low", True),
    ],
)
def test_thinking(model: str, wanted: Reasoning, think: Any, missed: bool) -> None:
    body, dropped = request_body(prompt(model=model, reasoning=wanted))
    assert (body.get("think"), dropped) == (think, ("reasoning",) if missed else ())


# --- what comes back


def read(*lines: Any) -> list[Any]:
    """The facts in these lines, to the end."""
    reading = OllamaReading(())
    return [fact for line in lines for fact in reading.read(json.dumps(line).encode())] + reading.last()


def test_lines_and_all_of_them_at_once_say_the_same() -> None:
    reading = OllamaReading(())
    assert read(*LINES) == FACTS
    assert reading.read(nd(*LINES)) + reading.last() == FACTS


def test_calls_come_whole_and_get_ids() -> None:
    calls = [
        {"function": {"name": "f", "arguments": {"a": [1]}}},
        {"id": "x", "function": {"name": "g", "arguments": '{"b":2}'}},
        {"function": {"name": "h"}},
    ]
    facts = read({"message": {"tool_calls": calls}}, LINES[-1])
    assert [(fact.index, fact.name, fact.arguments) for fact in facts[:3]] == [
        (0, "f", '{"a": [1]}'),
        (1, "g", '{"b":2}'),
        (2, "h", "{}"),
    ]
    assert facts[1] == ToolCallDelta(1, "x", "g", '{"b":2}')
    assert facts[0].id
    assert facts[0].id != facts[2].id
    assert facts[-1] == Finished("tool_calls")


def test_pictures_say_what_they_are_themselves() -> None:
    images = [base64.b64encode(each).decode() for each in (b"\x89PNG", b"\xff\xd8\xff", b"text")]
    facts = read({"message": {"images": [*images, "%"]}, "done": True, "done_reason": "length"})
    assert facts == [
        ImageOutput("image/png", b"\x89PNG"),
        ImageOutput("image/jpeg", b"\xff\xd8\xff"),
        Finished("length"),
    ]


@pytest.mark.parametrize(
    ("last", "code"),
    [
        (LINES[1], "incomplete"),
        ({"error": "an error was encountered while running the model"}, "server"),
        (
            {"error": "prompt too long; exceeded max context length by 4 tokens", "status": 400},
            "context_length",
        ),
        ({"error": "this model is missing data required for image input"}, "invalid_request"),
        (7, "malformed"),
    ],
)
def test_bad_ends(last: Any, code: str) -> None:
    with pytest.raises(ProviderError) as caught:
        read(LINES[1], last)
    assert caught.value.code == code


def test_odd_json_is_read_as_far_as_it_makes_sense() -> None:
    reading = OllamaReading(())
    assert reading.read(b'{"message":{"content":"a\\ud800","thinking":5},"done":"no"}') == [TextDelta("a�")]
    assert reading.read(b'{"message":[],"done":true,"eval_count":"many","prompt_eval_count":3}') == []
    assert reading.last() == [UsageReport(3, 0), Finished("stop")]


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (404, {"error": "model 'x' not found"}, "model_not_found"),
        (400, {"error": '"x" does not support tools'}, "invalid_request"),
        (400, {"error": '"x" does not support thinking'}, "invalid_request"),
        (500, {"error": "Failed to create new sequence: failed to process inputs"}, "invalid_request"),
        (500, {"error": "model requires more system memory (5.5 GiB) than is available"}, "server"),
        (503, {"error": "server busy, please try again. maximum pending requests exceeded"}, "overloaded"),
        (401, {"error": "unauthorized"}, "authentication"),
        (429, {"error": "you've reached your hourly usage limit"}, "rate_limit"),
        (502, None, "server"),
    ],
)
def test_refusals(status: int, body: Any, code: str) -> None:
    error = refused(status, {}, body, "", ())
    assert error.code == code
    assert body is None or body["error"].split('"')[-1].strip() in error.message


# --- over a wire


async def test_every_split_of_an_answer_says_the_same(http: HttpClient) -> None:
    body = nd(*LINES)
    for at in range(0, len(body), 7):
        async with scripted(streamed(NDJSON, *(each for each in (body[:at], body[at:]) if each))) as server:
            assert await heard(OllamaProvider(Target(server.url, ""), http), prompt()) == (FACTS, None), at


async def test_the_request_is_what_ollama_documents(http: HttpClient) -> None:
    answers = (streamed(NDJSON, nd(*LINES)), whole(200, json.dumps(LINES[-1] | {"message": {}}).encode()))
    async with scripted(*answers) as server:
        target = Target(server.url + "/", "sk-unused", body={"model": "other", "keep_alive": "30m"})
        provider = OllamaProvider(target, http)
        await heard(provider, prompt(context_window=4096))
        facts, _ = await heard(provider, prompt(stream=False))
        await heard(OllamaProvider(Target(server.url, "sk-1", auth="bearer"), http), prompt(stream=False))
    first, second, third = server.requests
    assert first.path == "/api/chat"
    assert "authorization" not in first.headers
    assert first.json() == {
        "model": "qwen3",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "options": {"num_ctx": 4096},
        "keep_alive": "30m",
    }
    assert second.json()["stream"] is False
    assert facts == [UsageReport(26, 282), Finished("stop")]
    assert third.headers["authorization"] == "Bearer sk-1"
    assert server.connections == 1, "the connection was not used again"


async def test_a_last_line_without_an_end_counts_and_half_a_line_does_not(http: HttpClient) -> None:
    asked = prompt(reasoning=Reasoning(budget=5))
    for body, code in ((nd(*LINES)[:-1], None), (nd(*LINES)[:-9], "incomplete")):
        async with scripted(streamed(NDJSON, body)) as server:
            facts, error = await heard(OllamaProvider(Target(server.url, ""), http), asked)
        assert facts[:4] == [Dropped(("reasoning",)), *FACTS[:3]]
        assert (error and error.code) == code


async def test_closing_closes_the_request_at_once(http: HttpClient) -> None:
    async with scripted(streamed(NDJSON, nd(LINES[1]), ends=False)) as server:
        stream = OllamaProvider(Target(server.url, ""), http).stream(prompt())
        assert await anext(stream) == TextDelta("你好 ")
        await stream.aclose()  # type: ignore[attr-defined]
        await server.gone.wait()


async def test_a_model_that_cannot_think_is_asked_without_it(http: HttpClient) -> None:
    refusal = whole(400, json.dumps({"error": '"llama3" does not support thinking'}).encode())
    asked = prompt(reasoning=Reasoning(effort="high"))
    async with scripted(refusal, streamed(NDJSON, nd(*LINES[1:]))) as server:
        facts, error = await heard(OllamaProvider(Target(server.url, ""), http), asked)
    assert (facts, error) == ([Dropped(("reasoning",)), *FACTS[1:]], None)
    assert [request.json().get("think") for request in server.requests] == ["high", None]


# --- models

TAGS = {"models": [{"model": "qwen3:8b", "name": "qwen3:8b"}, {"name": "nomic:latest"}, {"name": "a b"}, {}]}
SHOWN = {
    "capabilities": ["completion", "vision", "tools", "thinking", "insert"],
    "model_info": {"general.architecture": "qwen3", "qwen3.context_length": 40960},
}


def test_what_is_shown_of_a_model() -> None:
    assert info_of("m", SHOWN) == ModelInfo("m", "m", "chat", ("vision", "tools", "reasoning"), (), 40960)
    assert info_of("m", SHOWN | {"parameters": "stop x\nnum_ctx   8192"}).context_window == 8192
    assert info_of("m", SHOWN, longest=16_384).context_window == 16_384
    embedding = info_of("m", {"capabilities": ["embedding"], "model_info": {"general.architecture": 5}})
    assert embedding == ModelInfo("m", "m", "embedding", denied=("vision", "tools", "reasoning"))
    assert info_of("m", {"capabilities": "odd", "model_info": []}) == ModelInfo("m", "m")


def library(request: Request, reply: Reply) -> None:
    """Lists two models and never says anything of the second."""
    if request.path == "/api/tags":
        reply.json(200, TAGS)
    elif request.json() == {"model": "qwen3:8b"}:
        reply.json(200, SHOWN)


async def test_a_slow_look_does_not_lose_the_list(http: HttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "LOOK_SECONDS", 0.2)
    async with scripted(library) as server:
        target = Target(server.url, "", options={CONTEXT_OPTION: "32768"})
        async with asyncio.timeout(20):
            models = await OllamaProvider(target, http).models()
    assert [model.raw_id for model in models] == ["qwen3:8b", "nomic:latest"]
    assert [model.context_window for model in models] == [32768, None]


async def test_a_server_without_models_is_none(http: HttpClient) -> None:
    async with scripted(whole(200, b'{"object":"list"}')) as server:
        with pytest.raises(ProviderError, match="no list of models") as caught:
            await OllamaProvider(Target(server.url, ""), http).models()
    assert caught.value.code == "malformed"
