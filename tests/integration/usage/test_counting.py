"""The sums are those of the answers, whenever they are counted and whatever becomes of the rows."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from parley.lib.db import Database, Script
from parley.usage.parts import Wish
from parley.usage.queries import Sums, by_person, rows_of, used, waits
from parley.usage.scripts import SUMS, fold
from parley.usage.spans import Span, zone_of
from parley.usage.waits import bucket_of
from tests.integration.usage.spending import answer, some_answer, spend

ZONES = ("UTC", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York")
BEGIN = 1_761_300_000_000  # 24 October 2025, some days before New York changes its clocks
END = BEGIN + 16 * 86_400_000
TOLD = ("messages", "prompt_tokens", "completion_tokens", "cost_nano")


async def expected(db: Database, wish: Wish) -> dict[str, int]:
    """The plain sum over the rows themselves."""
    rows = await db.fetch(
        "SELECT COUNT(*) AS messages, COALESCE(SUM(prompt_tokens), 0) AS prompt_tokens,"
        " COALESCE(SUM(completion_tokens), 0) AS completion_tokens, COALESCE(SUM(cost_nano), 0) AS cost_nano,"
        " COALESCE(SUM(CASE WHEN status IN ('error', 'interrupted') THEN 1 ELSE 0 END), 0) AS errors"
        " FROM generation WHERE finished_at >= ? AND finished_at < ?"
        + (" AND owner = ?" if wish.owner else ""),
        *(wish.span.low, wish.span.high),
        *([wish.owner] if wish.owner else []),
    )
    return {name: int(value) for name, value in rows[0].items()}


async def people_expected(db: Database, wish: Wish) -> dict[int, tuple[int, ...]]:
    """The same by person."""
    rows = await db.fetch(
        "SELECT owner, COUNT(*) AS messages, COALESCE(SUM(prompt_tokens), 0) AS prompt_tokens,"
        " COALESCE(SUM(completion_tokens), 0) AS completion_tokens, COALESCE(SUM(cost_nano), 0) AS cost_nano"
        " FROM generation WHERE finished_at >= ? AND finished_at < ? AND (? = '' OR"
        " CASE WHEN answered_by = '' THEN model ELSE answered_by END = ?) GROUP BY owner",
        *(wish.span.low, wish.span.high, wish.model, wish.model),
    )
    return {row["owner"]: tuple(int(row[name]) for name in TOLD) for row in rows}


def _told(sums: Sums) -> tuple[int, ...]:
    return tuple(getattr(sums, name) for name in TOLD)


def a_span(chance: random.Random) -> Span:
    first = date(2025, 10, 24).toordinal() + chance.randrange(12)
    last = first + chance.randrange(12)
    return Span(date.fromordinal(first), date.fromordinal(last), zone_of(chance.choice(ZONES)))


async def test_what_is_shown_is_the_sum_of_the_answers_at_any_moment(db: Database) -> None:
    chance = random.Random(11)
    for _ in range(12):
        await spend(db, *(some_answer(chance, BEGIN, END) for _ in range(chance.randrange(40))))
        await db.write(fold, chance.randrange(1, 30))
        wish = Wish(a_span(chance), chance.choice((None, 1, 2)))
        found, plain = await used(db, wish), await expected(db, wish)
        assert {name: asdict(found.total)[name] for name in plain} == plain
        for parts in (found.by_day, found.by_model, found.by_connection):
            assert sum(each.tokens for each in parts.values()) == found.total.tokens
        everybody = Wish(wish.span, None)
        people = await by_person(db, everybody, 10)
        assert await people_expected(db, everybody) == {owner: _told(sums) for owner, sums in people}
        narrow = Wish(wish.span, None, "gpt")
        found_people = await by_person(db, narrow, 10)
        assert await people_expected(db, narrow) == {owner: _told(sums) for owner, sums in found_people}
        whole = (await used(db, everybody)).total
        assert sum(each.cost_nano for _owner, each in people) == whole.cost_nano
        assert [row["messages"] async for _day, row in rows_of(db, everybody)] != [] or not whole.messages


def plainly(answers: list[dict[str, Any]], zone: str, span: Span) -> dict[Any, Sums]:
    """The sums of answers by day and by model, added up one by one."""
    plain: dict[Any, Sums] = {}
    for each in answers:
        at = each["finished_at"]
        if at is None or not span.low <= at < span.high:
            continue
        known, first = each["completion_tokens"] is not None, each["first_text_at"]
        row = {name: each.get(name) or 0 for name in SUMS} | {
            "messages": 1,
            "errors": int(each["status"] in ("error", "interrupted")),
            "unpriced": int(known and each["cost_nano"] is None),
            "began": int(first is not None),
            "first_ms": max(0, (first or 0) - each["created_at"]),
            "duration_ms": max(0, at - each["created_at"]),
        }
        for key in (_date(at, zone), each["answered_by"] or each["model"]):
            plain.setdefault(key, Sums()).add(row)
    return plain


async def test_each_day_and_each_model_has_what_its_answers_add_up_to(db: Database) -> None:
    chance = random.Random(5)
    answers = [some_answer(chance, BEGIN, END) for _ in range(200)]
    await spend(db, *answers)
    await db.write(fold, 120)
    for name in (*ZONES, "Asia/Kolkata", "Australia/Lord_Howe"):
        span = Span(date(2025, 10, 26), date(2025, 11, 5), zone_of(name))
        for owner in (None, 2):
            found = await used(db, Wish(span, owner))
            plain = plainly([each for each in answers if owner in (None, each["owner"])], name, span)
            by_day = {day: sums for day, sums in found.by_day.items() if sums.messages}
            assert by_day | found.by_model == plain, (name, owner)
            assert sorted(found.by_day) == span.days


async def test_waiting_times_are_those_of_the_answers(db: Database) -> None:
    chance = random.Random(7)
    answers = [some_answer(chance, BEGIN, END) for _ in range(300)]
    await spend(db, *answers)
    await db.write(fold, 200)
    span = Span(date(2025, 10, 26), date(2025, 11, 5), zone_of("UTC"))
    for model in ("", "gpt"):
        found = await waits(db, Wish(span, None, model))
        plain: dict[str, Counter[int]] = {}
        for each in answers:
            which, at = each["answered_by"] or each["model"], each["finished_at"]
            if at and span.low <= at < span.high and each["first_text_at"] and model in ("", which):
                bucket = bucket_of(max(0, each["first_text_at"] - each["created_at"]))
                plain.setdefault(which, Counter())[bucket] += 1
        assert found.by_model == plain
        assert found.total == sum(plain.values(), Counter())
        by_day: Counter[int] = sum(map(Counter, found.by_day.values()), Counter())
        assert by_day == found.total


async def test_a_day_without_a_midnight_of_utc_has_its_waiting_times(db: Database) -> None:
    """IN () is no SQL on PostgreSQL."""
    for zone, day in (("Pacific/Norfolk", date(2025, 10, 5)), ("Pacific/Apia", date(2011, 12, 30))):
        for model in ("", "gpt"):
            assert (await waits(db, Wish(Span(day, day, zone_of(zone)), None, model))).by_model == {}


def _date(at: int, zone: str) -> date:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone_of(zone)).date()


def forget(last: str) -> Script[None]:
    yield f"DELETE FROM generation WHERE {last}", ()


async def test_what_was_spent_stays_spent_when_answers_are_deleted(db: Database) -> None:
    span = Span(date(2025, 10, 24), date(2025, 10, 24), zone_of("UTC"))
    noon = span.low + 12 * 3_600_000
    await spend(db, answer(1, noon), answer(2, noon, cost_nano=None), answer(1, noon, status="error"))
    everybody, second = Wish(span, None), Wish(span, 2)
    before, waited = (await used(db, everybody), await used(db, second)), await waits(db, everybody)
    await db.write(forget, "owner = 2")  # before anybody counted it
    assert (await used(db, everybody), await used(db, second)) == before
    assert await db.write(fold, 10) == 2
    assert (await used(db, everybody), await used(db, second)) == before
    await db.write(forget, "TRUE")
    assert (await used(db, everybody), await used(db, second)) == before
    people = await by_person(db, everybody, 10)
    assert sum(sums.messages for _owner, sums in people) == before[0].total.messages == 3
    total = before[0].total
    assert (total.errors, total.unpriced, total.cost_nano) == (1, 1, 6_000_000)
    assert sum(waited.total.values()) == 3
    assert await db.write(fold, 10) == 0
