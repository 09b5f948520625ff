"""PostgreSQL: the same scripts over an asyncpg pool shared with Piccolo."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, ParamSpec, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine

from parley.lib.db.script import Many, Row, Script
from parley.lib.errors import StorageFull, Unavailable

T = TypeVar("T")
P = ParamSpec("P")

TRIES = 6  # serialisation failures and deadlocks end by themselves; more means something is wrong

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # asyncpg, about a connection that the server is just ending
    asyncpg.OperatorInterventionError,  # shutting down, starting up, ended by an administrator
    asyncpg.TooManyConnectionsError,
)


@lru_cache(maxsize=1024)
def numbered(sql: str) -> str:
    """`?` placeholders as PostgreSQL's `$1, $2, …`. Our SQL holds no `?` in literals."""
    head, *rest = sql.split("?")
    return head + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))


class QuietEngine(PostgresEngine):
    """Piccolo without its look at the server's version, for which it would connect before `open`."""

    async def check_version(self) -> None:
        """Nothing: what we need of a server is said in `script.py`."""


class PostgresDatabase:
    """`Database` over a PostgreSQL server."""

    kind = "postgres"

    def __init__(self, url: str) -> None:
        self._engine = QuietEngine(config={"dsn": url})

    @property
    def engine(self) -> PostgresEngine:
        """Piccolo on the same pool."""
        return self._engine

    async def open(self) -> None:
        """Open the pool; raises OSError or asyncpg's error when the server cannot be reached."""
        await self._engine.start_connection_pool(min_size=2, max_size=10, timeout=10)

    async def close(self) -> None:
        """Close the pool after the statements under way."""
        if self._engine.pool is not None:
            await self._engine.close_connection_pool()

    async def write(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction, tried again on a serialisation failure or deadlock."""
        return await self._write(partial(script, *args, **kwargs), durable=True)

    async def write_relaxed(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction with `synchronous_commit = off`."""
        return await self._write(partial(script, *args, **kwargs), durable=False)

    async def _write(self, make: Callable[[], Script[T]], *, durable: bool) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    if not durable:
                        await connection.execute("SET LOCAL synchronous_commit = off")
                    return await self._drive(connection, make())
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError) as error:
                if attempt == TRIES:
                    raise Unavailable("The database is busy. Try again in a moment.") from error
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311
            except asyncpg.DiskFullError as error:
                raise StorageFull("The disk of the database is full. Nothing was stored.") from error
            except LOST as error:
                raise Unavailable("The database cannot be reached. Try again in a moment.") from error
        raise AssertionError("unreachable")

    async def _drive(self, connection: Any, script: Script[T]) -> T:
        rows: list[Row] = []
        try:
            step = next(script)
            while True:
                if isinstance(step, Many):
                    await connection.executemany(numbered(step.sql), step.rows)
                    rows = []
                else:
                    records = await connection.fetch(numbered(step[0]), *step[1])
                    rows = [dict(record) for record in records]
                step = script.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        """Read with one statement on a pooled connection."""
        try:
            return [dict(record) for record in await self._pool.fetch(numbered(sql), *values)]
        except LOST as error:
            raise Unavailable("The database cannot be reached. Try again in a moment.") from error

    @property
    def _pool(self) -> Any:
        assert self._engine.pool is not None, "the database is not open"
        return self._engine.pool
