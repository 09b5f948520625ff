"""One contract for every provider that has a local server to speak with."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest

from parley.lib.http import CONNECTION_ADMIN, HttpClient, Profile
from parley.providers.base import (
    REGISTRY,
    Fact,
    Finished,
    Prompt,
    Provider,
    ProviderError,
    ReasoningDelta,
    Target,
    TextDelta,
    Turn,
    UsageReport,
)
from parley.providers.demo import DemoProvider
from parley.providers.openai import OpenAIProvider
from tests.upstream import Upstream, key_of, text_of, upstream

KEY = "sk-canary-0123456789abcdef"
IMPATIENT = replace(CONNECTION_ADMIN, name="impatient", read_timeout=0.3, connect_timeout=0.3)


@dataclass
class Bench:
    """A provider of some kind at the local upstream."""

    make: Callable[..., Provider]
    server: Upstream
    http: HttpClient

    def at(self, url: str | None = None, profile: Profile = CONNECTION_ADMIN) -> Provider:
        """The provider at `url`."""
        return self.make(Target(url or self.server.url, KEY), self.http, profile=profile)

    async def facts(self, options: str, question: str = "hello", *turns: Turn) -> list[Fact]:
        """Everything it says under these options."""
        prompt = Prompt(f"fake,{options}", (Turn("user", question), *turns))
        return [fact async for fact in self.at().stream(prompt)]


# Kinds whose protocol the local server speaks; the demo has no server and its own tests.
SERVED: dict[str, Callable[..., Provider]] = {"openai": OpenAIProvider}


@pytest.fixture(params=[name for name in REGISTRY.names() if name in SERVED])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Each served kind in turn."""
    http = HttpClient()
    async with upstream() as server:
        yield Bench(SERVED[request.param], server, http)
    await http.aclose()


def text_in(facts: list[Fact]) -> str:
    """The answer."""
    return "".join(fact.text for fact in facts if isinstance(fact, TextDelta))


async def failure(stream: AsyncIterator[Fact]) -> tuple[str, ProviderError]:
    """What was said before it failed, and the failure."""
    said: list[Fact] = []
    try:
        async for fact in stream:
            said.append(fact)
    except ProviderError as error:
        assert not any(isinstance(fact, Finished) for fact in said), "finished and failed"
        return text_in(said), error
    raise AssertionError("it did not fail")


def test_every_registered_kind_is_tested() -> None:
    assert set(REGISTRY.names()) == {"demo", *SERVED}
    for kind in REGISTRY:
        assert isinstance(kind.make(Target("http://127.0.0.1:1", ""), HttpClient()), Provider)


async def test_the_text_comes_whole_and_then_exactly_one_finished(bench: Bench) -> None:
    facts = await bench.facts("tokens=60,speed=0,reasoning=2", "key=whole")
    assert text_in(facts) == text_of("whole", 60)
    assert facts[:2] == [ReasoningDelta("thought 0 "), ReasoningDelta("thought 1 ")]
    assert [fact for fact in facts if isinstance(fact, Finished)] == [Finished("stop")]
    assert facts[-1] == Finished("stop")
    assert UsageReport(7, 62, 2) in facts or UsageReport(7, 62) in facts


async def test_the_request_is_what_the_vendor_documents(bench: Bench) -> None:
    await bench.facts("tokens=1", "key=asked 你好")
    sent = bench.server.requests[-1]
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["accept-encoding"] == "identity"
    assert sent.headers["host"] == f"127.0.0.1:{bench.server.port}"
    assert sent.json()["stream"] is True
    assert sent.json()["stream_options"] == {"include_usage": True}
    assert sent.json()["messages"] == [{"role": "user", "content": "key=asked 你好"}]


async def test_going_on_asks_for_the_rest_only(bench: Bench) -> None:
    whole = text_of("on", 40)
    facts = await bench.facts("tokens=40,speed=0", "key=on", Turn("assistant", whole[:50]))
    assert whole[:50] + text_in(facts) == whole


@pytest.mark.parametrize("options", ["fault=split-utf8", "fault=null-choices", "fault=json", "usage=0"])
async def test_odd_but_complete_answers_are_read(bench: Bench, options: str) -> None:
    facts = await bench.facts(f"tokens=30,speed=0,{options}", "key=odd")
    assert text_in(facts) == text_of("odd", 30)
    assert facts[-1] == Finished("stop")


async def test_the_reason_length_is_kept(bench: Bench) -> None:
    assert (await bench.facts("tokens=3,speed=0,fault=length"))[-1] == Finished("length")


