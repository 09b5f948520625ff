"""The transactions of a generation's life, one script each, portable to both engines.

A worker owns a generation while the row says `running` with the attempt it claimed. Everything it
writes is conditional on that, so a worker that was stopped and continued changes nothing. Times come
from the callers' clocks: workers on several machines must agree to within a second or two (NTP),
which a lease of 10 s forgives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from parley.generations.facts import (
    CANCELLED,
    END,
    EXHAUSTED,
    INTERRUPTED,
    OUTPUT,
    STOPPED_BY,
    Ending,
    Fact,
    Timing,
    Used,
    end_data,
    end_summary,
    files_of,
    lasting_notices,
    texts,
)
from parley.lib.db import Database, Many, Row, Script, one
from parley.providers.base import UsageReport
from parley.quotas.reckoning import Delivered
from parley.quotas.scripts import expected, settle
from parley.traces import scripts as traces
from parley.traces.recorder import TracePart

MOST_TOKENS = 2**31 - 1  # what an INTEGER column holds
MAX_ATTEMPTS = 3  # the first and two retries, while nothing was shown

_FOR_ENDING = (
    "id, owner, conversation, message, prefix, prefix_reasoning, created_at, first_fact_at, first_text_at,"
    " traced, error_code"
)


class Answered(NamedTuple):
    """The whole of an answer, for whatever holds it; `files` are the pictures of this run."""

    message: int
    text: str
    reasoning: str
    files: list[int]


StoreAnswer = Callable[[Answered, int], Script[None]]  # (answer, now): the final write


class Held(NamedTuple):
    """A claim: which generation, under which attempt."""

    generation: int
    attempt: int


class Claim(NamedTuple):
    """What a worker needs to know about the generation it has just claimed."""

    generation: int
    attempt: int
    message: int
    model: str
    created_at: int
    seq: int = 0  # facts that an earlier attempt left: notices of waiting
    trace: int = 0  # 0: nobody wants one
    trace_most: int = 0  # events of it


class Part(NamedTuple):
    """One generation's share of a flush. Copies only: the event loop goes on while this is written."""

    held: Held
    facts: tuple[Fact, ...]
    first: bool  # the first output of the generation is among them
    first_text: bool  # and the first text
    ending: Ending | None
    trace: TracePart | None = None


class Ended(NamedTuple):
    """The last fact of a generation, and whose tabs should hear of it."""

    fact: Fact
    owner: int
    conversation: int


class Written(NamedTuple):
    """What became of a flush."""

    lost: frozenset[int]  # generations that another attempt owns, or that are gone
    ends: dict[int, Ended]  # by generation


class Reaped(NamedTuple):
    """What became of a generation whose lease ran out."""

    requeued: bool
    end: Ended | None


class Stopping(NamedTuple):
    """What a request to stop found: a running generation, or one that could be ended at once."""

    running: bool
    end: Ended | None


def row_lock(db: Database) -> str:
    """What makes a SELECT hold its rows. SQLite's writing transactions already exclude each other."""
    return " FOR UPDATE" if db.kind == "postgres" else ""


def claim(generation: int, now: int, lease_until: int) -> Script[Claim | None]:
    """Take a queued generation; None when somebody else has it or it ended.

    A dead lease is not taken here: the sweep first decides whether it may be tried again.
    """
    row = one(
        (
            yield (
                "UPDATE generation SET status = 'running', attempt = attempt + 1, lease_until = ?,"
                " started_at = ? WHERE id = ? AND status = 'queued' AND NOT stop_requested"
                " RETURNING attempt, message, model, created_at, traced",
                (lease_until, now, generation),
            )
        )
    )
    if row is None:
        return None
    last = yield (
        "SELECT COALESCE(MAX(seq), 0) AS seq FROM generation_event WHERE generation = ?",
        (generation,),
    )
    trace = (yield from traces.of_generation(generation)) if row["traced"] else (0, 0)
    return Claim(
        generation,
        row["attempt"],
        row["message"],
        row["model"],
        row["created_at"],
        int(last[0]["seq"]),
        *trace,
    )


def heartbeat(held: Sequence[Held], lease_until: int, lock: str) -> Script[dict[int, bool]]:
    """Prolong the leases that are still ours: {generation: whether a stop was requested}."""
    ours = yield from _owned(held, lock)
    if ours:
        yield (
            f"UPDATE generation SET lease_until = ? WHERE id IN ({_marks(ours)})",  # noqa: S608
            (lease_until, *ours),
        )
    return {generation: bool(row["stop_requested"]) for generation, row in ours.items()}


