"""The transactions of traces. Begin, append and end are parts of the transactions of generations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Many, Script, one
from parley.traces import redaction
from parley.traces.recorder import ENDING, FOLLOWING, Event, TracePart, event

_INSERT = (
    "INSERT INTO trace_event (trace, seq, at, duration, kind, name, data) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (trace, seq) DO NOTHING"
)
LONGEST_QUESTION = 240  # characters of it in the list
MOST_READERS = 200  # notes of readers who come and go; a page may open an answer again and again


@dataclass(frozen=True, slots=True)
class NewTrace:
    """A trace that begins with its generation."""

    level: str
    reason: str
    most: int
    question: str
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """How a generation ended, for its trace."""

    status: str
    data: Mapping[str, Any]


def begin(new: NewTrace, generation: tuple[int, int, int, str], now: int) -> Script[None]:
    """Begin the trace of a generation: its id, owner, conversation and model."""
    question = redaction.without_secrets(new.question[:LONGEST_QUESTION])
    metadata = msgspec.json.encode({"question": question}).decode()
    rows = yield (
        "INSERT INTO trace (generation, owner, conversation, model, level, reason, most, started_at,"
        " metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (*generation, new.level, new.reason, new.most, now, metadata),
    )
    if new.events:
        yield Many(_INSERT, [(int(rows[0]["id"]), *each) for each in new.events])


def of_generation(generation: int) -> Script[tuple[int, int]]:
    """Id and limit of a generation's trace; noughts when it was deleted."""
    row = one((yield "SELECT id, most FROM trace WHERE generation = ?", (generation,)))
    return (0, 0) if row is None else (int(row["id"]), int(row["most"]))


def append(parts: Sequence[TracePart]) -> Script[None]:
    """Store what was noted; may be repeated. What is of a trace that was deleted meanwhile is left out."""
    if not parts:
        return
    marks = ", ".join("?" * len(parts))
    found = yield f"SELECT id FROM trace WHERE id IN ({marks})", [part.trace for part in parts]  # noqa: S608
    there = {row["id"] for row in found}
    parts = [part for part in parts if part.trace in there]
    rows = [(part.trace, *each) for part in parts for each in part.events]
    if rows:
        yield Many(_INSERT, rows)
    asked = [(part.connection, part.trace) for part in parts if part.connection]
    if asked:
        yield Many("UPDATE trace SET connection = ? WHERE id = ?", asked)


def append_one(trace_generation: int, noted: Event) -> Script[None]:
    """Store one event of a generation's trace from outside its worker; nothing when it is gone."""
    trace, _most = yield from of_generation(trace_generation)
    if trace and noted.seq >= FOLLOWING:
        read = yield (
            "SELECT COUNT(*) AS n FROM trace_event WHERE trace = ? AND seq >= ?",
            (trace, FOLLOWING),
        )
        if read[0]["n"] >= MOST_READERS:
            return
    if trace:
        yield _INSERT, (trace, *noted)
        yield "UPDATE trace SET events = events + 1 WHERE id = ? AND ended_at IS NOT NULL", (trace,)


def note_lost(generation: int, attempt: int) -> Script[None]:
    """The worker of an attempt was found to be gone."""
    yield from append_one(generation, event(ENDING - 1000 + attempt % 1000, "lost", "", {"attempt": attempt}))


def end(generation: int, ending: End, now: int) -> Script[None]:
    """Close a generation's trace, whoever ended it; nothing when it was deleted."""
    row = one((yield "SELECT id, metadata FROM trace WHERE generation = ?", (generation,)))
    if row is None:
        return
    trace = int(row["id"])
    data = redaction.clean(ending.data)
    yield _INSERT, (trace, *event(ENDING, "finish", ending.status, data))
    metadata = msgspec.json.encode(msgspec.json.decode(row["metadata"]) | data).decode()
    yield (
        "UPDATE trace SET status = ?, ended_at = ?, metadata = ?,"
        " events = (SELECT COUNT(*) FROM trace_event WHERE trace = ?),"
        " truncated = EXISTS (SELECT 1 FROM trace_event WHERE trace = ? AND kind = 'overflow') WHERE id = ?",
        (ending.status, now, metadata, trace, trace, trace),
    )


def delete(traces: Sequence[int]) -> Script[None]:
    """Forget traces with their events."""
    if traces:
        marks = ", ".join("?" * len(traces))
        yield f"DELETE FROM trace_event WHERE trace IN ({marks})", traces  # noqa: S608
        yield f"DELETE FROM trace WHERE id IN ({marks})", traces  # noqa: S608


def delete_said(traces: Sequence[int], entry: Entry, now: int) -> Script[None]:
    """Forget traces and put down who did it."""
    yield from delete(traces)
    yield from record(entry, now)