@pytest.mark.parametrize(
    ("fault", "code", "retryable"),
    [
        ("401", "authentication", False),
        ("429", "rate_limit", True),
        ("500", "server", True),
        ("html-502", "server", True),
        ("redirect", "model_not_found", False),
    ],
)
async def test_refusals_are_errors_and_never_text(
    bench: Bench, fault: str, code: str, retryable: bool
) -> None:
    said, error = await failure(bench.at().stream(Prompt(f"fake,fault={fault}", (Turn("user", "x"),))))
    assert said == ""
    assert (error.code, error.retryable) == (code, retryable)
    assert KEY not in error.message
    assert error.retry_after == (3.0 if fault == "429" else None)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("truncated", "incomplete"),
        ("reset", "incomplete"),
        ("bad-json", "malformed"),
        ("error-in-stream", "overloaded"),
    ],
)
async def test_a_break_in_the_middle_keeps_exactly_what_was_sent(bench: Bench, fault: str, code: str) -> None:
    prompt = Prompt(f"fake,fault={fault},after=10,speed=0", (Turn("user", "key=broken"),))
    said, error = await failure(bench.at().stream(prompt))
    assert said == text_of("broken", 10)
    assert error.code == code


@pytest.mark.parametrize(("fault", "said"), [("stall-before-first", 0), ("stall-mid", 4)])
async def test_silence_ends_with_a_timeout(bench: Bench, fault: str, said: int) -> None:
    started = time.monotonic()
    prompt = Prompt(f"fake,fault={fault},after=4,speed=0", (Turn("user", "key=still"),))
    text, error = await failure(bench.at(profile=IMPATIENT).stream(prompt))
    assert text == text_of("still", said)
    assert error.code == "timeout"
    assert 0.25 < time.monotonic() - started < 2


async def test_a_closed_port_is_a_network_error_at_once(bench: Bench) -> None:
    _said, error = await failure(bench.at("http://127.0.0.1:1/v1").stream(Prompt("m", (Turn("user", "x"),))))
    assert (error.code, error.retryable) == ("network", True)
    assert "connection refused" in error.message


@pytest.mark.parametrize("options", ["tokens=1000,speed=50", "fault=stall-mid,after=3,speed=0"])
async def test_closing_the_iterator_hangs_up_within_a_second(bench: Bench, options: str) -> None:
    stream = bench.at().stream(Prompt(f"fake,{options}", (Turn("user", "key=left"),)))
    async with aclosing(stream):  # type: ignore[type-var]
        await anext(stream)
        left = time.monotonic()
    call = await bench.server.ended("left", within=1.0)
    assert call.ended == "closed"
    assert call.closed_at - left < 1.0


async def test_cancelling_the_reader_hangs_up_too(bench: Bench) -> None:
    async def read() -> None:
        await bench.facts("fault=stall-before-first", "key=cancelled")

    reader = asyncio.create_task(read())
    await bench.server.called("cancelled")
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert (await bench.server.ended("cancelled", within=1.0)).ended == "closed"


async def test_every_split_point_gives_the_same_facts(bench: Bench) -> None:
    """The fault cuts at every third byte, so over these tokens at every place of a character."""
    for number in range(8):
        plain = await bench.facts("tokens=25,speed=0", f"key=cut{number}")
        split = await bench.facts("tokens=25,speed=0,fault=split-utf8", f"key=cut{number}")
        assert split == plain


async def test_a_connection_is_used_again(bench: Bench) -> None:
    for _ in range(3):
        await bench.facts("tokens=2,speed=0", "key=again")
    assert len(bench.server.calls["again"]) == 3
    assert bench.server.connections == 1


async def test_many_streams_at_once_do_not_mix(bench: Bench) -> None:
    questions = [f"key=crowd{n}" for n in range(60)]
    answers = await asyncio.gather(*(bench.facts("tokens=20,speed=200", each) for each in questions))
    for question, facts in zip(questions, answers, strict=True):
        assert text_in(facts) == text_of(key_of(question), 20)


async def test_models_are_listed(bench: Bench) -> None:
    found = await bench.at().models()
    assert [model.raw_id for model in found][:1] == ["fake"]


async def test_a_monstrous_list_of_models_is_cut_and_cleaned(bench: Bench) -> None:
    found = await bench.at(bench.server.url_with("fault=many-models")).models()
    assert len(found) == 2000
    assert found[0].raw_id == "m0"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("401", "authentication"),
        ("429", "rate_limit"),
        ("500", "server"),
        ("html-502", "server"),
        ("redirect", "model_not_found"),
    ],
)
async def test_a_refused_list_is_an_error(bench: Bench, fault: str, code: str) -> None:
    with pytest.raises(ProviderError) as refused:
        await bench.at(bench.server.url_with(f"fault={fault}")).models()
    assert refused.value.code == code
    assert KEY not in refused.value.message


async def test_the_demo_keeps_the_same_contract() -> None:
    facts = [fact async for fact in DemoProvider().stream(Prompt("demo", (Turn("user", "fast"),)))]
    assert facts[-1] == Finished("stop")
    assert sum(isinstance(fact, Finished) for fact in facts) == 1
    assert [model.raw_id for model in await DemoProvider().models()] == ["demo"]
