"""What only PostgreSQL promises: a server that goes away is a sentence, and comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from parley.lib.db import Script
from parley.lib.db.postgres import PostgresDatabase, numbered
from parley.lib.errors import Unavailable
from tests.adapters.test_database import add, names
from tests.servers import PostgresServer, free_port

SLOW = "SELECT pg_sleep(30)"


def slow() -> Script[None]:
    yield SLOW, ()


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    database = PostgresDatabase(postgres_url)
    await database.open()
    yield database
    await database.close()


async def terminate(server: PostgresServer, database: PostgresDatabase) -> None:
    """End every connection of this database, as a restart or a failover does."""
    name = (await database.fetch("SELECT current_database() AS name"))[0]["name"]
    ends = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    await asyncio.to_thread(server.sql, ends)


async def under_way(database: PostgresDatabase) -> None:
    running = (
        "SELECT 1 FROM pg_stat_activity WHERE query = ? AND state = 'active' AND datname = current_database()"
    )
    async with asyncio.timeout(10):
        while not await database.fetch(running, SLOW):
            pass


@pytest.mark.parametrize("verb", ["write", "fetch"])
async def test_a_connection_that_ends_under_a_statement_is_unavailable(
    postgres_server: PostgresServer, database: PostgresDatabase, verb: str
) -> None:
    waiting = asyncio.ensure_future(database.write(slow) if verb == "write" else database.fetch(SLOW))
    await under_way(database)
    await terminate(postgres_server, database)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await waiting


async def test_after_its_connections_ended_the_database_serves_again(
    postgres_server: PostgresServer, database: PostgresDatabase
) -> None:
    await terminate(postgres_server, database)
    tries = 0
    while True:
        tries += 1
        try:
            await database.write(add, "Ada")
            break
        except Unavailable:
            assert tries < 12, "each dead connection may fail once, the pool has ten"
    assert await names(database) == ["Ada"]


async def test_a_server_that_is_not_there_is_an_error_at_once() -> None:
    database = PostgresDatabase(f"postgresql://postgres@127.0.0.1:{free_port()}/parley")
    with pytest.raises(OSError, match="Connect"):
        await database.open()
    await database.close()


async def test_a_statement_of_our_own_making_is_not_blamed_on_the_server(database: PostgresDatabase) -> None:
    with pytest.raises(asyncpg.UndefinedTableError):
        await database.fetch("SELECT 1 FROM nowhere")


def test_placeholders_are_numbered_in_order() -> None:
    assert numbered("INSERT INTO t VALUES (?, ?) WHERE a = ?") == "INSERT INTO t VALUES ($1, $2) WHERE a = $3"
    assert numbered("SELECT 1") == "SELECT 1"
