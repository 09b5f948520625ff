"""What only SQLite promises: locks, readers, a short write-ahead log, a full disk."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parley.lib.db import open_database
from parley.lib.db.checkpoint import Checkpointer
from parley.lib.db.sqlite import SQLiteDatabase
from parley.lib.errors import StorageFull, Unavailable
from tests.adapters.test_database import add, names
from tests.servers import ROOT

COUNT = "SELECT count(*) AS n FROM user_account"


@pytest.fixture
def path(sqlite_url: str) -> str:
    return sqlite_url.removeprefix("sqlite://")


@contextlib.asynccontextmanager
async def opened(path: str, patience: float) -> AsyncIterator[SQLiteDatabase]:
    database = SQLiteDatabase(path, patience=patience)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@contextlib.contextmanager
def locked_by_another(path: str) -> Iterator[sqlite3.Connection]:
    """The write lock in other hands: a connection of its own stands for another process."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.close()


async def test_a_writer_waits_for_the_lock_of_another_process(path: str) -> None:
    async with opened(path, patience=10) as db:
        with locked_by_another(path) as other:
            writing = asyncio.ensure_future(db.write(add, "Ada"))
            done, _ = await asyncio.wait([writing], timeout=0.1)
            assert not done
            other.execute("COMMIT")
        assert await writing > 0


async def test_a_writer_gives_up_politely_and_works_again_later(path: str) -> None:
    async with opened(path, patience=0.2) as db:
        with locked_by_another(path), pytest.raises(Unavailable, match="busy"):
            await db.write(add, "Ada")
        await db.write(add, "Grace")
        assert await names(db) == ["Grace"]


async def test_readers_never_wait_for_a_writer(path: str) -> None:
    async with opened(path, patience=0.2) as db:
        with locked_by_another(path):
            assert await db.fetch(COUNT) == [{"n": 0}]


async def test_closing_succeeds_while_another_process_holds_the_lock(path: str) -> None:
    db = SQLiteDatabase(path, patience=0.2)
    await db.open()
    with locked_by_another(path):
        await db.close()
    assert not db.is_open


async def test_readers_cannot_write(path: str) -> None:
    async with opened(path, patience=1) as db:
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await db.fetch("DELETE FROM model")
        assert len(await db.fetch("SELECT id FROM model")) == 1


async def test_the_file_is_in_wal_mode_with_foreign_keys(path: str) -> None:
    async with opened(path, patience=1) as db:
        assert await db.fetch("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
        assert await db.fetch("PRAGMA foreign_keys") == [{"foreign_keys": 1}]


async def test_a_transaction_of_piccolo_is_refused_at_run_time(path: str) -> None:
    async with opened(path, patience=1) as db:
        with pytest.raises(AssertionError, match=r"Database\.write"):
            db.engine.transaction()


def test_a_relative_path_is_not_mistaken_for_an_absolute_one() -> None:
    assert isinstance(open_database("sqlite:///srv/parley.db"), SQLiteDatabase)


def wal_size(path: str) -> int:
    return Path(path + "-wal").stat().st_size


async def grow(db: SQLiteDatabase, rounds: int) -> None:
    """Write about 100 kB in each round, each in a transaction of its own."""
    for n in range(rounds):
        await db.write_relaxed(add, "x" * 100_000 + str(n))


async def test_nobody_checkpoints_by_himself(path: str) -> None:
    async with opened(path, patience=1) as db:
        await grow(db, 60)
        assert wal_size(path) > 6_000_000


async def test_the_checkpointer_keeps_the_log_short_and_loses_nothing(path: str) -> None:
    async with opened(path, patience=5) as db:
        checkpointer = Checkpointer(path)
        holder, copier = checkpointer._open()
        with contextlib.closing(holder), contextlib.closing(copier):
            for n in range(12):
                await db.write_relaxed(add, f"{n}" + "x" * 1_000_000)
                await asyncio.to_thread(checkpointer.step, holder, copier)
        assert wal_size(path) < 4_000_000  # 12 MB were written
        assert await db.fetch(COUNT) == [{"n": 12}]
    with contextlib.closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


async def test_the_checkpointer_steps_aside_for_a_writer(path: str) -> None:
    async with opened(path, patience=1) as db:
        await grow(db, 5)
        checkpointer = Checkpointer(path)
        holder, copier = checkpointer._open()
        with contextlib.closing(holder), contextlib.closing(copier):
            with locked_by_another(path):
                await asyncio.to_thread(checkpointer.step, holder, copier)
            await asyncio.to_thread(checkpointer.step, holder, copier)
        with contextlib.closing(sqlite3.connect(path)) as file:
            assert file.execute(COUNT).fetchone() == (5,)


async def test_a_full_disk_is_said_and_survived(path: str) -> None:
    """In a process of its own: the limit on file sizes cannot be lifted again by everybody."""
    code = "from tests.adapters.test_sqlite import fill_the_disk; fill_the_disk()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", code, path,
        cwd=ROOT, env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0
    told = json.loads(said)
    assert told["stored_before"] > 3
    assert told["refused"] == told["tries"], "a write was acknowledged on a full disk, or another error came"
    assert told["readable_while_full"] == told["stored_before"]
    assert told["stored_after"] == told["stored_before"] + 1
    with contextlib.closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert file.execute(COUNT).fetchone() == (told["stored_after"],)


def fill_the_disk() -> None:
    """Write under a limit of file sizes until it is reached, try on, lift it, and write once more."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    path = sys.argv[1]

    async def run() -> dict[str, int]:
        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        database = SQLiteDatabase(path, patience=1)
        await database.open()
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
        stored, refused, tries = 0, 0, 5
        with contextlib.suppress(StorageFull):
            for n in range(100):
                await database.write(add, f"{n}" + "x" * 20_000)
                stored += 1
        for n in range(tries):
            try:
                await database.write(add, f"full {n}" + "x" * 20_000)
            except StorageFull:
                refused += 1
        readable = (await database.fetch(COUNT))[0]["n"]
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        await database.write(add, "there is room again")
        after = (await database.fetch(COUNT))[0]["n"]
        await database.close()
        return {
            "stored_before": stored,
            "refused": refused,
            "tries": tries,
            "readable_while_full": readable,
            "stored_after": after,
        }

    print(json.dumps(asyncio.run(run())))
