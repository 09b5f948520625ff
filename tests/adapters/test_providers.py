"""One contract for every kind of provider: what an answer becomes."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import pytest

from parley.lib.http import HttpClient
from parley.providers.base import (
    REGISTRY,
    Finished,
    ImageOutput,
    Prompt,
    Provider,
    Target,
    Tool,
    Turn,
    UsageReport,
)
from parley.providers.demo import DemoProvider
from tests.adapters.kinds import (
    Bench,
    asking,
    calls_in,
    reasoning_in,
    said,
    text_in,
    usage_in,
)
from tests.upstream import key_of, text_of
from tests.upstream.dialects import DIALECTS, png
from tests.upstream.server import MODELS

DRAWS = {"openai", "openai-responses", "gemini", "ollama"}  # kinds whose vendors send pictures
WEATHER = Tool("get_weather", "The weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


def counted(name: str, tokens: int, reasoning: int = 0, cached: int = 0) -> UsageReport:
    """What the usage of this vendor becomes."""
    tells = DIALECTS[name].reports
    return UsageReport(
        7 + cached,
        tokens + reasoning,
        reasoning if "reasoning" in tells else 0,
        cached if "cached" in tells else 0,
    )


def test_every_registered_kind_has_a_dialect() -> None:
    assert set(REGISTRY.names()) == {"demo", *DIALECTS}
    for kind in REGISTRY:
        assert isinstance(kind.make(Target("http://127.0.0.1:1", ""), HttpClient()), Provider)


async def test_the_text_comes_whole_and_then_exactly_one_finished(bench: Bench) -> None:
    facts = await bench.facts("tokens=60,speed=0", "key=whole")
    assert text_in(facts) == text_of("whole", 60)
    assert facts[-1] == Finished("stop")
    assert usage_in(facts) == counted(bench.name, 60)


async def test_reasoning_is_told_apart_and_counted(bench: Bench) -> None:
    facts = await bench.facts("tokens=20,speed=0,reasoning=3,cached=50", "key=thinks")
    assert reasoning_in(facts) == "thought 0 thought 1 thought 2 "
    assert text_in(facts) == text_of("thinks", 20)
    assert usage_in(facts) == counted(bench.name, 20, reasoning=3, cached=50)


async def test_tool_calls_are_put_together(bench: Bench) -> None:
    facts = await bench.facts("tokens=5,speed=0,tools=2", "key=tools", tools=(WEATHER,))
    calls = calls_in(facts)
    assert [call.name for call in calls] == ["get_weather", "get_weather"]
    assert [json.loads(call.arguments)["city"] for call in calls] == ["北京 0", "北京 1"]
    assert all(call.id for call in calls)
    assert calls[0].id != calls[1].id
    assert facts[-1] == Finished("tool_calls")


async def test_pictures_come_whole_however_long_their_line_is(bench: Bench) -> None:
    if bench.name not in DRAWS:
        pytest.skip("the vendor sends no pictures")
    for ask in (asking("tokens=3,speed=0,images=2,image_size=700KB"), asking("images=2", stream=False)):
        facts = await said(bench.at().stream(ask))
        images = [fact for fact in facts if isinstance(fact, ImageOutput)]
        assert images == [ImageOutput("image/png", png(700_000 if ask.stream else 0))] * 2


async def test_going_on_asks_for_the_rest_only(bench: Bench) -> None:
    whole = text_of("on", 40)
    facts = await bench.facts("tokens=40,speed=0", "key=on", Turn("assistant", whole[:50]))
    assert whole[:50] + text_in(facts) == whole


@pytest.mark.parametrize(
    "options",
    [
        "keepalive=2", "crlf=1", "gzip=1", "crlf=1,gzip=1", "split=1", "split=3,gzip=1", "fault=odd",
        "sse=odd", "sse=odd,crlf=1,split=1",
        "fault=json", "usage=0", "type=text/plain", "type=application/octet-stream",
    ],
)  # fmt: skip
async def test_odd_but_complete_answers_are_read(bench: Bench, options: str) -> None:
    facts = await bench.facts(f"tokens=30,speed=0,reasoning=2,{options}", "key=odd")
    assert text_in(facts) == text_of("odd", 30)
    assert reasoning_in(facts) == "thought 0 thought 1 "
    assert facts[-1] == Finished("stop")


async def test_an_answer_at_once_says_the_same(bench: Bench) -> None:
    options = "tokens=12,speed=0,reasoning=2,tools=1,cached=9"
    streamed = await bench.facts(options, "key=once", tools=(WEATHER,))
    whole = await bench.facts(options, "key=once", tools=(WEATHER,), stream=False)
    for told in (text_in, reasoning_in, usage_in):
        assert told(whole) == told(streamed)
    assert [json.loads(each.arguments) for each in calls_in(whole)] == [{"city": "北京 0", "days": 3}]
    assert whole[-1] == streamed[-1] == Finished("tool_calls")


@pytest.mark.parametrize("stream", [True, False])
async def test_an_empty_answer_is_finished_and_says_nothing(bench: Bench, stream: bool) -> None:
    """Whether it is asked again is not for the provider to decide."""
    facts = await bench.facts("tokens=0,speed=0", stream=stream)
    assert (text_in(facts), facts[-1]) == ("", Finished("stop"))


@pytest.mark.parametrize("reason", ["length", "content_filter"])
@pytest.mark.parametrize("stream", [True, False])
async def test_the_reason_is_kept(bench: Bench, reason: str, stream: bool) -> None:
    if bench.name == "ollama" and reason == "content_filter":
        pytest.skip("Ollama filters nothing")
    facts = await bench.facts(f"tokens=3,speed=0,fault={reason}", stream=stream)
    assert facts[-1] == Finished(reason)


@pytest.mark.parametrize("options", ["tokens=1000,speed=50", "fault=hang-body,after=3,speed=0"])
async def test_closing_the_iterator_hangs_up(bench: Bench, options: str) -> None:
    stream = bench.at().stream(asking(options, "key=left"))
    async with aclosing(stream):  # type: ignore[type-var]
        await anext(stream)
    call = await bench.server.ended("left", within=10)  # it would talk for 20 s, or be silent for an hour
    assert call.ended == "closed"


@pytest.mark.parametrize("stream", [True, False])
async def test_cancelling_the_reader_hangs_up_too(bench: Bench, stream: bool) -> None:
    reader = asyncio.create_task(bench.facts("fault=hang-headers", "key=cancelled", stream=stream))
    await bench.server.called("cancelled")
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert (await bench.server.ended("cancelled", within=10)).ended == "closed"


async def test_a_connection_is_used_again(bench: Bench) -> None:
    for _ in range(3):
        await bench.facts("tokens=2,speed=0", "key=again")
    assert len(bench.server.calls["again"]) == 3
    assert bench.server.connections == 1


async def test_many_streams_at_once_do_not_mix(bench: Bench) -> None:
    questions = [f"key=crowd{n}" for n in range(40)]
    answers = await asyncio.gather(*(bench.facts("tokens=20,speed=400", each) for each in questions))
    for question, facts in zip(questions, answers, strict=True):
        assert text_in(facts) == text_of(key_of(question), 20)


async def test_models_are_listed(bench: Bench) -> None:
    found = await bench.at().models()
    assert [model.raw_id for model in found] == list(MODELS)
    kinds = {model.raw_id: model.kind for model in found}
    assert kinds["text-embedding-fake"] in ("", "embedding")
    assert kinds["fake"] in ("", "chat")


@pytest.mark.parametrize("bench", ["openai"], indirect=True)
async def test_a_monstrous_list_of_models_is_cut_and_cleaned(bench: Bench) -> None:
    found = await bench.at("fault=many-models").models()
    assert len(found) == 2000
    assert found[0].raw_id == "m0"


async def test_the_demo_keeps_the_same_contract() -> None:
    facts = await said(DemoProvider().stream(Prompt("demo", (Turn("user", "fast"),))))
    assert facts[-1] == Finished("stop")
    assert [model.raw_id for model in await DemoProvider().models()] == ["demo"]
