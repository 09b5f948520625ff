"""Reads of what was used. Each takes the sums and what is not yet counted in one statement."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date

from parley.lib.db import Database, Row
from parley.usage.parts import ANSWERING, SUMMED, WAITED, Wish, of_all_models, of_people, of_slots, shifted
from parley.usage.scripts import SUMS
from parley.usage.spans import DAY, HOUR, Offsets, Span, day_of
from parley.usage.waits import COLUMNS, bucket_of

MOST_WAITS = 5_000  # of one person's newest answers: reading all of a busy one's would take seconds
Histogram = dict[int, int]

_BUCKETS = ", ".join(f"CAST(SUM({column}) AS BIGINT) AS {column}" for column in COLUMNS)


@dataclass(slots=True)
class Sums:
    """What was used, added up. The fields are those of `usage/tables.py`."""

    messages: int = 0
    errors: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    cost_nano: int = 0
    unpriced: int = 0
    began: int = 0
    first_ms: int = 0
    duration_ms: int = 0

    def add(self, row: Row) -> None:
        """Add a row of sums."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + row[name])

    @property
    def tokens(self) -> int:
        """Read and written, together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(slots=True)
class Used:
    """What was used in a span: in all, by day, by model, by connection."""

    total: Sums = field(default_factory=Sums)
    by_day: dict[date, Sums] = field(default_factory=dict)
    by_model: dict[str, Sums] = field(default_factory=dict)
    by_connection: dict[int, Sums] = field(default_factory=dict)


@dataclass(slots=True)
class Waits:
    """How long the first words took, in all, by day and by model."""

    total: Histogram = field(default_factory=dict)
    by_day: dict[date, Histogram] = field(default_factory=dict)
    by_model: dict[str, Histogram] = field(default_factory=dict)


async def used(db: Database, wish: Wish) -> Used:
    """The sums of what `wish` asks for; every day of its span is there."""
    found = Used(by_day={day: Sums() for day in wish.span.days})
    if wish.model:
        await _one_models(db, wish, found)
        return found
    sql, values = of_all_models(wish)
    for row in await db.fetch(sql, *values):
        if row["day"] >= 0:
            found.total.add(row)
            found.by_day.setdefault(day_of(row["day"]), Sums()).add(row)
        else:
            found.by_model.setdefault(row["model"], Sums()).add(row)
            found.by_connection.setdefault(row["connection"], Sums()).add(row)
    return found


async def _one_models(db: Database, wish: Wish, found: Used) -> None:
    shift, shifts = shifted("slot", wish.span.offsets)
    part, values = of_slots(wish)
    rows = await db.fetch(
        f"SELECT (slot + {shift}) / {DAY} AS day, model, connection, {SUMMED} FROM ({part}) AS part"  # noqa: S608
        " GROUP BY 1, 2, 3",
        *shifts,
        *values,
    )
    for row in rows:
        found.total.add(row)
        found.by_day.setdefault(day_of(row["day"]), Sums()).add(row)
        found.by_model.setdefault(row["model"], Sums()).add(row)
        found.by_connection.setdefault(row["connection"], Sums()).add(row)


async def by_person(db: Database, wish: Wish, limit: int) -> list[tuple[int, Sums]]:
    """Who used most tokens, most first."""
    part, values = of_people(wish)
    rows = await db.fetch(
        f"SELECT owner, {SUMMED} FROM ({part}) AS part GROUP BY owner"  # noqa: S608
        " ORDER BY SUM(prompt_tokens) + SUM(completion_tokens) DESC, owner LIMIT ?",
        *values,
        limit,
    )
    people = []
    for row in rows:
        sums = Sums()
        sums.add(row)
        people.append((row["owner"], sums))
    return people


async def waits(db: Database, wish: Wish) -> Waits:
    """How long first words took: of one person's newest answers exactly, of everybody's by the hour."""
    return await (_everybodys_waits(db, wish) if wish.owner is None else _ones_waits(db, wish))


async def rows_of(db: Database, wish: Wish) -> AsyncIterator[tuple[date, Row]]:
    """Everything by day, person, model and connection, a day at a time: for files."""
    for day in wish.span.days:
        one_day = Wish(Span(day, day, wish.span.zone), wish.owner, wish.model)
        part, values = of_slots(one_day, each=True)
        rows = await db.fetch(
            f"SELECT owner, model, connection, {SUMMED} FROM ({part}) AS part"  # noqa: S608
            " GROUP BY owner, model, connection ORDER BY owner, model, connection",
            *values,
        )
        for row in rows:
            yield day, row


async def people_named(db: Database, owners: list[int]) -> dict[int, Row]:
    """Name and role of those who still have an account."""
    if not owners:
        return {}
    marks = ", ".join("?" * len(owners))
    rows = await db.fetch(f"SELECT id, username, role FROM user_account WHERE id IN ({marks})", *owners)  # noqa: S608
    return {row["id"]: row for row in rows}


async def names(db: Database) -> tuple[dict[str, str], dict[int, str]]:
    """The names of models by public id, and of connections."""
    models = await db.fetch("SELECT public_id, name FROM model")
    homes = await db.fetch("SELECT id, name FROM connection")
    return {row["public_id"]: row["name"] for row in models}, {row["id"]: row["name"] for row in homes}


async def _everybodys_waits(db: Database, wish: Wish) -> Waits:
    """All models' by the hour, each model's by the day: the days of one model's waiting times are UTC's."""
    found, offsets = Waits(), wish.span.offsets
    low, high = wish.span.low, wish.span.high
    if not wish.model:
        shift, shifts = shifted("hour", offsets)
        rows = await db.fetch(
            f"SELECT (hour + {shift}) / {DAY} AS day, {_BUCKETS} FROM usage_first"  # noqa: S608
            " WHERE hour >= ? AND hour < ? GROUP BY 1",
            *shifts,
            # An hour over which the day changes, as in some zones, is of the day it begins in.
            *(-(-low // HOUR) * HOUR, high),
        )
        for row in rows:
            of_day = {bucket: row[column] for bucket, column in enumerate(COLUMNS) if row[column]}
            found.by_day[day_of(row["day"])] = of_day
            for bucket, answers in of_day.items():
                _count(found.total, bucket, answers)
    for row in await _of_models(db, wish):
        _count(found.by_model.setdefault(row["model"], {}), row["bucket"], row["answers"])
        if wish.model:
            _count(found.total, row["bucket"], row["answers"])
            _count(found.by_day.setdefault(day_of(row["day"]), {}), row["bucket"], row["answers"])
    # Between the reads the worker may count some: for a moment percentiles then know them twice.
    _note(found, await _uncounted(db, wish), wish.span)
    return found


async def _of_models(db: Database, wish: Wish) -> list[Row]:
    """One model's by day, or each model's over all days; of days of which most is in the span."""
    low, high = wish.span.low - DAY // 2, wish.span.high - DAY // 2
    by_day, which = (f"hour / {DAY}", " AND model = ?") if wish.model else ("0", "")
    return await db.fetch(
        f"SELECT {by_day} AS day, model, bucket, CAST(SUM(answers) AS BIGINT) AS answers FROM usage_wait"  # noqa: S608
        f" WHERE hour >= ? AND hour < ?{which} GROUP BY 1, 2, 3",
        *(low, high),
        *([wish.model] if wish.model else []),
    )


async def _uncounted(db: Database, wish: Wish) -> list[Row]:
    narrow = f" AND {ANSWERING} = ?" if wish.model else ""
    return await db.fetch(
        f"SELECT {ANSWERING} AS model, {WAITED} AS wait, g.finished_at"  # noqa: S608
        " FROM generation g WHERE NOT g.counted"
        f" AND +g.finished_at >= ? AND +g.finished_at < ?{narrow} LIMIT {MOST_WAITS}",
        *(wish.span.low, wish.span.high),
        *([wish.model] if wish.model else []),
    )


async def _ones_waits(db: Database, wish: Wish) -> Waits:
    # The numbers are in the statement, not beside it: one that is asked often PostgreSQL plans for any person
    # and any days, and then sorts all of a busy one's answers instead of reading the newest from the index
    # (120 ms in place of 10, of 40,000).
    narrow = f" AND {ANSWERING} = ?" if wish.model else ""
    owner, low, high = (int(number) for number in (wish.owner or 0, wish.span.low, wish.span.high))
    rows = await db.fetch(
        f"SELECT {ANSWERING} AS model, {WAITED} AS wait, g.finished_at"  # noqa: S608
        f" FROM generation g WHERE g.owner = {owner} AND g.finished_at >= {low} AND g.finished_at < {high}"
        f" AND g.attempt > 0{narrow} ORDER BY g.finished_at DESC LIMIT {MOST_WAITS}",
        *([wish.model] if wish.model else []),
    )
    found = Waits()
    _note(found, rows, wish.span)
    return found


def _note(found: Waits, rows: list[Row], span: Span) -> None:
    offsets = span.offsets
    seen: dict[tuple[int, str, int], int] = {}
    for row in rows:
        wait, at = row["wait"], row["finished_at"]
        if wait is not None:
            key = ((at + _ahead(at, offsets)) // DAY, row["model"], bucket_of(wait))
            seen[key] = seen.get(key, 0) + 1
    for (day, model, bucket), answers in seen.items():
        by_model = found.by_model.setdefault(model, {})
        for histogram in (found.total, found.by_day.setdefault(day_of(day), {}), by_model):
            _count(histogram, bucket, answers)


def _count(histogram: Histogram, bucket: int, answers: int) -> None:
    histogram[bucket] = histogram.get(bucket, 0) + answers


def _ahead(at: int, offsets: Offsets) -> int:
    return next((ahead for since, ahead in reversed(offsets) if at >= since), offsets[0][1])
