"""Looking for new models: in the background, once at a time, and nobody waits for it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parley.catalogue import service
from parley.catalogue.jobs import refresh_due
from parley.lib.clock import now_ms
from parley.resources import Resources
from tests.integration.catalogue.conftest import NOW, connection, data, set_column, set_setting
from tests.world import World

PAGES = ("/chat", "/admin/connections", "/api/models", "/api/connections")


class Silent:
    """An upstream that takes calls and never answers."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[asyncio.BaseTransport] = []
        self.called = asyncio.Event()

    def call(self) -> asyncio.Protocol:
        """One call more."""
        return _Call(self)


class _Call(asyncio.Protocol):
    def __init__(self, upstream: Silent) -> None:
        self._upstream = upstream

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._upstream.calls.append(transport)
        self._upstream.called.set()


@pytest.fixture
async def silent() -> AsyncIterator[Silent]:
    upstream = Silent()
    server = await asyncio.get_running_loop().create_server(upstream.call, "127.0.0.1", 0)
    upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    yield upstream
    server.close()
    for transport in upstream.calls:
        transport.close()


async def until(resources: Resources, sql: str, wanted: int) -> None:
    """Wait until `sql` counts `wanted` rows."""
    async with asyncio.timeout(10):
        for pause in itertools.repeat(0.01):
            if (await resources.db.fetch(sql))[0]["n"] == wanted:
                return
            await asyncio.sleep(pause)


async def five(resources: Resources, silent: Silent) -> list[int]:
    """Five connections that are due; the first never answers, nobody is at home at the others."""
    urls = [silent.url, *["http://127.0.0.1:9/v1"] * 4]
    return [await connection(resources.db, {}, base_url=url, checked_at=1) for url in urls]


async def test_one_that_hangs_delays_neither_the_others_nor_any_page(world: World, silent: Silent) -> None:
    resources = world.resources
    hanging, *others = await five(resources, silent)
    chore = asyncio.create_task(refresh_due(resources))
    count = f"SELECT COUNT(*) AS n FROM connection WHERE checked_at > {NOW} AND id > {hanging}"
    await until(resources, count, len(others))
    assert not chore.done()
    calls = len(silent.calls)
    for path in PAGES:
        person = world.admin.api if path.startswith("/api") else world.admin.pages
        async with asyncio.timeout(12):  # the upstream would take 15
            assert (await person.get(path)).status_code == 200
    assert len(silent.calls) == calls, "a page asked an upstream"
    chore.cancel()
    await asyncio.gather(chore, return_exceptions=True)
    await until(resources, "SELECT COUNT(*) AS n FROM connection WHERE refresh_until > 0", 0)


async def test_two_processes_do_not_ask_the_same_upstream(world: World) -> None:
    db = world.resources.db
    ids = [await connection(db, {}, base_url="http://127.0.0.1:9/v1", checked_at=1) for _ in range(3)]
    both = await asyncio.gather(service.refresh_due(world.resources), service.refresh_due(world.resources))
    assert sorted([id for begun in both for id in begun if id in ids]) == ids


async def test_what_is_fresh_or_off_is_left_alone_and_nothing_is_written(world: World) -> None:
    db = world.resources.db
    await service.refresh_due(world.resources)  # the demo
    await connection(db, {}, checked_at=now_ms())
    await connection(db, {}, checked_at=1, enabled=False)
    before = await db.fetch("SELECT * FROM connection ORDER BY id")
    assert await service.refresh_due(world.resources) == []
    assert await db.fetch("SELECT * FROM connection ORDER BY id") == before


async def test_how_often_is_a_setting(world: World) -> None:
    db = world.resources.db
    await service.refresh_due(world.resources)
    id = await connection(db, {}, base_url="http://127.0.0.1:9/v1", checked_at=now_ms() - 120_000)
    assert await service.refresh_due(world.resources) == []
    await db.write(set_setting, "models.refresh", 1)
    assert await service.refresh_due(world.resources) == [id]


async def test_an_administrator_asks_and_gets_an_answer_at_once(world: World, silent: Silent) -> None:
    ids = await five(world.resources, silent)
    async with asyncio.timeout(12):  # the upstream would take 15
        answer = data(await world.admin.api.post("/api/models/refresh", json={"connection": ids[0]}), 202)
        assert answer == {"refreshing": [ids[0]]}
        answer = data(await world.admin.api.post("/api/models/refresh", json={}), 202)
        await silent.called.wait()
    assert set(ids) <= set(answer["refreshing"])
    assert len(silent.calls) == 1, "what is under way is not begun again"
    unknown: Any = await world.admin.api.post("/api/models/refresh", json={"connection": 999})
    assert unknown.status_code == 404


async def test_a_lease_of_a_dead_process_ends(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {}, base_url="http://127.0.0.1:9/v1", checked_at=1)
    await db.write(set_column, id, "refresh_until", now_ms() + 60_000)
    assert id not in await service.refresh_due(world.resources)
    await db.write(set_column, id, "refresh_until", now_ms() - 1)
    assert id in await service.refresh_due(world.resources)
