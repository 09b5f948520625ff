"""The transactions of the ledger: set aside before the call, settle after it."""

from __future__ import annotations

from collections.abc import Sequence

from parley.lib.db import Many, Row, Script, one
from parley.lib.errors import TooMany
from parley.quotas.counting import move, take
from parley.quotas.reckoning import Amounts, Delivered, Guess, amounts, guess_in, settled, state_of
from parley.quotas.rules import Plan
from parley.web.i18n import _

MINUTE = 60_000
VISITORS_TURN = 0  # they share counters: who makes one must see every charge


def reserve(plan: Plan, generation: int, reason: str) -> Script[None]:
    """Charge a generation to its owner within the transaction that queues it; the end settles it.

    Raises OverQuota or TooMany; the caller's transaction then leaves nothing. One conditional update for
    each limit decides, however many ask at the same moment in however many processes.
    """
    owner = plan.person.id
    # Whoever asks twice at once waits here: rate limits count rows that nobody adds meanwhile.
    turns = ((VISITORS_TURN, plan.at), (owner, plan.at)) if plan.person.pools else ((owner, plan.at),)
    yield Many(
        "INSERT INTO quota_turn (owner, at) VALUES (?, ?) ON CONFLICT (owner) DO UPDATE SET at = excluded.at",
        turns,
    )
    yield from _keep_pace(plan)
    guess = plan.guess.after((yield from _held_by_chat(generation)))
    reserved = guess.amounts
    yield from take(plan, reserved)
    values = (reserved.messages, reserved.tokens, reserved.money)
    yield (
        "INSERT INTO charge (generation, owner, pool, model, reason, state, reserved_messages,"
        " reserved_tokens, reserved_nano, messages, tokens, nano, at, prompt_tokens, price_input,"
        " price_output) VALUES (?, ?, ?, ?, ?, 'reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(generation, owner, _pool(plan), plan.model, reason, *values, *values, plan.at),
            *(guess.prompt, guess.input, guess.output),
        ),
    )


def settle(delivered: Sequence[Delivered], now: int) -> Script[None]:
    """Charge what was delivered in place of what was set aside; nothing when nothing arrived.

    Runs inside the transaction that ends the generations, last: see `counting` for the order of locks. Its
    truth counts even beyond a limit. A generation that was never charged, or is settled, stays as it is.
    """
    if not delivered:
        return
    ends = {each.generation: each for each in delivered}
    rows = yield (
        f"SELECT * FROM charge WHERE generation IN ({', '.join('?' * len(ends))})"  # noqa: S608
        " AND state = 'reserved' ORDER BY id",
        tuple(ends),
    )
    if not rows:
        return
    after = {row["id"]: settled(ends[row["generation"]]) for row in rows}
    yield Many(
        "UPDATE charge SET state = ?, messages = ?, tokens = ?, nano = ?, settled_at = ? WHERE id = ?",
        [_settled(row, ends[row["generation"]], after[row["id"]], now) for row in rows],
    )
    yield from move((row, after[row["id"]].beyond(amounts(row))) for row in rows)


def expected(generation: int) -> Script[Guess | None]:
    """What was expected of an answer that is not settled; None when it was never charged."""
    row = one((yield "SELECT * FROM charge WHERE generation = ? AND state = 'reserved'", (generation,)))
    return None if row is None else guess_in(row)


def _settled(row: Row, delivered: Delivered, after: Amounts, now: int) -> tuple[str | int, ...]:
    return (state_of(delivered), after.messages, after.tokens, after.money, now, row["id"])


def _held_by_chat(generation: int) -> Script[int]:
    """How many tokens the last answer of its chat had read and written: the next one reads them again."""
    row = one(
        (
            yield (
                "SELECT CAST(completion_tokens AS BIGINT) + COALESCE(prompt_tokens, 0) AS held"
                " FROM generation WHERE conversation = (SELECT conversation FROM generation WHERE id = ?)"
                " AND id < ? AND completion_tokens IS NOT NULL ORDER BY id DESC LIMIT 1",
                (generation, generation),
            )
        )
    )
    return 0 if row is None else int(row["held"])


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


def _pool(plan: Plan) -> str:
    if plan.person.role != "visitor":
        return ""
    return f"range {plan.person.network}"
