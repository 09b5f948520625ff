"""Counters that are made while answers end and others ask, and many answers that end at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import asyncpg
import pytest

from parley.chat import scripts as chat
from parley.chat.scripts import Accepted, Question, store_answer
from parley.generations.facts import Ending, Used
from parley.generations.scripts import Held, Part, claim, row_lock, write_batch
from parley.lib.db import Database, Script, open_database
from parley.lib.errors import OverQuota
from parley.providers.base import UsageReport
from parley.quotas import deciding
from parley.quotas.counting import sum_of
from parley.quotas.deciding import By
from parley.quotas.reckoning import Guess
from parley.quotas.rules import Person, Plan, Rule, slots_of
from tests.integration.quotas.asking import NETWORK, visitors
from tests.integration.quotas.holding import meet, waits_for_a_lock
from tests.unit.quotas.books import drive

NOON = 1_795_262_400_000  # 2026-11-21 12:00 UTC
TOKENS = Rule(1, "visitors", "", "", "tokens", "day", 1000)
MONEY = Rule(2, "visitors", "", "", "money", "month", 1000)
POOL = Rule(3, "pool", "", "", "messages", "day", 1000)
GUESS = Guess(prompt=100, answer=900, input=1000, output=1000)


def asking(owner: int, tag: str, *rules: Rule, guess: Guess = GUESS) -> Callable[[], Script[Accepted]]:
    """A question of a visitor in a chat of its own."""
    person = Person(owner, "visitor", network=NETWORK)
    plan = Plan(person, "1:m", NOON, slots_of(rules, person, NOON, "1:m"), guess=guess)
    question = Question(owner, None, "hello", tag, "hash", "1:m", "M", "hello", plan=plan)
    return lambda: chat.accept(question, NOON)


def ending(db: Database, *generations: int, tokens: int = 50) -> Callable[[], Script[object]]:
    """So many answers end in one transaction."""
    used = Used("1:m", "M", UsageReport(tokens - 10, 10), cost_nano=tokens)
    parts = [
        Part(Held(id, 1), ((1, "text", "hi"),), True, True, Ending("done", used=used)) for id in generations
    ]
    return lambda: write_batch(parts, NOON, store_answer, row_lock(db))


async def begun(db: Database, owner: int, tag: str, *rules: Rule) -> int:
    accepted = await db.write(asking(owner, tag, *rules))
    await db.write(claim, accepted.generation, NOON, NOON + 10)
    return accepted.generation


async def check(db: Database) -> int:
    """Every counter is the sum of its charges; how many counters there are."""
    counters = await db.fetch("SELECT * FROM quota_use ORDER BY id")
    (slot,) = slots_of([POOL], Person(1, "visitor"), NOON)
    for row in counters:
        whole = replace(
            slot, key=row["key"], model=row["model"], unit=row["unit"], start=row["start_at"],
            end=row["end_at"],
        )  # fmt: skip
        sql, values = sum_of(whole)
        assert (await db.fetch(sql, *values))[0]["used"] == row["used"], row
    return len(counters)


async def test_an_answer_that_ends_while_its_first_counter_is_made_is_in_it(db: Database) -> None:
    """An allowance is new: of what came before only the ledger knows."""
    (owner,) = await db.write(visitors, 1)
    generation = await begun(db, owner, "before")
    rule = replace(TOKENS, most=10_000)
    await meet(db, ending(db, generation), asking(owner, "after", rule))
    assert await check(db) == 1


async def test_visitors_who_ask_while_a_counter_is_made_are_in_it(db: Database) -> None:
    """One asked before the pool's allowance was there, and has not committed yet."""
    first, second = await db.write(visitors, 2)
    await meet(db, asking(first, "without"), asking(second, "with", POOL))
    assert await check(db) == 1
    assert (await db.fetch("SELECT used FROM quota_use"))[0]["used"] == 2


@pytest.mark.parametrize("rule", [TOKENS, MONEY])
async def test_what_is_left_for_one_answer_lets_one_through(db: Database, rule: Rule) -> None:
    (owner,) = await db.write(visitors, 1)
    asked = await asyncio.gather(
        *(db.write(asking(owner, f"c{n}", rule)) for n in range(20)), return_exceptions=True
    )
    (through,) = [each for each in asked if isinstance(each, Accepted)]
    refused = [each for each in asked if isinstance(each, OverQuota)]
    assert len(refused) == 19
    assert "set aside for answers that are being written" in str(refused[0])
    assert refused[0].retry_after == 5
    await db.write(claim, through.generation, NOON, NOON + 10)
    await db.write(ending(db, through.generation, tokens=999))
    await db.write(asking(owner, "the last", rule))  # one is left: that is enough to be asked
    with pytest.raises(OverQuota, match="set aside"):
        await db.write(asking(owner, "more", rule))
    assert await check(db) == 1


async def test_many_answers_of_two_workers_end_at_once_without_a_deadlock(postgres_url: str) -> None:
    db = open_database(postgres_url)
    await db.open()
    holder, *pair = [await asyncpg.connect(postgres_url) for _ in range(3)]
    people = await db.write(visitors, 5)
    one = [await begun(db, owner, "one", TOKENS, MONEY) for owner in people]
    other = [await begun(db, owner, "other", replace(TOKENS, most=10**6)) for owner in people]
    async with holder.transaction():  # both are in the middle of it at the same time
        await holder.execute("UPDATE quota_use SET used = used WHERE key = $1", f"user {people[2]}")
        ends = ending(db, *one), ending(db, *reversed(other))
        # Tried once: the product would try again after a deadlock, a second later.
        workers = [
            asyncio.create_task(drive(*each)) for each in zip(pair, (end() for end in ends), strict=True)
        ]
        await waits_for_a_lock(db, 2)
    await asyncio.gather(*workers)
    assert await check(db) == len(people) * 2
    for connection in (holder, *pair):
        await connection.close()
    await db.close()


def last_first() -> Script[None]:
    """Let the counters lie in the table in the reverse of their order, as writing does by and by."""
    rows = yield "SELECT id FROM quota_use ORDER BY id DESC", ()
    for row in rows:
        yield "UPDATE quota_use SET used = used WHERE id = ?", (row["id"],)


async def test_a_reset_while_answers_end_is_no_deadlock(postgres_url: str) -> None:
    db = open_database(postgres_url)
    await db.open()
    holder, one, other = [await asyncpg.connect(postgres_url) for _ in range(3)]
    (owner,) = await db.write(visitors, 1)
    generation = await begun(db, owner, "one", TOKENS, MONEY, replace(POOL, unit="tokens"))
    await db.write(last_first)
    ids = [row["id"] for row in await db.fetch("SELECT id FROM quota_use ORDER BY id")]
    async with holder.transaction():
        await holder.execute("UPDATE quota_use SET used = used WHERE id = $1", ids[1])
        ends = asyncio.create_task(drive(one, ending(db, generation)()))
        await waits_for_a_lock(db)
        reset = asyncio.create_task(drive(other, deciding.reset(None, By(1, "admin"), NOON, row_lock(db))))
        await waits_for_a_lock(db, 2)
    await asyncio.gather(ends, reset)
    assert await check(db) == 3
    for connection in (holder, one, other):
        await connection.close()
    await db.close()
