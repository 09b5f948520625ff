"""Where sums come from, as SQL: what the worker has counted, and the rows it has not.

Sums are kept by hour for all models together and by day (UTC) for each; what lies at the edges of a span
comes from the quarters of an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parley.usage.scripts import EVERYBODY, FINELY, SUMS
from parley.usage.spans import DAY, HOUR, SLOT, Offsets, Span, whole_days

ANSWERING = "CASE WHEN g.answered_by = '' THEN g.model ELSE g.answered_by END"
SUMMED = ", ".join(f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in SUMS)
LISTED = ", ".join(SUMS)

_FIRST = "COALESCE(g.first_text_at, g.first_fact_at)"
# How long the first words of an answer took, ms; NULL when none came.
WAITED = (
    f"CASE WHEN {_FIRST} > g.created_at THEN {_FIRST} - g.created_at WHEN {_FIRST} <= g.created_at THEN 0 END"
)
# A row that is not counted yet, in the shape of a sum.
TAIL = (
    # The signs keep other indexes out: there are few uncounted rows, and an index of just them.
    f"SELECT +g.owner AS owner, g.finished_at - g.finished_at % {SLOT} AS slot, {ANSWERING} AS model,"  # noqa: S608
    " COALESCE(m.connection, 0) AS connection, 1 AS messages,"
    " CASE WHEN g.status IN ('error', 'interrupted') THEN 1 ELSE 0 END AS errors,"
    " COALESCE(g.prompt_tokens, 0) AS prompt_tokens, COALESCE(g.cached_tokens, 0) AS cached_tokens,"
    " COALESCE(g.completion_tokens, 0) AS completion_tokens,"
    " COALESCE(g.reasoning_tokens, 0) AS reasoning_tokens, COALESCE(g.cost_nano, 0) AS cost_nano,"
    " CASE WHEN g.completion_tokens IS NOT NULL AND g.cost_nano IS NULL THEN 1 ELSE 0 END AS unpriced,"
    f" CASE WHEN {_FIRST} IS NULL THEN 0 ELSE 1 END AS began,"
    f" CASE WHEN {_FIRST} > g.created_at THEN {_FIRST} - g.created_at ELSE 0 END AS first_ms,"
    " CASE WHEN g.finished_at > g.created_at THEN g.finished_at - g.created_at ELSE 0 END AS duration_ms"
    f" FROM generation g LEFT JOIN model m ON m.public_id = {ANSWERING}"
    " WHERE NOT g.counted AND +g.finished_at IS NOT NULL"
)
Part = tuple[str, list[Any]]  # a statement and its values


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `owner` None is everybody, `model` "" is every model."""

    span: Span
    owner: int | None
    model: str = ""


def of_all_models(wish: Wish) -> Part:
    """The sums of every day (`day` days since 1970) and, with -1 for a day, of every model and connection."""
    span, low, high = wish.span, wish.span.low, wish.span.high
    by_hour, hours = _hours(wish)
    first, last = whole_days(low, high)
    owner = EVERYBODY if wish.owner is None else wish.owner
    edge = f"SELECT model, connection, {LISTED} FROM usage_slot WHERE owner = ? AND slot >= ? AND slot < ?"  # noqa: S608
    shift, shifts = shifted("at", span.offsets)
    whose, owners = ("", []) if wish.owner is None else (" AND owner = ?", [wish.owner])
    sql = (
        f"WITH tail AS MATERIALIZED (SELECT slot, model, connection, {LISTED} FROM ({TAIL}) AS uncounted"  # noqa: S608
        f" WHERE slot >= ? AND slot < ?{whose})"
        f" SELECT (at + {shift}) / {DAY} AS day, '' AS model, 0 AS connection, {SUMMED} FROM ({by_hour}"
        f" UNION ALL SELECT slot AS at, {LISTED} FROM tail) AS hours GROUP BY 1"
        f" UNION ALL SELECT -1 AS day, model, connection, {SUMMED} FROM (SELECT model, connection, {LISTED}"
        f" FROM usage_day WHERE owner = ? AND day >= ? AND day < ? UNION ALL {edge} UNION ALL {edge}"
        f" UNION ALL SELECT model, connection, {LISTED} FROM tail) AS days GROUP BY model, connection"
    )
    edges = [_of_slots(wish), low, first, _of_slots(wish), last, high]
    return sql, [low, high, *owners, *shifts, *hours, owner, first, last, *edges]


