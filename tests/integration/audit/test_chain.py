"""The audit log shows when somebody changed it, and whoever acts at once makes one chain."""

from __future__ import annotations

import asyncio
import csv
import io

import msgspec
import pytest

from parley.audit.acting import Acting, act_as, act_of
from parley.audit.entries import Entry
from parley.audit.exporting import comma_separated, json_lines
from parley.audit.queries import Wanted, acts, beginning, newest
from parley.audit.scripts import record, record_rarely, shorten
from parley.audit.verifying import verify
from parley.lib.db import Database, Script

TAMPERING = {
    "changed": ("UPDATE audit_entry SET subject = 'user 8' WHERE seq = 3", "entry 3 was changed"),
    "deleted": ("DELETE FROM audit_entry WHERE seq = 3", "entry 3 is missing"),
    "last deleted": ("DELETE FROM audit_entry WHERE seq = 6", "entry 6 is missing"),
    "put before": ("UPDATE audit_entry SET seq = -4 WHERE seq = 3", "entry -4 was put in"),
    "appended": (
        "INSERT INTO audit_entry (seq, at, actor_name, act, hash) VALUES (7, 1, 'eve', 'user.enabled', 'x')",
        "entry 7 was added past the end",
    ),
    "hash": ("UPDATE audit_entry SET hash = 'x' WHERE seq = 6", "entry 6 was changed"),
    "head": ("UPDATE audit_head SET hash = 'x'", "the end of the chain does not fit entry 6"),
}


def raw(*statements: str) -> Script[None]:
    for statement in statements:
        yield statement, ()


async def filled(db: Database, count: int = 6) -> None:
    for number in range(1, count + 1):
        after = {"status": "disabled", "n": number}
        await db.write(
            record, Entry(act="user.disabled", subject=f"user {number}", after=after), number * 1_000
        )


@pytest.mark.one_engine
async def test_an_empty_log_is_as_it_was_written(db: Database) -> None:
    assert await verify(db) == (0, "")
    assert [piece async for piece in json_lines(db)] == []
    assert len([piece async for piece in comma_separated(db)]) == 1
    assert await acts(db) == []
    await db.write(raw, "DELETE FROM audit_head")
    assert (await verify(db))[1]


@pytest.mark.parametrize("statements", [1, 2, 3])
async def test_what_breaks_off_in_the_middle_leaves_the_chain_whole(db: Database, statements: int) -> None:
    def broken() -> Script[None]:
        script, answer = record(Entry(act="route.added"), 9), None
        for _number in range(statements):
            answer = yield script.send(answer)  # type: ignore[arg-type]
        raise RuntimeError("gone")

    await filled(db, 2)
    with pytest.raises(RuntimeError, match="gone"):
        await db.write(broken)
    assert await verify(db) == (2, "")
    assert await db.write(record, act_of("user.disabled", "a\0b", before={"x": None}), 10) == 3
    assert await verify(db) == (3, "")


@pytest.mark.one_engine
@pytest.mark.parametrize("how", TAMPERING)
async def test_tampering_is_named(db: Database, how: str) -> None:
    await filled(db)
    assert await verify(db) == (6, "")
    statement, fault = TAMPERING[how]
    await db.write(raw, statement)
    assert (await verify(db))[1].startswith(fault)


async def test_two_entries_in_another_order_are_noticed(db: Database) -> None:
    await filled(db)
    await db.write(
        raw,
        "UPDATE audit_entry SET seq = 99 WHERE seq = 3",
        "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
        "UPDATE audit_entry SET seq = 4 WHERE seq = 99",
    )
    assert await verify(db) == (2, "entry 3 was changed, or the one before it")


