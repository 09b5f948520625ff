"""Fixtures of the generation tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from parley.generations.follow import Follower
from parley.lib.clock import now_ms
from parley.lib.db import Database
from parley.lib.hub import Hub
from tests.integration.generations.workshop import ScriptedProvider, Workshop, someone, until, words


@pytest.fixture
async def hub(redis_url: str) -> AsyncIterator[Hub]:
    """A connected hub."""
    hub = Hub(redis_url)
    running = asyncio.create_task(hub.run())

    async def connected() -> bool:
        return hub.connected

    await until(connected, "the hub is connected")
    yield hub
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def workshop(db: Database, hub: Hub) -> AsyncIterator[Workshop]:
    """A user, a conversation and a provider that says four words."""
    owner, conversation = await db.write(someone, now_ms())
    workshop = Workshop(db, hub, ScriptedProvider(words("one two three four")), owner, conversation)
    yield workshop
    for worker in workshop.workers:
        await worker.kill()


@pytest.fixture
async def follower(workshop: Workshop) -> AsyncIterator[Follower]:
    """A web process's follower, with its caretaker."""
    follower = Follower(workshop.hub, workshop.db)
    running = asyncio.create_task(follower.run())
    yield follower
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
