"""The transactions of the ledger: set aside before the call, settle after it.

Invariant: a counter's `used` is the sum of the charges of its key and model from `start_at` to `end_at` that
came after `past`. A counter is made when a limit first needs it, from the ledger; from then on every charge
moves it, whether a limit still looks at it or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from parley.lib.db import Row, Script, one
from parley.lib.errors import TooMany
from parley.quotas.reckoning import Amounts, Delivered, amounts, settled, state_of
from parley.quotas.rules import ALL_VISITORS, Plan, Slot, keys_of
from parley.quotas.wording import refusal
from parley.web.i18n import _

MINUTE = 60_000
LATE = 7 * 86_400_000  # ms after its end a counter may still be moved by an answer that ends
_SUMS = {"messages": "SUM(messages)", "tokens": "SUM(tokens)", "money": "SUM(nano)"}


def reserve(plan: Plan, generation: int, reason: str) -> Script[None]:
    """Charge a generation to its owner within the transaction that queues it; the end settles it.

    Raises OverQuota or TooMany; the caller's transaction then leaves nothing. One conditional update for
    each limit decides, however many ask at the same moment in however many processes.
    """
    owner = plan.person.id
    # Whoever asks twice at once waits here: rate limits count rows that nobody adds meanwhile.
    yield (
        "INSERT INTO quota_turn (owner, at) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET at = excluded.at",
        (owner, plan.at),
    )
    yield from _keep_pace(plan)
    reserved = Amounts(1, plan.tokens, plan.cost_nano)
    yield from _take(plan, reserved)
    values = (reserved.messages, reserved.tokens, reserved.money)
    yield (
        "INSERT INTO charge (generation, owner, pool, model, reason, state, reserved_messages,"
        " reserved_tokens, reserved_nano, messages, tokens, nano, at)"
        " VALUES (?, ?, ?, ?, ?, 'reserved', ?, ?, ?, ?, ?, ?, ?)",
        (generation, owner, _pool(plan), plan.model, reason, *values, *values, plan.at),
    )


def settle(delivered: Delivered, now: int) -> Script[None]:
    """Charge what was delivered in place of what was set aside; nothing when nothing arrived.

    Runs inside the transaction that ends the generation. Its truth counts even beyond a limit. A generation
    that was never charged, or is settled, stays as it is.
    """
    row = one(
        (
            yield (
                "SELECT * FROM charge WHERE generation = ? AND state = 'reserved'",
                (delivered.generation,),
            )
        )
    )
    if row is None:
        return
    before = amounts(row)
    after = settled(delivered, before)
    yield (
        "UPDATE charge SET state = ?, messages = ?, tokens = ?, nano = ?, settled_at = ? WHERE id = ?",
        (state_of(delivered), after.messages, after.tokens, after.money, now, row["id"]),
    )
    pools = (row["pool"], ALL_VISITORS) if row["pool"] else ()
    counters = yield from _counters(keys_of(row["owner"], pools), row["model"], row["at"])
    change = after.beyond(before)
    for counter in counters:
        more = change.of(counter["unit"])
        if more and counter["past"] < row["id"]:
            # Said again: somebody may have set it to zero since it was read.
            yield (
                "UPDATE quota_use SET used = used + ? WHERE id = ? AND past < ?",
                (more, counter["id"], row["id"]),
            )


def _keep_pace(plan: Plan) -> Script[None]:
    """Refuse who asks too fast, or while too many of their answers are under way."""
    if plan.concurrent:
        rows = yield (
            "SELECT COUNT(*) AS n FROM generation WHERE owner = ? AND finished_at IS NULL",
            (plan.person.id,),
        )
        if rows[0]["n"] > plan.concurrent:  # the new one is among them
            raise TooMany(
                _("%(most)s of your answers are being written. Wait for one of them.", most=plan.concurrent),
                code="concurrent",
                retry_after=5,
            )
    if plan.per_minute:
        rows = yield (
            "SELECT at FROM charge WHERE owner = ? AND at > ? ORDER BY at DESC LIMIT ?",
            (plan.person.id, plan.at - MINUTE, plan.per_minute),
        )
        if len(rows) >= plan.per_minute:
            seconds = max(1, -((plan.at - MINUTE - rows[-1]["at"]) // 1000))
            raise TooMany(
                _("You are asking too fast. The next question can be sent in %(n)s s.", n=seconds),
                code="rate_limited",
                retry_after=seconds,
            )


def _take(plan: Plan, reserved: Amounts) -> Script[None]:
    """Add what is set aside to every counter it belongs to; raises OverQuota where a limit is used up."""
    limits = {_limited(slot): slot for slot in plan.slots}
    counters = yield from _counters(plan.keys, plan.model, plan.at)
    known = {_place(counter) for counter in counters}
    missing = [slot for place, slot in sorted(limits.items()) if place not in known]
    if missing:
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
        # What is left decides, not what is set aside: the true amount is only known at the end.
        taken = yield (
            "UPDATE quota_use SET used = used + ? WHERE id = ? AND used < ? RETURNING used",
            (amount, counter["id"], limit.most),
        )
        if not taken:
            limit = replace(limit, start=counter["start_at"], end=counter["end_at"])
            raise refusal(limit, plan.person.zone, plan.at, counter["used"])


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
        "INSERT INTO quota_use (key, model, unit, period, start_at, end_at, used)"  # noqa: S608
        " SELECT CAST(? AS VARCHAR), CAST(? AS VARCHAR), CAST(? AS VARCHAR), CAST(? AS VARCHAR),"
        f" CAST(? AS BIGINT), CAST(? AS BIGINT), used FROM ({sql}) AS charged WHERE TRUE"
        " ON CONFLICT (key, end_at, start_at, model, unit, period) DO NOTHING",
        (*_limited(slot), *values),
    )
    yield "DELETE FROM quota_use WHERE key = ? AND end_at < ?", (slot.key, at - LATE)


def sum_of(slot: Slot) -> tuple[str, tuple[int | str, ...]]:
    """The statement that sums the charges a limit looks at (one column `used`), and its values."""
    whose, value = _whose(slot.key)
    sql = (
        f"SELECT CAST(COALESCE({_SUMS[slot.unit]}, 0) AS BIGINT) AS used FROM charge"  # noqa: S608
        f" WHERE {whose} AND CAST(? AS VARCHAR) IN ('', model) AND at >= ? AND at < ?"
    )
    return sql, (*value, slot.model, slot.start, slot.end)


def _whose(key: str) -> tuple[str, tuple[int | str, ...]]:
    """The condition on the ledger behind a key."""
    kind, _space, rest = key.partition(" ")
    if kind == "user":
        return "owner = ?", (int(rest),)
    return ("pool = ?", (key,)) if kind == "range" else ("pool <> ''", ())


def _pool(plan: Plan) -> str:
    if plan.person.role != "visitor":
        return ""
    return f"range {plan.person.network}"