async def test_what_is_left_of_a_shortened_log_can_be_verified(db: Database) -> None:
    await filled(db)
    assert await db.write(shorten, 4_000, 10_000) == 3
    assert await verify(db) == (4, "")
    begins = await beginning(db)
    assert (begins.seq, begins.removed_at) == (3, 10_000)
    assert await db.write(shorten, 6_000, 20_000) == 0  # a few wait for a day, and make one entry
    assert await db.write(shorten, 6_000, 20_000, 1) == 1
    assert await db.write(shorten, 99_000, 99_999_999, 2) == 2
    assert await verify(db) == (3, "")
    assert [each.seq for each in await newest(db, Wanted(act="audit"), limit=9)] == [9, 8, 7]
    assert await db.write(shorten, 999_999_999, 999_999_999) == 3
    assert await verify(db) == (1, "")


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM audit_entry WHERE seq = 4", "entry 4 is missing"),
        ("UPDATE audit_head SET first_hash = 'x'", "entry 4 was changed, or the one before it"),
        ("UPDATE audit_head SET first_seq = 0", "entry 1 is missing"),
        (
            "UPDATE audit_head SET first_seq = 4, first_hash = (SELECT hash FROM audit_entry WHERE seq = 4)",
            "entry 5 is the first, and no entry says",
        ),
    ],
)
async def test_more_removed_than_retention_did_is_noticed(db: Database, statement: str, fault: str) -> None:
    await filled(db)
    await db.write(shorten, 4_000, 10_000)
    if "first_seq = 4" in statement:
        statement = f"{statement} ; DELETE FROM audit_entry WHERE seq = 4"
    await db.write(raw, *statement.split(" ; "))
    assert (await verify(db))[1].startswith(fault)


async def test_acts_at_once_make_one_chain_without_holes(db: Database) -> None:
    writes = [db.write(record, Entry(act="route.added", subject=f"route {n}"), n) for n in range(60)]
    numbers = await asyncio.gather(*writes)
    assert sorted(numbers) == list(range(1, 61))
    assert await verify(db) == (60, "")


async def test_an_attack_leaves_one_line_a_minute(db: Database) -> None:
    failed = Entry(act="login.failed", subject="user 7", address="203.0.113.9")
    numbers = [await db.write(record_rarely, failed, at) for at in (0, 1, 59_999, 60_000, 60_001)]
    assert numbers == [1, None, None, 2, None]
    other = Entry(act="login.failed", subject="user 7", address="203.0.113.10")
    assert await db.write(record_rarely, other, 60_002) == 3


async def test_what_somebody_looks_for_is_found(db: Database) -> None:
    await filled(db)
    await db.write(record, Entry(act="login.failed", actor_name="Eve_x", address="203.0.113.9"), 9_000)

    async def found(**wanted: object) -> list[int]:
        return [each.seq for each in await newest(db, Wanted(**wanted), limit=50)]  # type: ignore[arg-type]

    assert await found() == [7, 6, 5, 4, 3, 2, 1]
    assert await found(act="user") == [6, 5, 4, 3, 2, 1]
    assert await found(act="user.disabled", since=2_000, until=4_000) == [3, 2]
    assert await found(who="eve_") == [7]
    assert await found(who="eve%") == []
    assert await found(text="USER 4") == [4]
    assert [each.seq for each in await newest(db, Wanted(), before=3, limit=1)] == [2]
    assert await acts(db) == ["login.failed", "user.disabled"]


@pytest.mark.one_engine
async def test_the_export_holds_everything_and_calculates_nothing(db: Database) -> None:
    await filled(db, 2)
    await db.write(record, Entry(act="user.renamed", actor_name="=1+1"), 3_000)
    lines = b"".join([piece async for piece in json_lines(db)]).splitlines()
    assert [msgspec.json.decode(line)["seq"] for line in lines] == [1, 2, 3]
    text = b"".join([piece async for piece in comma_separated(db)]).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[1]["at"] == "1970-01-01T00:00:02.000+00:00"
    assert rows[2]["actor_name"] == "'=1+1"


def test_only_what_differs_is_kept() -> None:
    act_as(Acting(7, "ada", "::1"))
    entry = act_of(
        "route.changed", "route a", before={"name": "A", "on": True}, after={"name": "A", "on": False}
    )
    assert (entry.actor, entry.actor_name, entry.address) == (7, "ada", "::1")
    assert (entry.before, entry.after) == ({"on": True}, {"on": False})
