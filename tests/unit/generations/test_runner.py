"""One conversation with a provider, and everything that goes wrong in it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import msgspec
import pytest

from parley.generations.facts import Ending
from parley.generations.policy import Breakers
from parley.generations.runner import Answering, Ask, Key, Prepared
from parley.generations.taking import LONGEST, MOST_CALLS, Limits, clean
from parley.providers.base import (
    SENTENCES,
    Fact,
    Finished,
    ModelInfo,
    Prompt,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)

PROMPT = Prompt("model", ())
NOBODY_WAITS = Limits()
Step = Fact | Exception | asyncio.Event


class Scripted:
    """Plays one list of steps per call."""

    def __init__(self, *takes: list[Step]) -> None:
        self.takes = list(takes)
        self.calls = 0
        self.closed = 0
        self.prompts: list[Prompt] = []

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        steps = self.takes[self.calls]
        self.calls += 1
        self.prompts.append(prompt)
        try:
            for step in steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, asyncio.Event):
                    await step.wait()
                else:
                    yield step
        finally:
            self.closed += 1

    async def models(self) -> list[ModelInfo]:
        return []


class Notes:
    """A sink that remembers, and may be full."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.full = False
        self.waited = 0

    def put(self, kind: str, data: str) -> None:
        self.taken.append((kind, data))

    async def room(self) -> None:
        self.waited += 1

    @property
    def said(self) -> str:
        return "".join(data for kind, data in self.taken if kind == "text")

    @property
    def notices(self) -> list[str]:
        return [msgspec.json.decode(data)["code"] for kind, data in self.taken if kind == "notice"]


