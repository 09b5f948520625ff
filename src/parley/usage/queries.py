"""Reads of what was used. Each takes the sums and what is not yet counted in one statement."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from parley.lib.db import Database, Row
from parley.usage.scripts import ALL_MODELS, EVERYBODY, FINELY, SUMS, waited_for
from parley.usage.spans import DAY, HOUR, SLOT, Offsets, Span, day_of, whole_days
from parley.usage.waits import bucket_of

MOST_WAITS = 5_000  # of one person's newest answers: reading all of a busy one's would take seconds
Histogram = dict[int, int]

_SUMMED = ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in SUMS)
_LISTED = ", ".join(SUMS)
_ANSWERING = "CASE WHEN g.answered_by = '' THEN g.model ELSE g.answered_by END"
_FIRST = "COALESCE(g.first_text_at, g.first_fact_at)"
# A row that is not counted yet, in the shape of a sum.
_TAIL = (
    # The signs keep other indexes out: there are few uncounted rows, and an index of just them.
    f"SELECT +g.owner AS owner, g.finished_at - g.finished_at % {SLOT} AS slot, {_ANSWERING} AS model,"  # noqa: S608
    " COALESCE(m.connection, 0) AS connection, 1 AS messages,"
    " CASE WHEN g.status IN ('error', 'interrupted') THEN 1 ELSE 0 END AS errors,"
    " COALESCE(g.prompt_tokens, 0) AS prompt_tokens, COALESCE(g.cached_tokens, 0) AS cached_tokens,"
    " COALESCE(g.completion_tokens, 0) AS completion_tokens,"
    " COALESCE(g.reasoning_tokens, 0) AS reasoning_tokens, COALESCE(g.cost_nano, 0) AS cost_nano,"
    " CASE WHEN g.completion_tokens IS NOT NULL AND g.cost_nano IS NULL THEN 1 ELSE 0 END AS unpriced,"
    f" CASE WHEN {_FIRST} IS NULL THEN 0 ELSE 1 END AS began,"
    f" CASE WHEN {_FIRST} > g.created_at THEN {_FIRST} - g.created_at ELSE 0 END AS first_ms,"
    " CASE WHEN g.finished_at > g.created_at THEN g.finished_at - g.created_at ELSE 0 END AS duration_ms"
    f" FROM generation g LEFT JOIN model m ON m.public_id = {_ANSWERING}"
    " WHERE NOT g.counted AND +g.finished_at IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `owner` None is everybody, `model` "" is every model."""

    span: Span
    owner: int | None
    model: str = ""


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
    shift, shifts = _shift("slot", wish.span.offsets)
    part, values = _part(wish)
    rows = await db.fetch(
        f"SELECT (slot + {shift}) / {DAY} AS day, model, connection, {_SUMMED} FROM ({part}) AS part"  # noqa: S608
        " GROUP BY 1, 2, 3",
        *shifts,
        *values,
    )
    found = Used(by_day={day: Sums() for day in wish.span.days})
    for row in rows:
        found.total.add(row)
        found.by_day.setdefault(day_of(row["day"]), Sums()).add(row)
        found.by_model.setdefault(row["model"], Sums()).add(row)
        found.by_connection.setdefault(row["connection"], Sums()).add(row)
    return found


