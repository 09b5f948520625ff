"""Every device sees exactly what is stored, whatever happens to the live copies."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parley.generations import follow
from parley.generations.facts import Fact, texts
from parley.generations.follow import SILENT_AFTER, Follower
from parley.lib.hub import Hub
from parley.providers.base import Finished, ReasoningDelta, TextDelta
from tests.integration.generations.workshop import ScriptedProvider, Step, Workshop, until, words
from tests.servers import RedisServer


async def read(follower: Follower, generation: int, device: list[Fact], most: int | None) -> None:
    """One connection of a device that already has some facts; it breaks after `most` news."""
    async with follower.watch(generation) as live:
        while most is None or most > 0:
            change = live.change
            news = live.facts[len(device) :]
            if news:
                device.extend(news)
                most = None if most is None else most - 1
            elif live.done:
                return
            else:
                await change.wait()


async def wander(follower: Follower, generation: int, device: list[Fact], seed: int) -> None:
    """Connect, break and come back until the end was seen."""
    chance = random.Random(seed)
    while not device or device[-1][1] != "end":
        await read(follower, generation, device, chance.choice([1, 2, 5, None]))
        await asyncio.sleep(chance.choice([0, 0.01, 0.05]))


async def test_two_devices_see_what_is_stored(workshop: Workshop, follower: Follower) -> None:
    generation = await workshop.ask()
    elsewhere = Follower(workshop.hub, workshop.db)  # another web process
    devices: list[list[Fact]] = [[], []]
    reading = asyncio.gather(
        read(follower, generation, devices[0], None), read(elsewhere, generation, devices[1], None)
    )
    workshop.worker().runs.start(generation)
    async with asyncio.timeout(10):
        await reading
    stored = await workshop.facts(generation)
    assert devices == [stored, stored]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    pieces=st.lists(st.text(alphabet="ab\n 中文😀", min_size=1, max_size=5), min_size=1, max_size=25),
    seed=st.integers(0, 2**16),
    dropped=st.sampled_from([0.0, 0.3, 0.8]),
)
async def test_what_each_device_sees_is_what_is_stored(
    workshop: Workshop,
    follower: Follower,
    impatient: None,
    pieces: list[str],
    seed: int,
    dropped: float,
) -> None:
    chance = random.Random(seed)
    kinds: list[type[TextDelta] | type[ReasoningDelta]] = [TextDelta, TextDelta, ReasoningDelta]
    said = [(chance.choice(kinds), piece) for piece in pieces]
    steps: list[Step] = []
    for make, piece in said:
        steps.append(make(piece))
        steps.append(chance.choice([0.0, 0.001, 0.03]))
    workshop.provider = ScriptedProvider([*steps, Finished("stop")])
    worker = workshop.worker()
    publish = worker.flusher._publish
    # live copies are lost, the database is not
    worker.flusher._publish = lambda messages: chance.random() >= dropped and publish(messages)
    generation = await workshop.ask()
    worker.runs.start(generation)
    devices: list[list[Fact]] = [[], []]
    async with asyncio.timeout(20):
        await asyncio.gather(
            *[wander(follower, generation, device, seed + n) for n, device in enumerate(devices)]
        )
    stored, message = await workshop.facts(generation), await workshop.message(generation)
    assert devices == [stored, stored]
    assert texts(stored) == (message["text"], message["reasoning"])
    assert message["text"] == "".join(piece for make, piece in said if make is TextDelta)
    assert message["reasoning"] == "".join(piece for make, piece in said if make is ReasoningDelta)
    await worker.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look into the database soon after the last news."""
    monkeypatch.setattr(follow, "SILENT_AFTER", 0.2)
    monkeypatch.setattr(follow, "LOOK_EVERY", 0.05)


async def test_a_lost_live_copy_is_found_in_the_database(workshop: Workshop, follower: Follower) -> None:
    generation = await workshop.ask()
    worker = workshop.worker()
    worker.flusher._publish = lambda messages: False  # all of them are lost, the end too
    async with follower.watch(generation) as live:
        worker.runs.start(generation)
        async with asyncio.timeout(SILENT_AFTER + 20):
            while not live.done:
                await live.change.wait()
        assert live.facts == await workshop.facts(generation)


async def test_without_redis_followers_look_into_the_database(
    workshop: Workshop, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "SILENT_AFTER", 600)  # silence is not what makes them look
    workshop.hub.connected = False
    generation = await workshop.ask()
    async with follower.watch(generation) as live:
        workshop.worker().runs.start(generation)
        async with asyncio.timeout(20):
            while not live.done:
                await live.change.wait()


async def test_a_client_that_leaves_first_does_not_take_the_others_along(
    workshop: Workshop, follower: Follower
) -> None:
    generation = await workshop.ask()
    hasty = asyncio.create_task(read(follower, generation, [], None))
    await asyncio.sleep(0)
    patient: list[Fact] = []
    staying = asyncio.create_task(read(follower, generation, patient, None))
    await asyncio.sleep(0)
    hasty.cancel()
    workshop.worker().runs.start(generation)
    async with asyncio.timeout(10):
        await staying
    assert patient == await workshop.facts(generation)


async def test_nothing_is_kept_of_generations_nobody_watches(workshop: Workshop, follower: Follower) -> None:
    generation = await workshop.ask()
    async with follower.watch(generation):
        assert follower._lives
    assert not follower._lives
    assert not workshop.hub._listeners


@pytest.mark.one_engine
async def test_a_redis_that_was_killed_and_wiped_costs_nothing(workshop: Workshop, tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    hub = workshop.hub = Hub(server.url)
    running = asyncio.create_task(hub.run())
    follower = Follower(hub, workshop.db)
    caring = asyncio.create_task(follower.run())
    try:
        await until(lambda: _is(hub, True), "connected")
        workshop.provider = ScriptedProvider([TextDelta("a "), 1.0, *words("b c"), Finished("stop")])
        generation = await workshop.ask()
        worker = workshop.worker()
        worker.runs.start(generation)
        device: list[Fact] = []
        reading = asyncio.create_task(read(follower, generation, device, None))
        await workshop.until_shown(generation)
        server.kill()
        await until(lambda: _is(hub, False), "noticed")
        server.start()
        await until(lambda: _is(hub, True), "connected again")
        async with asyncio.timeout(10):
            await reading
        assert device == await workshop.facts(generation)
        assert (await workshop.message(generation))["text"] == "a b c "
    finally:
        running.cancel()
        caring.cancel()
        await asyncio.gather(running, caring, return_exceptions=True)
        server.stop()


async def _is(hub: Hub, connected: bool) -> bool:
    return hub.connected is connected
