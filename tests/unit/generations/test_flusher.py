"""When facts are written, in which order, and what happens when they cannot be."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from parley.generations import flusher as flusher_module
from parley.generations.facts import INTERRUPTED
from parley.generations.flusher import Flusher, Run
from parley.generations.scripts import Claim, Ended, Part, Written


class Store:
    """A database that notes what it is given, may refuse it, and may have given the claim away."""

    def __init__(self) -> None:
        self.parts: list[list[Part]] = []
        self.durable: list[bool] = []
        self.told: list[list[tuple[str, bytes]]] = []
        self.refusals = 0
        self.lost: set[int] = set()
        self.open = asyncio.Event()
        self.open.set()
        self.flusher = Flusher(self.write, self.publish)

    async def write(self, parts: list[Part], durable: bool) -> Written:
        await self.open.wait()
        if self.refusals:
            self.refusals -= 1
            raise OSError("no space left")
        self.parts.append(parts)
        self.durable.append(durable)
        ends = {
            part.held.generation: Ended((len(part.facts) + 100, "end", "{}"), owner=1, conversation=5)
            for part in parts
            if part.ending is not None and part.held.generation not in self.lost
        }
        return Written(frozenset(self.lost), ends)

    def publish(self, messages: list[tuple[str, bytes]]) -> bool:
        self.told.append(messages)
        return True

    def run(self, generation: int = 1) -> Run:
        return Run(Claim(generation, 1, generation, "demo", 0), self.flusher)


async def test_neighbours_of_one_kind_become_one_fact() -> None:
    store = Store()
    run = store.run()
    for kind, data in [("reasoning", "a"), ("reasoning", "b"), ("text", "c"), ("text", "d"), ("usage", "{}")]:
        run.put(kind, data)
    run.put("usage", "{1}")
    run.put("text", "e")
    await store.flusher.flush()
    facts = [
        (1, "reasoning", "ab"),
        (2, "text", "cd"),
        (3, "usage", "{}"),
        (4, "usage", "{1}"),
        (5, "text", "e"),
    ]
    assert store.parts[0][0].facts == tuple(facts)
    assert store.told == [[("gen:1", msgspec.json.encode(facts))]]
    run.put("text", "f")
    await store.flusher.flush()
    assert store.parts[1][0].facts == ((6, "text", "f"),)


async def test_many_runs_share_one_transaction() -> None:
    store = Store()
    for generation in (1, 2, 3):
        store.run(generation).put("text", "a")
    assert await store.flusher.flush() == 3
    assert len(store.parts) == len(store.told) == 1


async def test_only_promises_wait_for_the_disk() -> None:
    store = Store()
    run = store.run()
    run.put("text", "first")
    await store.flusher.flush()
    run.put("text", "between")
    await store.flusher.flush()
    run.end(INTERRUPTED)
    await store.flusher.flush()
    assert store.durable == [True, False, True]
    assert run.ended.is_set()


async def test_what_comes_during_a_write_belongs_to_the_next() -> None:
    """The writer must not see what the loop does meanwhile: an end may not overtake its text."""
    store = Store()
    run = store.run()
    run.put("text", "a")
    store.open.clear()
    flushing = asyncio.create_task(store.flusher.flush())
    await asyncio.sleep(0)
    run.put("text", "b")
    run.end(INTERRUPTED)
    store.open.set()
    await flushing
    assert (store.parts[0][0].facts, store.parts[0][0].ending) == (((1, "text", "a"),), None)
    assert not run.ended.is_set()
    await store.flusher.flush()
    assert (store.parts[1][0].facts, store.parts[1][0].ending) == (((2, "text", "b"),), INTERRUPTED)


async def test_nothing_is_told_before_it_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flusher_module, "RETRY_EVERY", 0.01)
    store = Store()
    store.refusals = 3
    run = store.run()
    run.put("text", "a")
    flushing = asyncio.create_task(store.flusher.flush())
    while store.refusals:
        assert store.told == []
        await asyncio.sleep(0.005)
    run.put("text", "b")
    await flushing
    await store.flusher.flush()
    assert [part.facts for parts in store.parts for part in parts] == [
        ((1, "text", "a"),),
        ((2, "text", "b"),),
    ]


async def test_a_lost_claim_is_noticed_and_frees_its_room() -> None:
    store = Store()
    store.lost.add(1)
    mine, other = store.run(1), store.run(2)
    noticed: list[bool] = []
    mine.on_lost = lambda: noticed.append(True)
    mine.put("text", "x" * 2_000_000)
    other.put("text", "a")
    assert store.flusher.full
    await store.flusher.flush()
    assert noticed == [True]
    assert mine.ended.is_set()
    assert [channel for channel, _ in store.told[0]] == ["gen:2"]
    assert not store.flusher.full
    mine.put("text", "more")
    assert await store.flusher.flush() == 0


async def test_runs_wait_while_too_much_is_unwritten() -> None:
    store = Store()
    run = store.run()
    run.put("text", "x" * (flusher_module.BOUND + 1))
    waiting = asyncio.create_task(run.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await store.flusher.flush()
    async with asyncio.timeout(10):
        await waiting
    assert not run.full


async def test_after_the_end_nothing_is_taken() -> None:
    store = Store()
    run = store.run()
    run.end(INTERRUPTED)
    run.put("text", "late")
    await store.flusher.flush()
    assert store.parts[0][0].facts == ()


async def test_first_words_do_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BUSY", "QUIET", "WIDEST"):
        monkeypatch.setattr(flusher_module, name, 600)
    store = Store()
    running = asyncio.create_task(store.flusher.run())
    store.run().put("text", "a")
    async with asyncio.timeout(10):
        while not store.parts:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    running.cancel()


async def test_later_words_share_a_tick() -> None:
    store = Store()
    running = asyncio.create_task(store.flusher.run())
    clock = asyncio.get_running_loop().time
    run = store.run()
    started = clock()
    run.put("text", "a")
    while not store.parts:  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    for _ in range(20):
        run.put("text", "b")
        await asyncio.sleep(0.005)
    assert 2 <= len(store.parts) <= 3 + (clock() - started) / flusher_module.BUSY
    await store.flusher.flush()
    idle = len(store.parts)
    await asyncio.sleep(0.15)
    assert len(store.parts) <= idle + 1  # at rest nothing is written
    running.cancel()


async def test_a_slow_disk_is_asked_less_often() -> None:
    store = Store()
    for _ in range(50):
        store.flusher._pace(0.08, runs=100)
    assert store.flusher._interval == pytest.approx(flusher_module.WIDEST, rel=0.01)
    for _ in range(50):
        store.flusher._pace(0.001, runs=100)
    assert store.flusher._interval == pytest.approx(flusher_module.BUSY, rel=0.01)


async def test_the_owners_other_tabs_hear_of_an_end_after_it_is_stored() -> None:
    store = Store()
    flusher, run = store.flusher, store.run(1)
    run.put("text", "x")
    run.end(INTERRUPTED)
    await flusher.flush()
    assert len(store.parts) == 1
    channels = [channel for messages in store.told for channel, _payload in messages]
    assert channels == ["gen:1", "user:1"]


async def test_what_has_ended_is_not_written_again_for_its_trace() -> None:
    store = Store()
    run = Run(Claim(1, 1, 1, "demo", 0, trace=5, trace_most=100), store.flusher)
    run.put("text", "a")
    await store.flusher.flush()
    run.end(INTERRUPTED)
    await store.flusher.flush()
    assert run.ended.is_set()
    trace = store.parts[1][0].trace
    assert trace is not None
    assert [event.kind for event in trace.events][-1] == "stored"
    assert await store.flusher.flush() == 0
