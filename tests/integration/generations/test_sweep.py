"""What a dead worker leaves behind, and what nobody was told."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from parley.generations import queries, scripts, sweep
from parley.generations.follow import Follower
from parley.generations.scripts import MAX_ATTEMPTS
from parley.generations.sweep import PRUNE_AFTER
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.providers.base import Finished, TextDelta
from tests.integration.generations.workshop import ScriptedProvider, Worker, Workshop, until, words


async def silent_then_killed(workshop: Workshop, generation: int) -> None:
    """A worker that dies before it has shown anything."""
    worker = workshop.worker()
    calls = workshop.provider.calls
    worker.runs.start(generation)

    async def called() -> bool:
        return workshop.provider.calls == calls + 1

    await until(called, "the provider is called")
    await worker.kill()
    await workshop.expire_lease(generation)


async def shown_then_killed(workshop: Workshop) -> int:
    """A worker that dies after it has shown something."""
    workshop.provider = ScriptedProvider([TextDelta("shown "), asyncio.Event()], words("never asked"))
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.runs.start(generation)
    await workshop.until_shown(generation)
    await worker.kill()
    await workshop.expire_lease(generation)
    return generation


async def test_a_generation_nobody_was_told_of_is_started(workshop: Workshop) -> None:
    generation = await workshop.ask()
    workshop.worker(sweeping=True)
    assert (await workshop.until_ended(generation))["status"] == "done"


async def test_a_young_generation_is_left_to_the_bell(workshop: Workshop) -> None:
    generation = await workshop.ask()
    worker = workshop.worker()
    await worker.sweeper.sweep(patience=60_000)
    assert not worker.runs.holds(generation)
    await worker.sweeper.sweep(patience=0)
    assert worker.runs.holds(generation)
    await workshop.until_ended(generation)


async def test_a_living_lease_is_left_alone(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider([asyncio.Event()])
    generation = await workshop.ask()
    first, second = workshop.worker(), workshop.worker()
    first.runs.start(generation)

    async def running() -> bool:
        return bool((await workshop.row(generation))["status"] == "running")

    await until(running, "claimed")
    await second.sweeper.sweep()
    assert (await workshop.row(generation))["attempt"] == 1


async def test_a_silent_answer_of_a_dead_worker_is_tried_again(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider([asyncio.Event()], words("second try"))
    generation = await workshop.ask()
    await silent_then_killed(workshop, generation)
    await workshop.worker().sweeper.sweep()
    row = await workshop.until_ended(generation)
    assert (row["status"], row["attempt"]) == ("done", 2)
    assert (await workshop.message(generation))["text"] == "second try "


async def test_after_three_tries_it_ends_with_an_error(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider([asyncio.Event()])
    generation = await workshop.ask()
    for _ in range(MAX_ATTEMPTS):
        await silent_then_killed(workshop, generation)
        sweeping = workshop.worker()
        sweeping.runs._leaving = True  # it decides, the next worker starts
        await sweeping.sweeper.sweep()
    row = await workshop.row(generation)
    assert (row["status"], row["error_code"], row["attempt"]) == ("error", "worker_lost", MAX_ATTEMPTS)
    assert workshop.provider.calls == MAX_ATTEMPTS


async def test_what_was_shown_is_kept_and_never_asked_for_again(
    workshop: Workshop, follower: Follower
) -> None:
    generation = await shown_then_killed(workshop)
    async with follower.watch(generation) as live:
        await workshop.worker().sweeper.sweep()

        async def ended() -> bool:
            return live.done

        await until(ended, "the follower hears of the end")
    row = await workshop.row(generation)
    facts = await workshop.facts(generation)
    assert (row["status"], row["error_code"]) == ("interrupted", "interrupted")
    assert (await workshop.message(generation))["text"] == "shown "
    assert [(seq, kind) for seq, kind, _ in facts] == [(1, "text"), (2, "end")]
    assert msgspec.json.decode(facts[1][2])["status"] == "interrupted"
    assert live.facts == facts
    assert workshop.provider.calls == 1


async def test_a_stop_before_the_worker_died_still_counts(workshop: Workshop) -> None:
    workshop.provider = ScriptedProvider([asyncio.Event()])
    generation = await workshop.ask()
    await silent_then_killed(workshop, generation)
    await workshop.db.write(scripts.request_stop, generation, now_ms())
    await workshop.worker().sweeper.sweep()
    assert (await workshop.row(generation))["status"] == "cancelled"
    assert workshop.provider.calls == 1


async def test_two_sweepers_decide_once(workshop: Workshop) -> None:
    generation = await shown_then_killed(workshop)
    await asyncio.gather(*[workshop.worker().sweeper.sweep() for _ in range(4)])
    assert [kind for _, kind, _ in await workshop.facts(generation)] == ["text", "end"]


async def test_a_stopped_and_continued_worker_changes_nothing(workshop: Workshop) -> None:
    awake = asyncio.Event()
    workshop.provider = ScriptedProvider(
        [TextDelta("shown "), awake, TextDelta("too late"), Finished("stop")]
    )
    generation = await workshop.ask()
    zombie = workshop.worker()
    zombie.runs.start(generation)
    await workshop.until_shown(generation)
    await workshop.expire_lease(generation)  # no heartbeat for 10 s
    await workshop.worker().sweeper.sweep()
    before = await workshop.facts(generation), await workshop.message(generation)
    awake.set()

    async def let_go() -> bool:
        return not zombie.runs.holds(generation)

    await until(let_go, "the zombie lets go")
    assert (await workshop.facts(generation), await workshop.message(generation)) == before


async def test_events_are_deleted_long_after_the_end(workshop: Workshop, follower: Follower) -> None:
    workshop.provider = ScriptedProvider(words("remember me"))
    old, young = await workshop.ask(prefix="so: "), await workshop.ask()
    worker = workshop.worker()
    for generation in (old, young):
        worker.runs.start(generation)
        await workshop.until_ended(generation)
    end = (await workshop.facts(old))[-1]
    await workshop.db.write(_age, old, PRUNE_AFTER + 1_000)
    await worker.sweeper.prune()
    assert await workshop.facts(old) == []
    assert len(await workshop.facts(young)) >= 2
    assert await queries.prunable(workshop.db, now_ms() - PRUNE_AFTER) == []
    async with follower.watch(old) as live:  # a late reader gets the text at once
        assert live.done
        assert live.facts[0] == (1, "text", "remember me ")
        assert live.facts[1][:2] == (2, "end")
        ended = msgspec.json.decode(live.facts[1][2])
        assert ended["status"] == msgspec.json.decode(end[2])["status"] == "done"


async def test_a_generation_that_does_not_exist_ends_at_once(follower: Follower) -> None:
    async with follower.watch(404) as live:
        assert live.done
        assert msgspec.json.decode(live.facts[0][2])["code"] == "gone"


@pytest.mark.parametrize("sweeping", [True])
async def test_without_redis_each_tick_looks_for_new_ones(
    workshop: Workshop, sweeping: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "SWEEP_EVERY", 600)
    workshop.hub.connected = False
    worker: Worker = workshop.worker(sweeping=sweeping)
    await asyncio.sleep(0.1)  # the first sweep, at start, is over
    generation = await workshop.ask()
    await workshop.until_ended(generation)
    assert worker.writes


def _age(generation: int, by: int) -> Script[None]:
    yield "UPDATE generation SET finished_at = finished_at - ? WHERE id = ?", (by, generation)
