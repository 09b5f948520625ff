"""Add ended generations up, each exactly once.

A generation's row says whether it is counted. One transaction marks some and adds them to the sums, and every
read takes the sums and the rows not yet counted in one statement: so the numbers are exact at any moment,
whenever the worker comes round to it. A row that is deleted uncounted is counted by a trigger (m0010_usage).
The transaction that ends an answer, which people wait for, has nothing to do with it, and no answer waits
for the row of everybody's sum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from parley.lib.db import Many, Row, Script
from parley.usage.spans import DAY, HOUR, SLOT
from parley.usage.waits import COLUMNS, bucket_of

EVERYBODY = 0  # as an owner: the sum over all, by the hour
FINELY = -1  # the same by the quarter, for readers whose days begin between two hours
SUMS = (
    "messages",
    "errors",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "cost_nano",
    "unpriced",
    "began",
    "first_ms",
    "duration_ms",
)
_KEYS = {
    "usage_slot": ("owner", "slot", "model", "connection"),
    "usage_hour": ("owner", "hour"),
    "usage_day": ("day", "owner", "model", "connection"),
    "usage_person": ("day", "owner"),
    "usage_wait": ("hour", "model", "bucket"),
    "usage_first": ("hour",),
}
Key = tuple[Any, ...]


def fold(limit: int) -> Script[int]:
    """Count at most `limit` ended generations; how many there were."""
    # The second NOT counted: of two workers at once, the one that had to wait for a row leaves it alone.
    rows = yield (
        "UPDATE generation SET counted = TRUE WHERE NOT counted AND id IN"
        " (SELECT id FROM generation WHERE NOT counted AND finished_at IS NOT NULL ORDER BY id LIMIT ?)"
        " RETURNING owner, model, answered_by, status, prompt_tokens, cached_tokens, completion_tokens,"
        " reasoning_tokens, cost_nano, created_at, first_fact_at, first_text_at, finished_at",
        (limit,),
    )
    if rows:
        homes = yield from _connections({_answering(row) for row in rows})
        slots, days = _added_up(rows, homes)
        waits, hours = _waited(rows)
        everybodys = _joined(days, lambda key: (key[0], EVERYBODY, *key[2:]))
        # In the order in which the triggers add (m0018_reading).
        yield from _add("usage_slot", SUMS, slots)
        yield from _add("usage_day", SUMS, days)
        yield from _add("usage_person", SUMS, _joined(days, lambda key: key[:2]))
        yield from _add("usage_hour", SUMS, _by_hour(slots))
        yield from _add("usage_day", SUMS, everybodys)
        yield from _add("usage_wait", ("answers",), waits)
        yield from _add("usage_first", COLUMNS, hours)
    return len(rows)


def waited_for(row: Row) -> int | None:
    """How long the first words of an answer took, ms; None when none came."""
    first = row["first_text_at"] or row["first_fact_at"]
    return None if first is None else max(0, first - row["created_at"])


def _added_up(rows: list[Row], homes: Mapping[str, int]) -> tuple[dict[Key, list[int]], dict[Key, list[int]]]:
    slots: dict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMS))
    days: dict[Key, list[int]] = defaultdict(lambda: [0] * len(SUMS))
    for row in rows:
        at, model = row["finished_at"], _answering(row)
        which = (model, homes.get(model, 0))
        values = _values(row)
        for sums in (
            slots[(row["owner"], at - at % SLOT, *which)],
            slots[(EVERYBODY, at - at % HOUR, *which)],
            slots[(FINELY, at - at % SLOT, *which)],
            days[(at - at % DAY, row["owner"], *which)],
        ):
            for place, value in enumerate(values):
                sums[place] += value
    return slots, days


def _waited(rows: list[Row]) -> tuple[dict[Key, list[int]], dict[Key, list[int]]]:
    """Of each model by the day (UTC), of all by the hour."""
    days: dict[Key, list[int]] = defaultdict(lambda: [0])
    hours: dict[Key, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
    for row in rows:
        wait, at = waited_for(row), row["finished_at"]
        if wait is not None:
            days[(at - at % DAY, _answering(row), bucket_of(wait))][0] += 1
            hours[(at - at % HOUR,)][bucket_of(wait)] += 1
    return days, hours


def _by_hour(slots: Mapping[Key, list[int]]) -> dict[Key, list[int]]:
    finely = {key: sums for key, sums in slots.items() if key[0] != FINELY}
    return _joined(finely, lambda key: (key[0], key[1] - key[1] % HOUR))


def _joined(sums: Mapping[Key, list[int]], key: Callable[[Key], Key]) -> dict[Key, list[int]]:
    """Those of which `key` makes the same, added up."""
    joined: dict[Key, list[int]] = {}
    for each, values in sums.items():
        before = joined.get(key(each))
        joined[key(each)] = (
            values if before is None else [sum(pair) for pair in zip(before, values, strict=True)]
        )
    return joined


def _values(row: Row) -> tuple[int, ...]:
    wait = waited_for(row)
    return (
        1,
        int(row["status"] in ("error", "interrupted")),
        row["prompt_tokens"] or 0,
        row["cached_tokens"] or 0,
        row["completion_tokens"] or 0,
        row["reasoning_tokens"] or 0,
        row["cost_nano"] or 0,
        int(row["completion_tokens"] is not None and row["cost_nano"] is None),
        int(wait is not None),
        wait or 0,
        max(0, row["finished_at"] - row["created_at"]),
    )


def _answering(row: Row) -> str:
    return str(row["answered_by"] or row["model"])


def _connections(models: set[str]) -> Script[dict[str, int]]:
    marks = ", ".join("?" * len(models))
    rows = yield (
        f"SELECT public_id, connection FROM model WHERE public_id IN ({marks})",  # noqa: S608
        tuple(models),
    )
    return {row["public_id"]: row["connection"] for row in rows}


def _add(table: str, sums: tuple[str, ...], rows: Mapping[Key, list[int]]) -> Script[None]:
    if not rows:
        return
    keys = _KEYS[table]
    columns = (*keys, *sums)
    grown = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    yield Many(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {grown}",
        # always in this order: two workers that add to the same rows must not wait for each other
        [(*key, *rows[key]) for key in sorted(rows)],
    )
