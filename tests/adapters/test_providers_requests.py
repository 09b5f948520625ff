"""One contract for every kind of provider: what is sent, in the vendor's own words."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from parley.providers.base import (
    REGISTRY,
    Dropped,
    Finished,
    Image,
    ThoughtState,
    Tool,
    Turn,
)
from parley.providers.sampling import Reasoning, Sampling
from tests.adapters.kinds import KEY, Bench, asking, calls_in, reasoning_in, said, text_in
from tests.upstream import text_of
from tests.upstream.dialects import Picture, png
from tests.upstream.dialects.base import Result

PNG = png(200)
# As the servers of the Model Context Protocol write them.
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "additionalProperties": False,
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "exclusiveMinimum": 0}},
    "required": ["city"],
}
TOOLS = (Tool("get_weather", "The weather of a city.", SCHEMA), Tool("get_time", "The time.", SCHEMA))
THINKS = Reasoning(mode="on", effort="low")
EVERYTHING = Sampling(
    temperature=0.5,
    top_p=0.9,
    top_k=40,
    presence_penalty=0.3,
    frequency_penalty=0.2,
    max_tokens=300,
    stop=("END",),
    seed=7,
    response_format={"type": "json_object"},
)
# Where each vendor documents what may be set; a path is keys joined by dots, the first that is there counts.
CHAT = {
    "temperature": ["temperature"],
    "top_p": ["top_p"],
    "top_k": ["top_k"],
    "presence_penalty": ["presence_penalty"],
    "frequency_penalty": ["frequency_penalty"],
    "max_tokens": ["max_completion_tokens", "max_tokens"],
    "stop": ["stop"],
    "seed": ["seed"],
    "response_format": ["response_format"],
}
GEMINI = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
    "max_tokens": "maxOutputTokens",
    "stop": "stopSequences",
    "seed": "seed",
    "response_format": "responseMimeType",
}
PLACES: dict[str, dict[str, list[str]]] = {
    "openai": CHAT,
    "azure": CHAT,
    "openai-responses": {
        **CHAT,
        "max_tokens": ["max_output_tokens"],
        "response_format": ["text.format"],
    },
    "anthropic": {
        **CHAT,
        "max_tokens": ["max_tokens"],
        "stop": ["stop_sequences"],
        "response_format": ["output_config.format", "output_format"],
    },
    "gemini": {name: [f"generationConfig.{place}"] for name, place in GEMINI.items()},
    "ollama": {
        **{name: [f"options.{name}"] for name in CHAT},
        "max_tokens": ["options.num_predict"],
        "response_format": ["format"],
    },
}
# A field of each vendor that an administrator may set and Parley does not.
HARMLESS: dict[str, dict[str, Any]] = {
    "openai": {"metadata": {"team": "blue"}},
    "openai-responses": {"metadata": {"team": "blue"}},
    "azure": {"user": "blue"},
    "anthropic": {"metadata": {"user_id": "blue"}},
    "gemini": {"safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]},
    "ollama": {"keep_alive": "10m"},
}
PROTECTED: dict[str, Any] = {
    "model": "evil",
    "messages": [],
    "input": "evil",
    "contents": [],
    "system": "evil",
    "stream": "evil",
    "tools": [],
    "tool_choice": "evil",
}
KEY_HEADERS = {"azure": "api-key", "anthropic": "x-api-key", "gemini": "x-goog-api-key"}


def found_at(body: Any, path: str) -> Any:
    """What stands at a path, None when nothing does."""
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


def headers_with_key(bench: Bench) -> dict[str, str]:
    """The headers of the last request that hold the key."""
    request = bench.server.requests[-1]
    assert KEY not in str(request.query) + request.path
    assert KEY not in request.body.decode()
    return {name: value for name, value in request.headers.items() if KEY in value}


async def test_the_question_goes_out_as_it_is(bench: Bench) -> None:
    await bench.facts("tokens=1", "key=asked 你好 \u2028 'quotes' \"too\"")
    sent = bench.server.requests[-1]
    assert bench.server.calls["asked"][0].prompt == "key=asked 你好 \u2028 'quotes' \"too\""
    assert sent.headers["host"] == f"127.0.0.1:{bench.server.port}"
    assert sent.headers["content-type"].startswith("application/json")


async def test_the_turns_keep_their_order_and_their_speakers(bench: Bench) -> None:
    turns = (
        Turn("system", "Be brief."),
        Turn("user", "one"),
        Turn("assistant", "two"),
        Turn("user", "key=order"),
    )
    await said(bench.at().stream(replace(asking("tokens=1"), turns=turns)))
    call = bench.server.calls["order"][0]
    asked = [(each["role"], each["content"]) for each in call.messages]
    assert asked[-3:] == [("user", "one"), ("assistant", "two"), ("user", "key=order")]
    assert bench.server.requests[-1].body.count(b"Be brief.") == 1


@pytest.mark.parametrize("stream", [True, False])
async def test_the_vendor_is_told_whether_to_stream(bench: Bench, stream: bool) -> None:
    await bench.facts("tokens=3,speed=0", "key=way", stream=stream)
    sent, request = bench.sent(), bench.server.requests[-1]
    if bench.name == "gemini":
        assert request.path.endswith("streamGenerateContent" if stream else "generateContent")
    else:
        assert bool(sent.get("stream")) is stream


async def test_each_way_to_show_the_key_shows_it_once(bench: Bench) -> None:
    kind = REGISTRY.get(bench.name)
    for auth in kind.auths:
        at = bench.at(auth=auth, auth_header="X-My-Key" if auth == "header" else "")
        await said(at.stream(asking("tokens=1,speed=0")))
        shown = {"bearer": {"authorization": f"Bearer {KEY}"}, "header": {"x-my-key": KEY}, "none": {}}
        assert headers_with_key(bench) == shown[auth]


async def test_without_a_word_the_key_goes_where_the_vendor_wants_it(bench: Bench) -> None:
    await bench.facts("tokens=1,speed=0")
    expected = {"authorization": f"Bearer {KEY}"}
    if bench.name in KEY_HEADERS:
        expected = {KEY_HEADERS[bench.name]: KEY}
    elif bench.name == "ollama":
        expected = {}
    assert headers_with_key(bench) == expected


async def test_further_headers_are_sent_but_none_of_the_connection(bench: Bench) -> None:
    further = {
        "X-Team": "blue",
        "Content-Length": "3",
        "Host": "evil.example",
        "Transfer-Encoding": "chunked",
    }
    await said(bench.at(headers=further).stream(asking("tokens=1,speed=0", "key=headers")))
    request = bench.server.requests[-1]
    assert request.headers["x-team"] == "blue"
    assert request.headers["host"] == f"127.0.0.1:{bench.server.port}"
    assert int(request.headers["content-length"]) == len(request.body)


@pytest.mark.parametrize("bench", ["azure"], indirect=True)
async def test_azure_by_a_dated_version_and_a_map_of_deployments(bench: Bench) -> None:
    options = {"apiVersion": "2024-10-21", "deployments": "gpt-x=fake"}
    at = bench.at(options=options, auth="bearer")
    facts = await said(at.stream(replace(asking("", "key=dated"), model="gpt-x")))
    request = bench.server.requests[-1]
    assert request.path == "/azure/openai/deployments/fake/chat/completions"
    assert request.query == {"api-version": ["2024-10-21"]}
    assert headers_with_key(bench) == {"authorization": f"Bearer {KEY}"}
    assert text_in(facts) == text_of("dated", 40)
    assert [model.raw_id for model in await at.models()] == ["gpt-x"]


async def test_a_body_laid_over_never_replaces_what_is_protected(bench: Bench) -> None:
    plain = asking("tokens=1,speed=0", "key=laid", tools=TOOLS)
    await said(bench.at().stream(plain))
    before = bench.sent()
    await said(bench.at(body={**PROTECTED, **HARMLESS[bench.name]}).stream(plain))
    assert bench.sent() == {**before, **HARMLESS[bench.name]}


@pytest.mark.parametrize(
    "sampling", [EVERYTHING, Sampling(temperature=0.2), Sampling()], ids=["all", "one", "none"]
)
async def test_what_is_set_is_sent_or_said_to_be_dropped(bench: Bench, sampling: Sampling) -> None:
    facts = await bench.facts("tokens=1,speed=0", "key=drawn", sampling=sampling)
    body = bench.sent()
    dropped = [name for fact in facts if isinstance(fact, Dropped) for name in fact.names]
    for name, value in sampling.given().items():
        there = [
            at for at in map(lambda path: found_at(body, path), PLACES[bench.name][name]) if at is not None
        ]
        assert bool(there) is not (name in dropped), f"{name}: {there} and dropped {dropped}"
        if there and name not in ("stop", "response_format"):
            assert there == [value]
        elif there and name == "stop":
            assert list(there[0]) == ["END"]
    assert set(dropped) <= set(sampling.given())
    if dropped:
        assert facts[0] == Dropped(tuple(dropped))


@pytest.mark.parametrize(
    ("bench", "model"),
    [
        ("openai", "o3"),
        ("openai", "gpt-5-mini"),
        ("openai-responses", "o3"),
        ("azure", "o4-mini"),
        ("anthropic", "claude-sonnet-4-5"),
        ("anthropic", "claude-opus-4-6"),
        ("anthropic", "claude-opus-4-7"),
        ("anthropic", "claude-opus-4-8"),
        ("gemini", "gemini-3-pro-preview"),
    ],
    indirect=["bench"],
)
@pytest.mark.parametrize(
    "thinks", [Reasoning(), THINKS, Reasoning(mode="on", budget=3000)], ids=["", "on", "budget"]
)
@pytest.mark.parametrize("choice", ["", "required"])
async def test_no_model_is_sent_what_it_has_given_up(
    bench: Bench, model: str, thinks: Reasoning, choice: str
) -> None:
    """What the vendors refuse for these models, see `complaints` of the dialects."""
    ask = asking("", "key=new", sampling=EVERYTHING, reasoning=thinks, tools=TOOLS, tool_choice=choice)
    await said(bench.at("tokens=2,speed=0").stream(replace(ask, model=model)))
    assert bench.complaints() == []


@pytest.mark.parametrize(
    "reasoning",
    [
        Reasoning(mode="off"),
        *(Reasoning(mode="on", effort=effort) for effort in ("", "minimal", "low", "medium", "high", "max")),
        Reasoning(mode="on", budget=2000),
        Reasoning(effort="high"),
    ],
)
async def test_every_way_to_think_is_one_the_vendor_takes(bench: Bench, reasoning: Reasoning) -> None:
    facts = await bench.facts("tokens=3,speed=0,reasoning=1", "key=think", reasoning=reasoning)
    assert text_in(facts) == text_of("think", 3)
    assert bench.complaints() == []


@pytest.mark.parametrize(
    "image", [Image("image/png", PNG), Image("image/png", url="https://example.org/a.png")]
)
async def test_a_picture_goes_out_in_the_vendors_form(bench: Bench, image: Image) -> None:
    if bench.name in ("ollama", "gemini") and image.url:
        pytest.skip("the vendor fetches no pictures")
    await said(bench.at().stream(_seeing(image)))
    found = bench.dialect.pictures(bench.sent())
    if bench.name == "ollama":
        assert found == [Picture("", PNG)]
    else:
        assert found == [Picture("" if image.url else "image/png", image.data, image.url)]
    assert bench.server.calls["seen"][0].prompt == "key=seen what is this?"


def _seeing(*images: Image) -> Any:
    return replace(
        asking("tokens=1,speed=0"), turns=(Turn("user", "key=seen what is this?", images=tuple(images)),)
    )


async def test_pictures_of_earlier_turns_stay_in_their_turns(bench: Bench) -> None:
    first, second = Image("image/png", PNG), Image("image/jpeg", b"\xff\xd8\xff\xe0 not really")
    turns = (
        Turn("user", "one", images=(first,)),
        Turn("assistant", "two"),
        Turn("user", "key=album", images=(second, first)),
    )
    await said(bench.at().stream(replace(asking("tokens=1,speed=0"), turns=turns)))
    assert [each.data for each in bench.dialect.pictures(bench.sent())] == [PNG, second.data, PNG]


async def test_a_whole_tool_loop(bench: Bench) -> None:
    question = Turn("user", "key=loop")
    first = asking("tokens=4,speed=0,reasoning=2,tools=2", "key=loop", tools=TOOLS, reasoning=THINKS)
    facts = await said(bench.at().stream(first))
    calls = calls_in(facts)
    states = [fact.data for fact in facts if isinstance(fact, ThoughtState)]
    asked = Turn(
        "assistant",
        text_in(facts),
        calls=tuple(calls),
        reasoning=reasoning_in(facts),
        thought_state=states[-1] if states else "",
    )
    answers = [Turn("tool", f"晴 {call.name}", call_id=call.id, name=call.name) for call in calls]
    then = replace(first, turns=(question, asked, *answers))
    again = await said(bench.at().stream(then))
    body, dialect = bench.sent(), bench.dialect
    sent = dialect.calls(body)
    assert [(name, arguments) for _id, name, arguments in sent] == [
        (call.name, json.loads(call.arguments)) for call in calls
    ]
    assert dialect.results(body) == [
        Result(id, f"晴 {call.name}") for (id, *_), call in zip(sent, calls, strict=True)
    ]
    assert dialect.states(body) == dialect.sealed()
    assert text_in(again) == text_of("loop", 4)
    assert again[-1] == Finished("stop")


@pytest.mark.parametrize("choice", ["", "none", "required", "get_time"])
async def test_tools_are_offered_with_their_schemas(bench: Bench, choice: str) -> None:
    await bench.facts("tokens=1,speed=0", "key=offered", tools=TOOLS, tool_choice=choice)
    sent = json.dumps(bench.sent())
    if choice != "none":
        assert sent.count("The weather of a city.") == 1
        assert sent.count('"days"') == 2


async def test_a_conversation_with_an_old_tool_loop_is_taken_without_tools(bench: Bench) -> None:
    """Arguments that are no JSON and a result that is empty, which a model and a tool do make."""
    facts = calls_in(await bench.facts("tokens=1,speed=0,tools=1", "key=old", tools=TOOLS))
    call = replace(facts[0], arguments='{"city": "Par')
    turns = (
        Turn("user", "key=old"),
        Turn("assistant", "", calls=(call,)),
        Turn("tool", "", call_id=call.id, name=call.name),
        Turn("user", "key=new"),
    )
    again = await said(bench.at().stream(replace(asking("tokens=5,speed=0"), turns=turns)))
    assert text_in(again) == text_of("new", 5)
