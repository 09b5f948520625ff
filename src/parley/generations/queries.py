"""Reads of generations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from parley.generations.facts import (
    END,
    REASONING,
    TEXT,
    Ending,
    Fact,
    Timing,
    Used,
    as_json,
    end_data,
    texts,
)
from parley.lib.db import Database, Row, one
from parley.providers.base import UsageReport
from parley.web.i18n import N_

GONE = N_("This answer was deleted.")


class Waiting(NamedTuple):
    """An open generation that nobody seems to work on."""

    generation: int
    attempt: int
    status: str
    stop_requested: bool


async def facts_after(db: Database, generation: int, known: Sequence[Fact]) -> list[Fact]:
    """The committed facts that follow `known`, which are the generation's first.

    Of a generation whose events were deleted: its text as one fact each, then its end. Of one that
    does not exist (any more): an end with code `gone`.
    """
    rows = await db.fetch(
        "SELECT g.pruned, e.seq, e.kind, e.data FROM generation g"
        " LEFT JOIN generation_event e ON e.generation = g.id AND e.seq > ?"
        " WHERE g.id = ? ORDER BY e.seq",
        len(known),
        generation,
    )
    if not rows:
        return [_gone(len(known) + 1)]
    if rows[0]["pruned"]:
        return await _snapshot(db, generation, known)
    return [(row["seq"], row["kind"], row["data"]) for row in rows if row["seq"] is not None]


async def waiting(db: Database, now: int, queued_before: int, limit: int = 500) -> list[Waiting]:
    """Queued generations created before a time, and running ones whose lease ran out; oldest first."""
    rows = await db.fetch(
        "SELECT id, attempt, status, stop_requested FROM generation WHERE finished_at IS NULL"
        " AND ((status = 'queued' AND created_at <= ?) OR (status = 'running' AND lease_until < ?))"
        " ORDER BY id LIMIT ?",
        queued_before,
        now,
        limit,
    )
    return [Waiting(row["id"], row["attempt"], row["status"], bool(row["stop_requested"])) for row in rows]


async def prunable(db: Database, finished_before: int, limit: int = 20) -> list[int]:
    """Ended generations whose events nobody needs any more."""
    rows = await db.fetch(
        "SELECT id FROM generation WHERE finished_at IS NOT NULL AND NOT pruned AND finished_at < ?"
        " ORDER BY finished_at LIMIT ?",
        finished_before,
        limit,
    )
    return [row["id"] for row in rows]


async def stop_is_requested(db: Database, generation: int) -> bool:
    """Whether somebody asked for its end."""
    row = one(await db.fetch("SELECT stop_requested FROM generation WHERE id = ?", generation))
    return row is not None and bool(row["stop_requested"])


async def worker_seen_at(db: Database) -> int | None:
    """When any worker was last seen alive (ms); None when there never was one."""
    row = one(await db.fetch("SELECT MAX(seen_at) AS seen_at FROM worker_beat"))
    return None if row is None else row["seen_at"]


async def _snapshot(db: Database, generation: int, known: Sequence[Fact]) -> list[Fact]:
    """The facts of a pruned generation, told shortly from its message."""
    row = one(
        await db.fetch(
            "SELECT g.*, m.text, m.reasoning FROM generation g JOIN message m ON m.id = g.message"
            " WHERE g.id = ?",
            generation,
        )
    )
    if row is None:
        return [_gone(len(known) + 1)]
    text, reasoning = texts(known)  # of a watcher that slept through the deletion
    timing = Timing(
        row["created_at"],
        row["finished_at"],
        row["first_fact_at"],
        row["first_text_at"],
        row["reasoning_ms"] is not None,
    )
    pieces = [
        (REASONING, row["reasoning"].removeprefix(row["prefix_reasoning"]).removeprefix(reasoning)),
        (TEXT, row["text"].removeprefix(row["prefix"]).removeprefix(text)),
        (END, end_data(_ending(row), timing)),
    ]
    told = [(kind, data) for kind, data in pieces if data]
    return [(seq, kind, data) for seq, (kind, data) in enumerate(told, len(known) + 1)]


def _ending(row: Row) -> Ending:
    usage = None
    if row["completion_tokens"] is not None:
        usage = UsageReport(
            row["prompt_tokens"] or 0,
            row["completion_tokens"],
            row["reasoning_tokens"] or 0,
            row["cached_tokens"] or 0,
        )
    used = Used(
        row["answered_by"],
        row["answered_name"],
        usage,
        bool(row["estimated"]),
        row["cost_nano"],
        row["window_tokens"],
    )
    return Ending(row["status"], row["error"], row["error_code"], row["finish_reason"], used)


def _gone(seq: int) -> Fact:
    data = {"status": "error", "error": GONE, "code": "gone"}
    return (seq, END, as_json(data | {"finish_reason": "", "usage": None, "metrics": None}))
