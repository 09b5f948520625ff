"""The counters that decide, as parts of the transactions of the ledger.

Invariant: a counter's `used` is the sum of the charges of its key and model from `start_at` to `end_at` that
came after `past`. A counter is made when a limit first needs it, from the ledger; from then on every charge
moves it, whether a limit still looks at it or not.

Whoever locks more than one row does so in this order: the turns of those who ask, charges by their id,
counters by theirs. So no two of them wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from parley.lib.db import Many, Row, Script
from parley.quotas.reckoning import Amounts
from parley.quotas.rules import ALL_VISITORS, Plan, Slot, keys_of
from parley.quotas.wording import refusal

LATE = 7 * 86_400_000  # ms after its end a counter may still be moved by an answer that ends
# The last charge before the key, or everybody, began anew.
PAST = "COALESCE((SELECT MAX(past) FROM quota_reset WHERE key IN ('', CAST(? AS VARCHAR))), 0)"
_SUMS = {"messages": "SUM(messages)", "tokens": "SUM(tokens)", "money": "SUM(nano)"}


def take(plan: Plan, reserved: Amounts) -> Script[None]:
    """Add what is set aside to every counter it belongs to; raises OverQuota where a limit is used up.

    What is left decides, not whether it is enough: the true amount is only known at the end, and who has a
    little left over may ask once more. What others have set aside counts as used meanwhile.
    """
    limits = {_limited(slot): slot for slot in plan.slots}
    counters = yield from _counters(plan.keys, plan.model, plan.at)
    known = {_place(counter) for counter in counters}
    missing = [slot for place, slot in sorted(limits.items()) if place not in known]
    if missing:
        yield from _hold_under_way(missing)
        for slot in missing:
            yield from _open(slot, plan.at)
        counters = yield from _counters(plan.keys, plan.model, plan.at)
    kinds = {_kind(place): slot for place, slot in limits.items()}
    for counter in counters:
        # One of other hours decides as well until it ends: who moves to another time zone gets no fresh day.
        amount, limit = reserved.of(counter["unit"]), kinds.get(_kind(_place(counter)))
        if limit is None:
            yield "UPDATE quota_use SET used = used + ? WHERE id = ?", (amount, counter["id"])
            continue
        taken = yield (
            "UPDATE quota_use SET used = used + ? WHERE id = ? AND used < ? RETURNING used",
            (amount, counter["id"], limit.most),
        )
        if not taken:
            yield from _refuse(plan, limit, counter)


def move(changes: Iterable[tuple[Row, Amounts]]) -> Script[None]:
    """Move the counters of charges by how much more (or less) each came to than was set aside."""
    moved = [(row, change) for row, change in changes if change != Amounts()]
    if not moved:
        return
    marks = ", ".join("?" * len(keys := sorted({key for row, _change in moved for key in _keys_of(row)})))
    first, last = min(row["at"] for row, _change in moved), max(row["at"] for row, _change in moved)
    counters = yield (
        f"SELECT * FROM quota_use WHERE key IN ({marks}) AND end_at > ? AND start_at <= ? ORDER BY id",  # noqa: S608
        (*keys, first, last),
    )
    yield Many(
        # The charge once more: somebody may have set the counter to zero since it was read.
        "UPDATE quota_use SET used = used + ? WHERE id = ? AND past < ?",
        [
            (change.of(counter["unit"]), counter["id"], row["id"])
            for counter in counters
            for row, change in moved
            if change.of(counter["unit"]) and _holds(counter, row)
        ],
    )


def _holds(counter: Row, charge: Row) -> bool:
    return (
        counter["key"] in _keys_of(charge)
        and counter["model"] in ("", charge["model"])
        and counter["start_at"] <= charge["at"] < counter["end_at"]
        and counter["past"] < charge["id"]
    )


def _keys_of(charge: Row) -> tuple[str, ...]:
    return keys_of(charge["owner"], (charge["pool"], ALL_VISITORS) if charge["pool"] else ())


def _refuse(plan: Plan, limit: Slot, counter: Row) -> Script[None]:
    """Raise OverQuota, in other words where something is left when the answers under way have ended."""
    sql, values = sum_of(limit)
    waits = yield f"{sql} AND state = 'reserved' AND id > ?", (*values, counter["past"])
    # A message is used when it is asked; what an answer takes is known at its end.
    held = 0 if limit.unit == "messages" else min(waits[0]["used"], counter["used"])
    limit = replace(limit, start=counter["start_at"], end=counter["end_at"])
    raise refusal(limit, plan.person.zone, plan.at, counter["used"] - held, held)


def _counters(keys: Sequence[str], model: str, at: int) -> Script[list[Row]]:
    """Those that hold such a charge, always in the same order: nobody waits in a ring."""
    marks = ", ".join("?" * len(keys))
    return (
        yield (
            f"SELECT * FROM quota_use WHERE key IN ({marks}) AND end_at > ? AND start_at <= ?"  # noqa: S608
            " AND model IN ('', ?) ORDER BY id",
            (*keys, at, at, model),
        )
    )


def _hold_under_way(slots: Sequence[Slot]) -> Script[None]:
    """Wait for charges that are being settled, and let others wait until the counters are there.

    Else an answer that ends at this moment would find no counter to move, and its change would be in none.
    """
    found: set[int] = set()
    for slot in slots:
        whose, value = _whose(slot.key)
        rows = yield (
            f"SELECT id FROM charge WHERE {whose} AND at >= ? AND at < ? AND state = 'reserved'",  # noqa: S608
            (*value, slot.start, slot.end),
        )
        found |= {row["id"] for row in rows}
    if found:
        # A change of nothing locks a row on either engine.
        yield Many("UPDATE charge SET state = state WHERE id = ?", [(id,) for id in sorted(found)])


def _place(counter: Row) -> tuple[str, str, str, str, int, int]:
    return (
        counter["key"], counter["model"], counter["unit"],
        counter["period"], counter["start_at"], counter["end_at"],
    )  # fmt: skip


def _kind(place: tuple[str, str, str, str, int, int]) -> tuple[str, str, str, str]:
    return place[:4]


def _limited(slot: Slot) -> tuple[str, str, str, str, int, int]:
    return slot.key, slot.model, slot.unit, slot.period, slot.start, slot.end


def _open(slot: Slot, at: int) -> Script[None]:
    """Make a counter from what the ledger says, and forget those nobody moves any more."""
    sql, values = sum_of(slot)
    yield (
        "INSERT INTO quota_use (key, model, unit, period, start_at, end_at, past, used)"  # noqa: S608
        " SELECT CAST(? AS VARCHAR), CAST(? AS VARCHAR), CAST(? AS VARCHAR), CAST(? AS VARCHAR),"
        f" CAST(? AS BIGINT), CAST(? AS BIGINT), {PAST}, used FROM ({sql}) AS charged WHERE TRUE"
        " ON CONFLICT (key, end_at, start_at, model, unit, period) DO NOTHING",
        (*_limited(slot), slot.key, *values),
    )
    yield "DELETE FROM quota_use WHERE key = ? AND end_at < ?", (slot.key, at - LATE)


def sum_of(slot: Slot) -> tuple[str, tuple[int | str, ...]]:
    """The statement that sums the charges a limit looks at (one column `used`), and its values.

    Those from before a reset are out, whether there was a counter then or not.
    """
    whose, value = _whose(slot.key)
    sql = (
        f"SELECT CAST(COALESCE({_SUMS[slot.unit]}, 0) AS BIGINT) AS used FROM charge"  # noqa: S608
        f" WHERE {whose} AND CAST(? AS VARCHAR) IN ('', model) AND at >= ? AND at < ? AND id > {PAST}"
    )
    return sql, (*value, slot.model, slot.start, slot.end, slot.key)


def _whose(key: str) -> tuple[str, tuple[int | str, ...]]:
    """The condition on the ledger behind a key."""
    kind, _space, rest = key.partition(" ")
    if kind == "user":
        return "owner = ?", (int(rest),)
    return ("pool = ?", (key,)) if kind == "range" else ("pool <> ''", ())
