"""SQLite and PostgreSQL keep one promise: the same scripts, the same answers."""

from __future__ import annotations

import asyncio
import sys
from contextvars import ContextVar
from functools import partial
from pathlib import Path

import pytest

from parley.accounts.tables import User
from parley.chat.tables import Conversation
from parley.lib.db import Database, Many, Row, Script, one, open_database
from tests.servers import ROOT

INSERT = (
    "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at) "
    "VALUES (?, ?, 'x', 'user', 'pending', 0)"
)


def add(name: str) -> Script[int]:
    rows = yield f"{INSERT} RETURNING id", (name, name)
    return int(rows[0]["id"])


def add_then_fail(name: str) -> Script[None]:
    yield INSERT, (name, name)
    raise LookupError("changed my mind")


def bump(user: int) -> Script[int]:
    rows = yield "UPDATE user_account SET ver = ver + 1 WHERE id = ? RETURNING ver", (user,)
    return int(rows[0]["ver"])


SPOKEN: ContextVar[str] = ContextVar("spoken", default="en")


def spoken() -> Script[str]:
    yield "SELECT 1", ()
    return SPOKEN.get()


async def names(db: Database) -> list[str]:
    return [row["username"] for row in await db.fetch("SELECT username FROM user_account ORDER BY id")]


async def test_what_a_script_stored_is_read_back(db: Database) -> None:
    await db.write(add, "Ada")
    await db.write_relaxed(add, "Grace 😀 你好")
    assert await names(db) == ["Ada", "Grace 😀 你好"]


async def test_a_script_that_raises_leaves_nothing_and_its_error_arrives(db: Database) -> None:
    with pytest.raises(LookupError, match="changed my mind"):
        await db.write(add_then_fail, "Ada")
    assert await names(db) == []
    await db.write(add, "Ada")  # and the writer goes on


async def test_a_script_decides_on_the_rows_it_receives(db: Database) -> None:
    def once(name: str) -> Script[bool]:
        found = yield "SELECT id FROM user_account WHERE username_key = ?", (name,)
        if one(found):
            return False
        yield INSERT, (name, name)
        return True

    assert [await db.write(once, "Ada"), await db.write(once, "Ada")] == [True, False]


async def test_a_script_speaks_the_language_of_its_caller(db: Database) -> None:
    SPOKEN.set("zh")
    assert [await db.write(spoken), await db.write_relaxed(spoken)] == ["zh", "zh"]


async def test_many_runs_one_statement_for_each_row(db: Database) -> None:
    def crowd() -> Script[list[Row]]:
        return (yield Many(INSERT, [(f"p{n}", f"p{n}") for n in range(200)]))

    assert await db.write(crowd) == []
    assert await names(db) == [f"p{n}" for n in range(200)]


async def test_a_bad_row_among_many_undoes_them_all(db: Database) -> None:
    def twins() -> Script[None]:
        yield Many(INSERT, [("a", "a"), ("b", "b"), ("a", "a")])

    with pytest.raises(Exception, match=r"(?i)unique"):
        await db.write(twins)
    assert await names(db) == []


async def test_booleans_large_numbers_and_none_survive(db: Database) -> None:
    def settle(owner: int) -> Script[Row]:
        rows = yield (
            "INSERT INTO conversation (owner, titled_by_owner, leaf, created_at, updated_at) "
            "VALUES (?, ?, ?, ?, ?) RETURNING titled_by_owner, leaf, created_at, deleted_at",
            (owner, True, 2**62, 1_790_000_000_000, 0),
        )
        return rows[0]

    row = await db.write(settle, await db.write(add, "Ada"))
    assert row == {
        "titled_by_owner": True,
        "leaf": 2**62,
        "created_at": 1_790_000_000_000,
        "deleted_at": None,
    }


async def test_a_row_without_its_parent_is_refused(db: Database) -> None:
    def orphan() -> Script[None]:
        yield "INSERT INTO conversation (owner, created_at, updated_at) VALUES (?, 0, 0)", (404,)

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        await db.write(orphan)


async def test_a_hundred_tasks_lose_no_increment(db: Database) -> None:
    user = await db.write(add, "Ada")
    seen = await asyncio.gather(*(db.write_relaxed(bump, user) for _ in range(100)))
    assert sorted(seen) == list(range(2, 102))


async def test_scripts_that_lock_in_opposite_order_both_succeed(db: Database) -> None:
    first, second = await db.write(add, "Ada"), await db.write(add, "Grace")
    pause = "SELECT pg_sleep(0.15)" if db.kind == "postgres" else "SELECT 1"  # so that they do meet

    def both(one_user: int, other_user: int) -> Script[None]:
        yield "UPDATE user_account SET ver = ver + 1 WHERE id = ?", (one_user,)
        yield pause, ()
        yield "UPDATE user_account SET ver = ver + 1 WHERE id = ?", (other_user,)

    await asyncio.gather(db.write(both, first, second), db.write(both, second, first))
    rows = await db.fetch("SELECT ver FROM user_account ORDER BY id")
    assert [row["ver"] for row in rows] == [3, 3]


async def test_durable_and_relaxed_differ_in_what_the_engine_waits_for(db: Database) -> None:
    question = "PRAGMA synchronous" if db.kind == "sqlite" else "SHOW synchronous_commit"

    def level() -> Script[str]:
        rows = yield question, ()
        return str(next(iter(rows[0].values())))

    assert [await db.write(level), await db.write_relaxed(level), await db.write(level)] == (
        ["2", "1", "2"] if db.kind == "sqlite" else ["on", "off", "on"]
    )


async def test_piccolo_reads_and_writes_on_the_same_connections(db: Database) -> None:
    user = await db.write(add, "Ada")
    await Conversation(owner=user, title="Hello", created_at=1, updated_at=1).save()
    await User.update({User.ver: User.ver + 1}).where(User.id == user)
    assert await User.select(User.ver).where(User.id == user) == [{"ver": 2}]
    assert await Conversation.count() == 1
    assert await db.fetch("SELECT title FROM conversation") == [{"title": "Hello"}]


async def test_reading_goes_on_while_many_write(db: Database) -> None:
    user = await db.write(add, "Ada")

    async def read() -> int:
        return int((await db.fetch("SELECT ver FROM user_account WHERE id = ?", user))[0]["ver"])

    writing = asyncio.gather(*(db.write_relaxed(bump, user) for _ in range(60)))
    seen = [await read() for _ in range(60)]
    await writing
    assert seen == sorted(seen), "a reader saw an older state after a newer one"
    assert await read() == 61


async def test_two_processes_lose_no_increment(db: Database, database_url: str) -> None:
    user = await db.write(add, "Ada")
    code = "from tests.adapters.test_database import increments; increments()"
    command = [sys.executable, "-W", "error", "-c", code, database_url, str(user), "500"]
    environment = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    start = partial(asyncio.create_subprocess_exec, *command, cwd=ROOT, env=environment)
    both = [await start(), await start()]
    assert [await process.wait() for process in both] == [0, 0]
    rows = await db.fetch("SELECT ver FROM user_account WHERE id = ?", user)
    assert rows == [{"ver": 1001}]


def increments() -> None:
    """What each of the two processes does."""
    url, user, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

    async def run() -> None:
        database = open_database(url)
        await database.open()
        for _ in range(times // 10):
            await asyncio.gather(*(database.write_relaxed(bump, user) for _ in range(10)))
        await database.close()

    asyncio.run(run())


async def test_closing_twice_does_no_harm(db: Database) -> None:
    await db.close()
    await db.close()


def test_other_databases_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_database("mysql://root@127.0.0.1/parley")