def of_slots(wish: Wish, *, each: bool = False) -> Part:
    """Sums and tail by the quarter and model; `each` is by person where everybody's one sum would do."""
    narrow, also = narrowed(wish)
    low, high = wish.span.low, wish.span.high
    if wish.owner is None:
        whose = "owner > 0" if each else f"owner = {_of_slots(wish)}"
        of_tail, owner = "", []
    else:
        whose, of_tail, owner = "owner = ?", " AND owner = ?", [wish.owner]
    sql = (
        f"SELECT owner, slot, model, connection, {LISTED} FROM usage_slot"  # noqa: S608
        f" WHERE {whose} AND slot >= ? AND slot < ?{narrow}"
        f" UNION ALL SELECT owner, slot, model, connection, {LISTED} FROM ({TAIL}) AS tail"
        f" WHERE slot >= ? AND slot < ?{of_tail}{narrow}"
    )
    return sql, [*owner, low, high, *also, low, high, *owner, *also]


def of_people(wish: Wish) -> Part:
    """Everybody's sums by person: of whole days (UTC), then of hours, of quarters for the rest."""
    narrow, also = narrowed(wish)
    low, high = wish.span.low, wish.span.high
    first, last = whole_days(low, high)
    hour, end = -(-low // HOUR) * HOUR, high // HOUR * HOUR
    slots: list[tuple[str, str, int, int]] = [
        ("usage_slot", "slot", low, first),
        ("usage_slot", "slot", last, high),
    ]
    if not wish.model:
        slots = [("usage_slot", "slot", low, hour), ("usage_slot", "slot", end, high)]
        slots += [("usage_hour", "hour", hour, first), ("usage_hour", "hour", last, end)]
    days = ("usage_day" if wish.model else "usage_person", "day", first, last)
    sql = f"SELECT owner, {LISTED} FROM ({TAIL}) AS tail WHERE slot >= ? AND slot < ?{narrow}"  # noqa: S608
    values: list[Any] = [low, high, *also]
    for table, time, since, until in (days, *slots):
        if since < until:
            sql += (
                f" UNION ALL SELECT owner, {LISTED} FROM {table}"  # noqa: S608
                f" WHERE {time} >= ? AND {time} < ?{narrow} AND owner > 0"
            )
            values += [since, until, *also]
    return sql, values


def narrowed(wish: Wish) -> tuple[str, list[str]]:
    """The condition of one model, and its values."""
    return (" AND model = ?", [wish.model]) if wish.model else ("", [])


def shifted(column: str, offsets: Offsets) -> tuple[str, list[int]]:
    """SQL for how far local time is ahead at `column`, and its values."""
    cases = "".join(f" WHEN {column} >= CAST(? AS BIGINT) THEN CAST(? AS BIGINT)" for _ in offsets)
    values = [value for pair in reversed(offsets) for value in pair]
    return f"CASE{cases} ELSE CAST(? AS BIGINT) END", [*values, offsets[0][1]]


def _hours(wish: Wish) -> Part:
    """Whole hours, and the quarters of those hours in which a day begins."""
    span, owner = wish.span, EVERYBODY if wish.owner is None else wish.owner
    hours = f"SELECT hour AS at, {LISTED} FROM usage_hour WHERE owner = ? AND hour >= ? AND hour < ?"  # noqa: S608
    values = [owner, -(-span.low // HOUR) * HOUR, span.high // HOUR * HOUR]
    parted = span.parted_hours
    if not parted:
        return hours, values
    quarters = [
        hour + at for hour in parted for at in range(0, HOUR, SLOT) if span.low <= hour + at < span.high
    ]
    sql = (
        f"{hours} AND hour NOT IN ({_marks(parted)}) UNION ALL SELECT slot AS at, {LISTED}"  # noqa: S608
        f" FROM usage_slot WHERE owner = ? AND slot IN ({_marks(quarters) or 'NULL'})"
    )
    return sql, [*values, *parted, _of_slots(wish), *quarters]


def _of_slots(wish: Wish) -> int:
    """Whose slots they are; everybody's by the hour will do when no day begins between two hours."""
    if wish.owner is not None:
        return wish.owner
    return EVERYBODY if wish.span.by_the_hour else FINELY


def _marks(values: Sequence[int]) -> str:
    return ", ".join("?" * len(values))
