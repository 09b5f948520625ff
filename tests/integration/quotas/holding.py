"""Transactions that are held open on PostgreSQL while others run into them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from parley.lib.db import Database, Many, Row, Script
from parley.lib.db.postgres import PostgresDatabase, numbered

T = TypeVar("T")


class Held:
    """A transaction that stops before a statement that begins so, "" before its commit."""

    def __init__(self, before: str = "") -> None:
        self._before = before
        self.reached, self._go_on = asyncio.Event(), asyncio.Event()

    def go_on(self) -> None:
        """Let it end."""
        self._go_on.set()

    async def run(self, db: Database, make: Callable[[], Script[T]]) -> T:
        """The script as one transaction."""
        assert isinstance(db, PostgresDatabase)
        pool: Any = db.engine.pool
        async with pool.acquire() as connection, connection.transaction():
            result = await self._drive(connection, make())
            if not self._before:
                await self._stop()
            return result

    async def _drive(self, connection: Any, script: Script[T]) -> T:
        rows: list[Row] = []
        try:
            step = next(script)
            while True:
                sql, values = step
                if self._before and sql.startswith(self._before):
                    await self._stop()
                if isinstance(step, Many):
                    await connection.executemany(numbered(sql), values)
                    rows = []
                else:
                    rows = [dict(row) for row in await connection.fetch(numbered(sql), *values)]
                step = script.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    async def _stop(self) -> None:
        self.reached.set()
        await self._go_on.wait()


async def meet(
    db: Database, first: Callable[[], Script[object]], then: Callable[[], Script[object]], before: str = ""
) -> None:
    """Both; on PostgreSQL `then` comes while `first` is held, and must wait for it."""
    if db.kind != "postgres":
        await db.write(first)
        await db.write(then)
        return
    held = Held(before)
    holding = asyncio.create_task(held.run(db, first))
    await held.reached.wait()
    other = asyncio.create_task(db.write(then))
    try:
        await waits_for_a_lock(db)
    finally:
        held.go_on()
        await asyncio.gather(holding, other)


async def waits_for_a_lock(db: Database, transactions: int = 1) -> None:
    """Until so many transactions wait for others."""
    for _ in range(300):
        found = await db.fetch("SELECT COUNT(*) AS n FROM pg_locks WHERE NOT granted")
        if found[0]["n"] >= transactions:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody waits")
