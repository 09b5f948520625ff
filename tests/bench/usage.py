"""The page of everybody's usage over a million answers: `python -m tests.bench --usage`."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg

from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.lib.db import Database, Many, Script, open_database
from parley.lib.db.checkpoint import Checkpointer
from parley.lib.db.sqlite import SQLiteDatabase
from parley.usage import service
from parley.usage.asking import Asked
from parley.usage.jobs import count_all
from parley.usage.spans import DAY
from tests.bench.crowd import people
from tests.bench.figures import Row, p50, percentile
from tests.servers import PostgresServer, migrate

BUDGET = 200.0  # ms, p95 of what the server does for the page
OWNERS = 100
DAYS = 90
TIMES = 20
BATCH = 5_000
MODELS = ("one", "two", "three", "four", "five", "six")
COLUMNS = (
    "owner, conversation, message, model, answered_by, status, attempt, prompt_tokens, cached_tokens,"
    " completion_tokens, reasoning_tokens, cost_nano, created_at, first_text_at, finished_at"
)


def _answers(times: list[int], owners: list[int], chance: random.Random) -> Script[None]:
    """Answers that ended at these times, in the order in which a worker stores them."""
    rows = []
    for at in times:
        first, rest = round(chance.lognormvariate(7, 0.8)), round(chance.lognormvariate(8.5, 0.8))
        model = chance.choices(MODELS, (30, 20, 10, 5, 2, 1))[0]
        owner = owners[min(int(chance.expovariate(4 / len(owners))), len(owners) - 1)]
        status = "error" if chance.random() < 0.03 else "done"
        counts = (chance.randrange(8_000), 0, chance.randrange(2_000), 0, chance.randrange(10**7))
        moments = (at - rest - first, at - rest, at)
        rows.append((owner, 1, 1, model, model, status, 1, *counts, *moments))
    marks = ", ".join("?" * len(rows[0]))
    yield Many(f"INSERT INTO generation ({COLUMNS}) VALUES ({marks})", rows)


def _ground(owner: int) -> Script[None]:
    """The one message that all answers are said to be of."""
    yield (
        "INSERT INTO conversation (id, owner, title, created_at, updated_at) VALUES (1, ?, '', 1, 1)",
        (owner,),
    )
    yield (
        "INSERT INTO message (id, conversation, role, text, created_at) VALUES (1, 1, 'assistant', '', 1)",
        (),
    )


async def _filled(db: Database, answers: int) -> list[int]:
    owners = await people(db, OWNERS)
    await db.write(_ground, owners[0])
    chance, now = random.Random(2), now_ms()
    times = sorted(now - chance.randrange(DAYS * DAY) for _ in range(answers))
    for at in range(0, answers, BATCH):
        await db.write_relaxed(_answers, times[at : at + BATCH], owners, chance)
    return owners


async def _taken(what: str, act: Callable[[], Awaitable[object]]) -> AsyncIterator[Row]:
    taken, own = [], []
    for number in range(TIMES + 2):
        began, cpu = time.perf_counter(), time.process_time()
        await act()
        if number >= 2:
            taken.append((time.perf_counter() - began) * 1000)
            own.append((time.process_time() - cpu) * 1000)
    yield Row(f"{what}, p50", "ms", p50(taken))
    yield Row(f"{what}, CPU of this process", "ms", p50(own), BUDGET)
    yield Row(f"{what}, p95", "ms", percentile(taken, 0.95), BUDGET, note=f"worst {max(taken):.0f} ms")


async def _cleaned(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def _measured(url: str, answers: int) -> list[Row]:
    db = open_database(url)
    await db.open()
    short = asyncio.create_task(Checkpointer(db.path).run()) if isinstance(db, SQLiteDatabase) else None
    try:
        owners = await _filled(db, answers)
        began = time.monotonic()
        await count_all(db)
        took = time.monotonic() - began
        if db.kind == "postgres":  # a million at once is more than its own cleaning keeps up with
            await _cleaned(url)
        rows = [Row(f"counting {answers:,} answers", "s", took, note=f"{answers / took:.0f} in a second")]
        actor = Actor(owners[0], "busy", "admin", "active", None, 1, "")
        for days in (30, 90):
            for everybody in (True, False):

                async def page(days: int = days, everybody: bool = everybody) -> None:
                    asked = Asked(days=days)
                    service.told(await service.find(db, actor, asked, everybody=everybody, path="/usage"))

                whose = "everybody's usage" if everybody else "the busiest person's usage"
                rows += [row async for row in _taken(f"{whose}, {days} days", page)]
    finally:
        if short is not None:
            short.cancel()
            await asyncio.wait({short})
        await db.close()
    return rows


async def usage_rows(answers: int, *, postgres: bool = False) -> list[Row]:
    """Fill a database of its own, count, and ask for pages."""
    folder = Path(tempfile.mkdtemp(prefix="parley-usage-"))
    folder.chmod(0o755)  # noqa: ASYNC240  PostgreSQL runs as another user
    server = PostgresServer(folder) if postgres else None
    try:
        if server is None:
            url = f"sqlite://{folder / 'usage.db'}"
        else:
            server.start()
            url = server.create("usage")
        migrate(url)
        return await _measured(url, answers)
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