async def by_person(db: Database, wish: Wish, limit: int) -> list[tuple[int, Sums]]:
    """Who used most tokens, most first. Whole days (UTC) come from the sums of days, the edges from slots."""
    low, high = wish.span.low, wish.span.high
    first, last = whole_days(low, high)
    narrow, also = _narrowed(wish)
    days = "usage_day" if wish.model else "usage_person"
    edge = f"SELECT owner, {_LISTED} FROM usage_slot WHERE slot >= ? AND slot < ?{narrow} AND owner > 0"  # noqa: S608
    rows = await db.fetch(
        f"SELECT owner, {_SUMMED} FROM ("  # noqa: S608
        f"SELECT owner, {_LISTED} FROM {days} WHERE day >= ? AND day < ?{narrow}"
        f" UNION ALL {edge} UNION ALL {edge}"
        f" UNION ALL SELECT owner, {_LISTED} FROM ({_TAIL}) AS tail WHERE slot >= ? AND slot < ?{narrow}"
        ") AS part GROUP BY owner ORDER BY SUM(prompt_tokens) + SUM(completion_tokens) DESC, owner LIMIT ?",
        *(first, last, *also),
        *(low, first, *also),
        *(last, high, *also),
        *(low, high, *also),
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
        part, values = _part(one_day, each=True)
        rows = await db.fetch(
            f"SELECT owner, model, connection, {_SUMMED} FROM ({part}) AS part"  # noqa: S608
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
        shift, shifts = _shift("hour", offsets)
        rows = await db.fetch(
            f"SELECT (hour + {shift}) / {DAY} AS day, bucket, CAST(SUM(answers) AS BIGINT) AS answers"  # noqa: S608
            f" FROM usage_wait WHERE hour >= ? AND hour < ? AND model = '{ALL_MODELS}' GROUP BY 1, 2",
            *shifts,
            # An hour over which the day changes, as in some zones, is of the day it begins in.
            *(-(-low // HOUR) * HOUR, high),
        )
        for row in rows:
            _count(found.total, row["bucket"], row["answers"])
            _count(found.by_day.setdefault(day_of(row["day"]), {}), row["bucket"], row["answers"])
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
    days = range(-(-low // DAY) * DAY, high, DAY)
    if not days:  # one day, of which clocks that are put forward leave no midnight of UTC, or nothing at all
        return []
    marks = ", ".join("?" * len(days))  # each by itself: between them lie the hours of all models together
    by_day, which = (f"hour / {DAY}", "model = ?") if wish.model else ("0", "model <> ''")
    return await db.fetch(
        f"SELECT {by_day} AS day, model, bucket, CAST(SUM(answers) AS BIGINT) AS answers FROM usage_wait"  # noqa: S608
        f" WHERE hour IN ({marks}) AND {which} GROUP BY 1, 2, 3",
        *days,
        *([wish.model] if wish.model else []),
    )


async def _uncounted(db: Database, wish: Wish) -> list[Row]:
    narrow = f" AND {_ANSWERING} = ?" if wish.model else ""
    return await db.fetch(
        f"SELECT {_ANSWERING} AS model, g.created_at, g.first_fact_at, g.first_text_at, g.finished_at"  # noqa: S608
        " FROM generation g WHERE NOT g.counted"
        f" AND +g.finished_at >= ? AND +g.finished_at < ?{narrow} LIMIT {MOST_WAITS}",
        *(wish.span.low, wish.span.high),
        *([wish.model] if wish.model else []),
    )


async def _ones_waits(db: Database, wish: Wish) -> Waits:
    # The numbers are in the statement, not beside it: one that is asked often PostgreSQL plans for any person
    # and any days, and then sorts all of a busy one's answers instead of reading the newest from the index
    # (120 ms in place of 10, of 40,000).
    narrow = f" AND {_ANSWERING} = ?" if wish.model else ""
    owner, low, high = (int(number) for number in (wish.owner or 0, wish.span.low, wish.span.high))
    rows = await db.fetch(
        f"SELECT {_ANSWERING} AS model, g.created_at, g.first_fact_at, g.first_text_at, g.finished_at"  # noqa: S608
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
        wait, at = waited_for(row), row["finished_at"]
        if wait is not None:
            key = ((at + _ahead(at, offsets)) // DAY, row["model"], bucket_of(wait))
            seen[key] = seen.get(key, 0) + 1
    for (day, model, bucket), answers in seen.items():
        by_model = found.by_model.setdefault(model, {})
        for histogram in (found.total, found.by_day.setdefault(day_of(day), {}), by_model):
            _count(histogram, bucket, answers)


def _count(histogram: Histogram, bucket: int, answers: int) -> None:
    histogram[bucket] = histogram.get(bucket, 0) + answers


def _part(wish: Wish, *, each: bool = False) -> tuple[str, list[Any]]:
    """Sums and tail for a wish; `each` is by person where everybody's one sum would do."""
    narrow, also = _narrowed(wish)
    low, high = wish.span.low, wish.span.high
    if wish.owner is None:
        together = EVERYBODY if wish.span.by_the_hour else FINELY
        whose, of_tail, owner = ("owner > 0" if each else f"owner = {together}"), "", []
    else:
        whose, of_tail, owner = "owner = ?", " AND owner = ?", [wish.owner]
    sql = (
        f"SELECT owner, slot, model, connection, {_LISTED} FROM usage_slot"  # noqa: S608
        f" WHERE {whose} AND slot >= ? AND slot < ?{narrow}"
        f" UNION ALL SELECT owner, slot, model, connection, {_LISTED} FROM ({_TAIL}) AS tail"
        f" WHERE slot >= ? AND slot < ?{of_tail}{narrow}"
    )
    return sql, [*owner, low, high, *also, low, high, *owner, *also]


def _narrowed(wish: Wish) -> tuple[str, list[str]]:
    return (" AND model = ?", [wish.model]) if wish.model else ("", [])


def _shift(column: str, offsets: Offsets) -> tuple[str, list[int]]:
    """SQL for how far local time is ahead at `column`, and its values."""
    cases = "".join(f" WHEN {column} >= CAST(? AS BIGINT) THEN CAST(? AS BIGINT)" for _ in offsets)
    values = [value for pair in reversed(offsets) for value in pair]
    return f"CASE{cases} ELSE CAST(? AS BIGINT) END", [*values, offsets[0][1]]


def _ahead(at: int, offsets: Offsets) -> int:
    return next((ahead for since, ahead in reversed(offsets) if at >= since), offsets[0][1])
