"""Search in a crowd: `python -m tests.bench --search`."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from parley.chat.searching.filters import Filters
from parley.chat.searching.jobs import index_all
from parley.chat.searching.service import search
from parley.lib.db import Database, open_database
from parley.lib.db.checkpoint import Checkpointer
from parley.lib.db.sqlite import SQLiteDatabase
from parley.search.asking import wanted
from tests.bench.crowd import Words, people, populate
from tests.bench.figures import Row, p50, percentile
from tests.servers import PostgresServer, migrate

OWNERS = 12
BUDGET = 50.0  # ms, p95 of two Chinese characters over a million messages
TIMES = 200  # questions of each kind
WARM = 20  # before them


def questions(words: Words) -> dict[str, Callable[[random.Random], str]]:
    """The kinds of questions; common and rare words alike."""
    pairs = [word for word in words.chinese if len(word) == 2]
    common = words.english[:240]
    return {
        "English word": lambda chance: (
            chance.choice(words.english[: chance.choice((200, 2_000, 20_000))]) + " "
        ),
        "two Chinese characters": lambda chance: chance.choice(pairs[: chance.choice((100, 1_000, 20_000))]),
        "mixed": lambda chance: f"{chance.choice(pairs[:500])} {chance.choice(common)} ",
        "phrase": lambda chance: f'"{chance.choice(common)} {chance.choice(common)}"',
        "four Chinese characters": lambda chance: chance.choice(pairs[:300]) + chance.choice(pairs[:300]),
        "word being typed": lambda chance: chance.choice(words.english[:5_000])[:3],
        "no result": lambda chance: f"qxz{chance.randrange(10**6)} {chance.choice(common)} ",
    }


async def measured(db: Database, owner: int, words: Words, what: str) -> AsyncIterator[Row]:
    """The time from the question to the texts of the first page."""
    for kind, ask in questions(words).items():
        chance = random.Random(7)
        taken = []
        found = 0
        for number in range(TIMES + WARM):
            asked = wanted(ask(chance))
            began = time.perf_counter()
            page = await search(db, owner, asked, Filters())
            if number >= WARM:
                taken.append((time.perf_counter() - began) * 1000)
                found += bool(page.groups)
        budget = BUDGET if kind == "two Chinese characters" else None
        note = f"{found} of {TIMES} found something, worst {max(taken):.0f} ms"
        yield Row(f"search {what}, {kind}, p50", "ms", p50(taken))
        yield Row(f"search {what}, {kind}, p95", "ms", percentile(taken, 0.95), budget, note=note)


async def crowded(url: str, messages: int, conversations: int) -> list[Row]:
    """Fill the database behind `url`, index it, and search."""
    words = Words()
    db = open_database(url)
    await db.open()
    short = asyncio.create_task(Checkpointer(db.path).run()) if isinstance(db, SQLiteDatabase) else None
    try:
        owners = await people(db, OWNERS)
        began = time.monotonic()
        await populate(db, owners, conversations=conversations, messages=messages, words=words)
        filled = time.monotonic()
        print(f"  filled in {filled - began:.0f} s", flush=True)
        await index_all(db)
        took = time.monotonic() - filled
        each = Row(f"indexing {messages:,} messages", "s", took, note=f"{messages / took:.0f} in a second")
        found = [each, Row("size of the index", "MB", await _size(db) / 1e6)]
        for owner, what in ((owners[0], "of the busiest"), (owners[-1], "of somebody else")):
            async for row in measured(db, owner, words, what):
                print(f"  {row.what}: {row.measured:.3g} {row.unit} {row.verdict}", flush=True)
                found.append(row)
        return found
    finally:
        if short is not None:
            short.cancel()
            await asyncio.wait({short})
        await db.close()


async def _size(db: Database) -> float:
    """Bytes of the index."""
    if db.kind == "sqlite":
        rows = await db.fetch("SELECT SUM(LENGTH(block)) AS size FROM search_index_data")
    else:
        rows = await db.fetch("SELECT pg_total_relation_size('search_index') AS size")
    return float(rows[0]["size"])


async def search_rows(messages: int, conversations: int, *, postgres: bool) -> list[Row]:
    """All figures of one engine, in a database that is gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="parley-search-"))
    directory.chmod(0o755)  # noqa: ASYNC240 nothing else runs yet
    server = PostgresServer(directory) if postgres else None
    try:
        if server is not None:
            server.start()
        url = server.create("crowd") if server is not None else f"sqlite://{directory / 'crowd.db'}"
        migrate(url)
        return await crowded(url, messages, conversations)
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(directory, ignore_errors=True)