class Pauses:
    """Notes how long somebody wanted to sleep."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def run(provider: Scripted, prompt: Prompt, notes: Notes, limits: Limits = NOBODY_WAITS) -> Ending:
    """One model with one key."""
    ask = Ask(model="1:m", name="M", prompt=prompt, keys=(Key("1:1", provider),))
    return await Answering(Prepared((ask,), limits), notes, Breakers()).run()


def refused(**more: object) -> ProviderError:
    return ProviderError("Too many requests.", code="rate_limit", **more)  # type: ignore[arg-type]


async def test_facts_are_handed_over_in_order() -> None:
    notes = Notes()
    usage = UsageReport(1, 2)
    provider = Scripted([ReasoningDelta("hm"), TextDelta("a"), TextDelta("b"), usage, Finished("length")])
    ending = await run(provider, PROMPT, notes)
    assert [kind for kind, _ in notes.taken] == ["reasoning", "text", "text", "usage"]
    assert (ending.status, ending.finish_reason, ending.used.usage) == ("done", "length", usage)
    assert provider.closed == 1


async def test_a_failure_that_may_pass_is_tried_once_more() -> None:
    notes, pauses = Notes(), Pauses()
    provider = Scripted([refused(retryable=True)], [TextDelta("a"), Finished("stop")])
    ending = await run(provider, PROMPT, notes, Limits(pause=pauses))
    assert (ending.status, provider.calls, notes.said) == ("done", 2, "a")
    assert 12 <= pauses.seconds[0] <= 18


@pytest.mark.parametrize(("said", "slept"), [(0.0, 0.5), (7.0, 7.0), (30.0, 30.0), (90.0, 30.0)])
async def test_the_provider_says_how_long_to_wait(said: float, slept: float) -> None:
    pauses = Pauses()
    provider = Scripted([refused(retryable=True, retry_after=said)], [TextDelta("a"), Finished("stop")])
    await run(provider, PROMPT, Notes(), Limits(pause=pauses))
    assert pauses.seconds == [slept]


@pytest.mark.parametrize(
    "take",
    [
        [refused(retryable=False)],
        [TextDelta("seen"), refused(retryable=True)],
        [ReasoningDelta("seen"), refused(retryable=True)],
    ],
)
async def test_nothing_else_is_tried_again(take: list[Step]) -> None:
    provider = Scripted(take)
    ending = await run(provider, PROMPT, Notes(), Limits(pause=Pauses()))
    assert (ending.status, ending.code, ending.error) == ("error", "rate_limit", "Too many requests.")
    assert provider.calls == 1


async def test_the_second_failure_counts() -> None:
    provider = Scripted([refused(retryable=True)], [refused(retryable=True)])
    ending = await run(provider, PROMPT, Notes(), Limits(pause=Pauses()))
    assert (ending.status, provider.calls) == ("error", 2)


async def test_silence_before_the_first_fact_has_its_own_limit() -> None:
    provider = Scripted([asyncio.Event()], [asyncio.Event()])
    ending = await run(provider, PROMPT, Notes(), Limits(first_fact=0.01, pause=Pauses()))
    assert (ending.code, ending.error) == ("timeout", SENTENCES["timeout"])
    assert provider.closed == provider.calls == 2


async def test_silence_between_facts_ends_the_answer() -> None:
    provider = Scripted([TextDelta("a"), asyncio.Event()])
    notes = Notes()
    ending = await run(provider, PROMPT, notes, Limits(next_fact=0.01))
    assert (ending.status, ending.code, notes.said) == ("interrupted", "timeout", "a")
    assert provider.closed == 1


async def test_a_stream_without_its_end_is_incomplete() -> None:
    ending = await run(Scripted([TextDelta("a")]), PROMPT, Notes())
    assert (ending.status, ending.code) == ("interrupted", "incomplete")
    assert ending.error == SENTENCES["incomplete"]


async def test_an_endless_answer_is_cut_and_says_so() -> None:
    provider = Scripted([TextDelta("x" * 60), TextDelta("y" * 60), TextDelta("never"), Finished("stop")])
    notes = Notes()
    ending = await run(provider, PROMPT, notes, Limits(longest=100))
    assert (ending.status, ending.finish_reason) == ("done", "length")
    assert [kind for kind, _ in notes.taken] == ["text", "text", "notice", "usage"]
    assert notes.notices == ["too_long"]
    assert provider.closed == 1


async def test_endless_arguments_and_calls_are_cut() -> None:
    flood: list[Step] = [ToolCallDelta(n, f"id{n}", "tool", "x") for n in range(1000)]
    flood += [ToolCallDelta(0, arguments="x" * 500_000)] * 5
    notes = Notes()
    ending = await run(Scripted(flood), PROMPT, notes)
    assert (ending.status, ending.finish_reason) == ("done", "length")
    calls = [msgspec.json.decode(data) for kind, data in notes.taken if kind == "tool"]
    assert len(calls) == MOST_CALLS
    assert max(len(call["arguments"]) for call in calls) <= LONGEST


async def test_one_huge_piece_is_cut_before_it_is_looked_at() -> None:
    began = time.process_time()
    for huge in (TextDelta("a\n" * 2_000_000), ReasoningDelta("a" * 4_000_000)):
        notes = Notes()
        ending = await run(Scripted([huge, Finished("stop")]), PROMPT, notes)
        assert ending.finish_reason == "length"
        assert sum(len(data) for kind, data in notes.taken if kind in ("text", "reasoning")) <= LONGEST + 1
    assert time.process_time() - began < 5


async def test_a_window_beyond_the_column_is_cut() -> None:
    """Otherwise the end could not be stored, and with it nothing of any other answer."""
    prompt = Prompt("model", (), context_window=2**70)
    ending = await run(Scripted([TextDelta("a"), Finished("stop")]), prompt, Notes())
    assert ending.used.window == 2**31 - 1


async def test_it_waits_for_room() -> None:
    notes = Notes()
    notes.full = True
    await run(Scripted([TextDelta("a"), TextDelta("b"), Finished("stop")]), PROMPT, notes)
    assert notes.waited == 2


async def test_a_slow_disk_is_not_blamed_on_the_provider() -> None:
    class Slow(Notes):
        async def room(self) -> None:
            await asyncio.sleep(0.05)

    notes = Slow()
    notes.full = True
    provider = Scripted([TextDelta("a"), Finished("stop")])
    ending = await run(provider, PROMPT, notes, Limits(first_fact=0.02, next_fact=0.02))
    assert ending.status == "done"


async def test_cancelling_closes_the_upstream_request() -> None:
    provider, notes = Scripted([TextDelta("a"), asyncio.Event()]), Notes()
    task = asyncio.create_task(run(provider, PROMPT, notes))
    while not notes.taken:  # noqa: ASYNC110
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()
    assert provider.closed == 1


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        ("plain", "plain"),
        ("中文😀", "中文😀"),
        ("a\0b\0", "ab"),
        ("\ud83d", "�"),
        ("x\udc00y", "x�y"),
        ("\ud83d\ude00", "😀"),
        ("\0", ""),
    ],
)
def test_text_is_made_fit_to_store(said: str, stored: str) -> None:
    assert clean(said) == stored
    clean(said).encode()


async def test_nothing_is_put_for_an_empty_delta() -> None:
    notes = Notes()
    take: list[Step] = [TextDelta(""), TextDelta("\0"), TextDelta(" \n"), Finished("stop")]
    ending = await run(Scripted(take, take), PROMPT, notes)
    assert (ending.status, ending.code, notes.taken) == ("error", "empty", [])
