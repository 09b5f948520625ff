"""What moves under a counter: a person to another time zone, an administrator's reset under a question."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parley.chat import scripts as chat
from parley.chat.scripts import Accepted, Question, store_answer
from parley.generations.facts import Ending
from parley.generations.scripts import Held, Part, claim, row_lock, write_batch
from parley.lib.db import Database, Script
from parley.lib.errors import OverQuota
from parley.quotas import deciding
from parley.quotas.deciding import By
from parley.quotas.rules import Person, Plan, Rule, slots_of
from tests.integration.quotas.asking import visitors
from tests.integration.quotas.holding import meet

NOON = 1_795_262_400_000  # 2026-11-21 12:00 UTC
HOUR = 3_600_000
ADMIN = By(1, "admin")


THREE_A_DAY = Rule(1, "users", "", "", "messages", "day", 3)


def asking(
    owner: int, tag: str, zone: str = "UTC", now: int = NOON, rule: Rule | None = THREE_A_DAY
) -> Callable[[], Script[Accepted]]:
    """A question of somebody who lives there and may ask three a day."""
    person = Person(owner, "user", zone=zone)
    slots = slots_of([rule] if rule else [], person, now, "1:m")
    plan = Plan(person, "1:m", now, slots)
    question = Question(owner, None, "hello", tag, "hash", "1:m", "M", "hello", plan=plan)
    return lambda: chat.accept(question, now)


def empty(generation: int) -> Script[None]:
    """An answer that brings nothing."""
    yield from claim(generation, NOON, NOON + HOUR)
    part = Part(Held(generation, 1), (), False, False, Ending("error"))
    yield from write_batch([part], NOON, store_answer, "")


async def used(db: Database) -> list[tuple[int, int]]:
    rows = await db.fetch("SELECT used, past FROM quota_use ORDER BY id")
    return [(row["used"], row["past"]) for row in rows]


async def test_who_moves_to_another_time_zone_gets_no_fresh_day(db: Database) -> None:
    (owner,) = await db.write(visitors, 1)
    for number in range(3):
        await db.write(asking(owner, f"c{number}"))
    east = "Pacific/Guadalcanal"  # there the next day begins at 13:00 UTC
    with pytest.raises(OverQuota) as refused:
        await db.write(asking(owner, "moved", east, NOON + HOUR))
    assert refused.value.more["resetsAt"] == NOON + 12 * HOUR
    with pytest.raises(OverQuota):
        await db.write(asking(owner, "still", "Asia/Shanghai", NOON + 11 * HOUR))
    await db.write(asking(owner, "next day", east, NOON + 12 * HOUR))


async def test_a_reset_waits_for_who_is_asking(db: Database) -> None:
    """On PostgreSQL a question may be under way while the counters are set to zero."""
    (owner,) = await db.write(visitors, 1)
    first = await db.write(asking(owner, "first"))
    await meet(
        db,
        asking(owner, "second"),
        lambda: deciding.reset(None, ADMIN, NOON, row_lock(db)),
        before="INSERT INTO charge",
    )
    charges = await db.fetch("SELECT MAX(id) AS last, MAX(generation) AS generation FROM charge")
    assert await used(db) == [(0, charges[0]["last"])]
    for generation in (first.generation, charges[0]["generation"]):
        await db.write(empty, generation)
    assert await used(db) == [(0, charges[0]["last"])]  # nothing is given back twice


@pytest.mark.parametrize("everybody", [True, False])
async def test_a_reset_holds_for_a_limit_that_has_no_counter_yet(db: Database, everybody: bool) -> None:
    (owner,) = await db.write(visitors, 1)
    before = [await db.write(asking(owner, f"before {number}", rule=None)) for number in range(3)]
    await db.write(deciding.reset, None if everybody else owner, ADMIN, NOON, row_lock(db))
    for number in range(3):
        await db.write(asking(owner, f"c{number}"))
    await db.write(empty, before[0].generation)  # of before: it gives nothing back
    with pytest.raises(OverQuota):
        await db.write(asking(owner, "one too many"))