def write_batch(parts: Sequence[Part], now: int, store: StoreAnswer, lock: str) -> Script[Written]:
    """Append the facts of many generations, and end those that have an ending.

    May be repeated after a commit whose answer was lost: a fact already there is left alone.
    """
    ours = yield from _owned([part.held for part in parts], lock)
    mine = [part for part in parts if part.held.generation in ours]
    rows = [(part.held.generation, *fact) for part in mine for fact in part.facts]
    if rows:
        yield Many(
            "INSERT INTO generation_event (generation, seq, kind, data) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (generation, seq) DO NOTHING",
            rows,
        )
    yield from traces.append([part.trace for part in mine if part.trace is not None])
    first = [(now, part.held.generation) for part in mine if part.first]
    if first:
        yield Many("UPDATE generation SET shown = TRUE, first_fact_at = ? WHERE id = ?", first)
    first_text = [(now, part.held.generation) for part in mine if part.first_text]
    if first_text:
        yield Many("UPDATE generation SET first_text_at = ? WHERE id = ?", first_text)
    ends: dict[int, Ended] = {}
    delivered: list[Delivered] = []
    for part in mine:
        if part.ending is not None:
            row = yield from _row(part.held.generation)
            ends[part.held.generation], brought = yield from _end(row, part.ending, now, store)
            delivered.append(brought)
    yield from settle(delivered, now)  # all at once and last: see parley/quotas/counting.py
    return Written(frozenset(part.held.generation for part in parts) - ours.keys(), ends)


def hand_back(held: Held) -> Script[bool]:
    """Put a generation that has shown nothing back into the queue; False when it is not ours."""
    rows = yield (
        "UPDATE generation SET status = 'queued', lease_until = NULL"
        " WHERE id = ? AND attempt = ? AND status = 'running' AND NOT shown RETURNING id",
        (held.generation, held.attempt),
    )
    return bool(rows)


def reap(held: Held, now: int, store: StoreAnswer) -> Script[Reaped]:
    """Decide about a running generation whose lease ran out: again, or ended with what was shown.

    The provider is never called again after something was shown.
    """
    row = one(
        (
            yield (
                "UPDATE generation SET lease_until = NULL"  # noqa: S608
                " WHERE id = ? AND attempt = ? AND status = 'running' AND lease_until < ?"
                f" RETURNING {_FOR_ENDING}, shown, stop_requested",
                (held.generation, held.attempt, now),
            )
        )
    )
    if row is None:
        return Reaped(requeued=False, end=None)
    if row["traced"]:
        yield from traces.note_lost(held.generation, held.attempt)
    if row["stop_requested"]:
        ending = CANCELLED
    elif row["shown"]:
        ending = INTERRUPTED
    elif held.attempt >= MAX_ATTEMPTS:
        ending = EXHAUSTED
    else:
        yield "UPDATE generation SET status = 'queued' WHERE id = ?", (held.generation,)
        return Reaped(requeued=True, end=None)
    return Reaped(requeued=False, end=(yield from _end_alone(row, ending, now, store)))


def request_stop(generation: int, now: int) -> Script[Stopping]:
    """Ask a running generation to stop; end a queued one at once. Does nothing after the end."""
    row = one(
        (
            yield (
                "UPDATE generation SET stop_requested = TRUE"  # noqa: S608
                " WHERE id = ? AND finished_at IS NULL"
                f" RETURNING {_FOR_ENDING}, status",
                (generation,),
            )
        )
    )
    if row is None:
        return Stopping(running=False, end=None)
    if row["status"] == "running":
        return Stopping(running=True, end=None)
    return Stopping(running=False, end=(yield from _end_alone(row, CANCELLED, now, None)))


def prune(generations: Sequence[int]) -> Script[None]:
    """Forget the events of ended generations; their text is in the message."""
    marks = _marks(generations)
    yield f"DELETE FROM generation_event WHERE generation IN ({marks})", generations  # noqa: S608
    yield f"UPDATE generation SET pruned = TRUE WHERE id IN ({marks})", generations  # noqa: S608


def beat(name: str, version: str, started_at: int, now: int, forget_before: int) -> Script[None]:
    """Say that this worker is alive, and forget those not seen since `forget_before`."""
    yield (
        "INSERT INTO worker_beat (name, version, started_at, seen_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
        " started_at = excluded.started_at, seen_at = excluded.seen_at",
        (name, version, started_at, now),
    )
    yield "DELETE FROM worker_beat WHERE seen_at < ?", (forget_before,)


def leave(name: str) -> Script[None]:
    """Take this worker off the list of the living."""
    yield "DELETE FROM worker_beat WHERE name = ?", (name,)


