"""The worker as a whole: rung for, seen alive, leaving."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from parley.chat.scripts import store_answer
from parley.generations import queries, sweep
from parley.generations.runner import Prepared
from parley.generations.service import start
from parley.lib.clock import now_ms
from parley.lib.config import Config
from parley.providers.base import Finished, TextDelta
from parley.resources import Resources, open_resources
from parley.worker import run_worker
from tests.integration.generations.workshop import ScriptedProvider, Workshop, prepared, someone, until, words


@pytest.fixture
async def resources(config: Config) -> AsyncIterator[Resources]:
    """What a process holds open, with Redis connected."""
    async with open_resources(config) as resources:

        async def connected() -> bool:
            return resources.hub.connected

        await until(connected, "the hub is connected")
        yield resources


@pytest.fixture
async def shop(resources: Resources) -> Workshop:
    """Rows to ask with; the worker under test uses `resources`."""
    owner, conversation = await resources.db.write(someone, now_ms())
    provider = ScriptedProvider(words("one two"))
    return Workshop(resources.db, resources.hub, provider, owner, conversation)


@contextlib.asynccontextmanager
async def working(resources: Resources, shop: Workshop, grace: float = 2.0) -> AsyncIterator[asyncio.Event]:
    """A worker with everything; setting the event is its SIGTERM."""

    async def prepare(resources: Resources, generation: int) -> Prepared:
        return prepared(shop.provider)

    stop = asyncio.Event()
    task = asyncio.create_task(run_worker(resources, prepare, store_answer, stop=stop, grace=grace))

    async def seen() -> bool:
        assert not task.done() or task.result() is None
        return await queries.worker_seen_at(resources.db) is not None

    await until(seen, "the worker is seen alive")
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(10):
            await task


async def test_a_rung_worker_does_not_wait_for_a_sweep(
    resources: Resources, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "TICK", 600)  # after the first, at start
    async with working(resources, shop):
        await asyncio.sleep(0.1)
        generation = await shop.ask()
        await start(resources, generation)
        await shop.until_ended(generation)


async def test_a_worker_that_left_is_not_seen_any_more(resources: Resources, shop: Workshop) -> None:
    async with working(resources, shop) as stop:
        stop.set()

        async def gone() -> bool:
            return await queries.worker_seen_at(resources.db) is None

        await until(gone, "the worker is off the list")


async def test_a_leaving_worker_finishes_its_answer_and_starts_no_other(
    resources: Resources, shop: Workshop
) -> None:
    more = asyncio.Event()
    shop.provider = ScriptedProvider([TextDelta("a"), more, TextDelta("b"), Finished("stop")])
    async with working(resources, shop) as stop:
        running = await shop.ask()
        await start(resources, running)
        await shop.until_shown(running)
        stop.set()
        await asyncio.sleep(0.05)
        waiting = await shop.ask()
        await start(resources, waiting)
        more.set()
    assert (await shop.row(running))["status"] == "done"
    assert (await shop.message(running))["text"] == "ab"
    assert (await shop.row(waiting))["status"] == "queued"


async def test_after_the_grace_a_leaving_worker_hands_over(resources: Resources, shop: Workshop) -> None:
    shop.provider = ScriptedProvider([TextDelta("shown"), asyncio.Event()])
    async with working(resources, shop, grace=0.1):
        generation = await shop.ask()
        await start(resources, generation)
        await shop.until_shown(generation)
    row = await shop.row(generation)
    assert (row["status"], row["error_code"]) == ("interrupted", "interrupted")
    assert shop.provider.closed == 1


async def test_chores_are_done_and_their_faults_survived(resources: Resources, shop: Workshop) -> None:
    done = asyncio.Event()

    async def broken(resources: Resources) -> None:
        raise ValueError("broken")

    async def chore(resources: Resources) -> None:
        done.set()

    async def prepare(resources: Resources, generation: int) -> Prepared:
        raise AssertionError("nothing is asked")

    stop = asyncio.Event()
    task = asyncio.create_task(
        run_worker(resources, prepare, store_answer, stop=stop, chores=[broken, chore])
    )
    async with asyncio.timeout(20):
        await done.wait()
    stop.set()
    async with asyncio.timeout(20):
        await task
