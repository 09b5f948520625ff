"""Reads of traces: lists by their end, one with its events."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from parley.accounts.actor import Actor
from parley.lib.db import LARGEST_ID, Database, Row, one
from parley.lib.errors import NotFound
from parley.web.i18n import _

PAGE = 50
SHOWN = 2_000  # events of one trace on its page
BATCH = 200  # deleted at once

_COLUMNS = (
    "t.id, t.generation, t.owner, t.conversation, t.model, t.connection, t.status, t.level, t.reason,"
    " t.started_at, t.ended_at, t.events, t.truncated, t.metadata, COALESCE(u.username, '') AS username,"
    " COALESCE(c.title, '') AS title, COALESCE(g.answered_name, '') AS answered_name,"
    " COALESCE(g.message, 0) AS message, COALESCE(m.name, '') AS model_name"
)
_FROM = (
    " FROM trace t LEFT JOIN user_account u ON u.id = t.owner"
    " LEFT JOIN conversation c ON c.id = t.conversation AND c.deleted_at IS NULL"
    " LEFT JOIN generation g ON g.id = t.generation LEFT JOIN model m ON m.public_id = t.model"
)


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A trace as lists and its page show it."""

    id: int
    generation: int
    owner: int
    conversation: int
    model: str
    connection: str
    status: str
    level: str
    reason: str
    started_at: int
    ended_at: int | None
    events: int
    truncated: bool
    metadata: dict[str, Any]
    username: str
    title: str  # of the chat; "" when it was deleted
    answered_name: str
    message: int
    model_name: str

    @property
    def duration(self) -> int | None:
        """ms; None while it runs."""
        return None if self.ended_at is None else self.ended_at - self.started_at


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; `at` in µs since the epoch, `duration` in µs."""

    seq: int
    at: int
    duration: int | None
    kind: str
    name: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list shows; nothing narrows nothing. Times in ms."""

    status: str = ""
    user: str = ""
    model: str = ""
    connection: str = ""
    conversation: int | None = None
    since: int | None = None
    until: int | None = None
    slower: int | None = None
    text: str = ""


async def trace_for(db: Database, id: int, actor: Actor) -> TraceRow:
    """A trace; raises NotFound unless it is the actor's or they are an administrator."""
    row = one(await db.fetch(f"SELECT {_COLUMNS}{_FROM} WHERE t.id = ?", id))
    if row is None or (row["owner"] != actor.id and not actor.is_admin):
        raise NotFound(_("There is no such trace, or it was deleted."))
    return _trace(row)


async def trace_of_generation(db: Database, generation: int, actor: Actor) -> int | None:
    """The trace of an answer that the actor may read."""
    row = one(await db.fetch("SELECT id, owner FROM trace WHERE generation = ?", generation))
    if row is None or (row["owner"] != actor.id and not actor.is_admin):
        return None
    return int(row["id"])


async def traces(
    db: Database, actor: Actor, wanted: Filter, *, before: int | None = None, limit: int = PAGE
) -> list[TraceRow]:
    """The newest first, from below id `before`; an administrator's are everybody's."""
    if not actor.is_admin:  # the names of connections are not theirs to find out
        wanted = replace(wanted, connection="", user="")
    conditions, values = _conditions(wanted)
    if not actor.is_admin:
        conditions.append("t.owner = ?")
        values.append(actor.id)
    if before is not None:
        conditions.append("t.id < ?")
        values.append(max(0, min(before, LARGEST_ID)))
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = await db.fetch(
        f"SELECT {_COLUMNS}{_FROM}{where} ORDER BY t.id DESC LIMIT {limit:d}",
        *values,
    )
    return [_trace(row) for row in rows]


async def events_of(db: Database, trace: int, limit: int = SHOWN) -> list[EventRow]:
    """The first events, in the order in which they began."""
    rows = await db.fetch(
        "SELECT seq, at, duration, kind, name, data FROM trace_event WHERE trace = ?"
        " ORDER BY at, seq LIMIT ?",
        trace,
        limit,
    )
    return [EventRow(**{**row, "data": msgspec.json.decode(row["data"])}) for row in rows]


async def older_than(db: Database, before: int) -> list[int]:
    """Some traces that began before then."""
    rows = await db.fetch(
        f"SELECT id FROM trace WHERE started_at < ? ORDER BY started_at LIMIT {BATCH}",  # noqa: S608
        before,
    )
    return [row["id"] for row in rows]


async def orphans(db: Database) -> list[int]:
    """Some traces whose answers are gone for good."""
    rows = await db.fetch(
        "SELECT t.id FROM trace t WHERE NOT EXISTS (SELECT 1 FROM generation g WHERE g.id = t.generation)"  # noqa: S608
        f" LIMIT {BATCH}"
    )
    return [row["id"] for row in rows]


def _conditions(wanted: Filter) -> tuple[list[str], list[Any]]:
    given: list[tuple[str, list[Any]]] = []
    if wanted.status:
        given.append(("t.status = ?", [wanted.status]))
    if wanted.conversation is not None:
        given.append(("t.conversation = ?", [wanted.conversation]))
    if wanted.since is not None:
        given.append(("t.started_at >= ?", [wanted.since]))
    if wanted.until is not None:
        given.append(("t.started_at < ?", [wanted.until]))
    if wanted.slower is not None:
        given.append(("t.ended_at - t.started_at >= ?", [wanted.slower]))
    if wanted.user:
        given.append(("LOWER(u.username) LIKE ? ESCAPE '!'", [_like(wanted.user)]))
    if wanted.model:
        pattern = _like(wanted.model)
        given.append(
            ("(LOWER(t.model) LIKE ? ESCAPE '!' OR LOWER(m.name) LIKE ? ESCAPE '!')", [pattern, pattern])
        )
    if wanted.connection:
        given.append(("LOWER(t.connection) LIKE ? ESCAPE '!'", [_like(wanted.connection)]))
    if wanted.text:
        pattern = _like(wanted.text)
        given.append(
            ("(LOWER(c.title) LIKE ? ESCAPE '!' OR LOWER(t.metadata) LIKE ? ESCAPE '!')", [pattern, pattern])
        )
    return [condition for condition, _v in given], [value for _c, values in given for value in values]


def _like(text: str) -> str:
    text = text.lower()
    for sign in "!%_":
        text = text.replace(sign, f"!{sign}")
    return f"%{text}%"


def _trace(row: Row) -> TraceRow:
    values = {**row, "metadata": msgspec.json.decode(row["metadata"]), "truncated": bool(row["truncated"])}
    return TraceRow(**values)