def _owned(held: Sequence[Held], lock: str) -> Script[dict[int, Row]]:
    attempts = dict(held)
    if not attempts:
        return {}
    rows = yield (
        "SELECT id, attempt, stop_requested FROM generation"  # noqa: S608
        # always in this order: two transactions that lock the same rows must not wait for each other
        f" WHERE id IN ({_marks(attempts)}) AND status = 'running' ORDER BY id{lock}",
        tuple(attempts),
    )
    return {row["id"]: row for row in rows if row["attempt"] == attempts[row["id"]]}


def _row(generation: int) -> Script[Row]:
    rows = yield f"SELECT {_FOR_ENDING} FROM generation WHERE id = ?", (generation,)  # noqa: S608
    return rows[0]


def _end_alone(row: Row, ending: Ending, now: int, store: StoreAnswer | None) -> Script[Ended]:
    ended, delivered = yield from _end(row, ending, now, store)
    yield from settle([delivered], now)
    return ended


def _end(row: Row, ending: Ending, now: int, store: StoreAnswer | None) -> Script[tuple[Ended, Delivered]]:
    """Append the `end` fact and store the whole text that the facts spell; what is to be charged.

    The text comes from the database, not from whoever ends the run: what was shown and what is
    kept cannot differ. Why it was to stop is in its row, where that was not the person's wish.
    """
    if ending.status == CANCELLED.status and (why := row["error_code"]):
        ending = replace(ending, code=why, error=STOPPED_BY.get(why, ""))
    rows = yield (
        "SELECT seq, kind, data FROM generation_event WHERE generation = ? ORDER BY seq",
        (row["id"],),
    )
    facts: list[Fact] = [(fact["seq"], fact["kind"], fact["data"]) for fact in rows]
    text, reasoning = texts(facts)
    arrived = any(kind in OUTPUT for _, kind, _ in facts)
    if arrived and ending.used.usage is None:
        ending = replace(ending, used=(yield from _guessed(row["id"], ending.used, text + reasoning)))
    timing = Timing(row["created_at"], now, row["first_fact_at"], row["first_text_at"], bool(reasoning))
    end: Fact = (len(facts) + 1, END, end_data(ending, timing))
    yield (
        "INSERT INTO generation_event (generation, seq, kind, data) VALUES (?, ?, ?, ?)",
        (row["id"], *end),
    )
    yield from _store_end(row["id"], ending, timing, lasting_notices(facts))
    if row["traced"]:
        yield from traces.end(row["id"], traces.End(ending.status, end_summary(ending)), now)
    if store is not None:
        whole = (row["prefix"] + text, row["prefix_reasoning"] + reasoning)
        yield from store(Answered(row["message"], *whole, files_of(facts)), now)
    used, usage = ending.used, ending.used.usage
    tokens = 0 if usage is None else usage.prompt_tokens + usage.completion_tokens
    delivered = Delivered(row["id"], ending.status, arrived, tokens, used.cost_nano or 0)
    return Ended(end, row["owner"], row["conversation"]), delivered


def _guessed(generation: int, used: Used, words: str) -> Script[Used]:
    """Where nobody counted, because a worker was lost: what was expected to be read, and the words stored."""
    guess = yield from expected(generation)
    if guess is None:
        return used
    guess = guess.with_words(words)
    return replace(
        used,
        usage=UsageReport(min(guess.prompt, MOST_TOKENS), guess.answer),
        estimated=True,
        cost_nano=guess.amounts.money if guess.priced else None,
    )


def _store_end(generation: int, ending: Ending, timing: Timing, notices: str) -> Script[None]:
    used, usage = ending.used, ending.used.usage
    yield (
        "UPDATE generation SET status = ?, error_code = ?, error = ?, finish_reason = ?,"
        " prompt_tokens = ?, completion_tokens = ?, reasoning_tokens = ?, cached_tokens = ?, estimated = ?,"
        " cost_nano = ?, answered_by = ?, answered_name = ?, window_tokens = ?, reasoning_ms = ?,"
        " notices = ?, lease_until = NULL, finished_at = ? WHERE id = ?",
        (
            ending.status,
            ending.code[:32],
            ending.error,
            ending.finish_reason[:32],
            usage and usage.prompt_tokens,
            usage and usage.completion_tokens,
            usage and usage.reasoning_tokens,
            usage and usage.cached_tokens,
            used.estimated,
            used.cost_nano,
            used.model[:300],
            used.name[:256],
            used.window,
            timing.reasoning_ms,
            notices,
            timing.finished_at,
            generation,
        ),
    )


def _marks(values: Sequence[object] | dict[int, Row] | dict[int, int]) -> str:
    return ", ".join("?" * len(values))
