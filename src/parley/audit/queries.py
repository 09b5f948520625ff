"""Reads of the audit log: a page of it, all of it in batches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from typing import Any

from parley.audit.entries import BEGINNING, Link
from parley.lib.db import LARGEST_ID, Database

BATCH = 500
COLUMNS = "seq, at, actor, actor_name, address, act, subject, before, after"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for; "" and 0 leave it open. Times are ms since the epoch, UTC."""

    who: str = ""  # a part of the name
    act: str = ""  # "user.disabled", or the first part of it
    since: int = 0
    until: int = 0
    text: str = ""  # in subject, address, before or after
    subject: str = ""  # what the text says of a subject in another language, and fits as well


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it is found, with the hash it claims."""

    link: Link
    hash: str


async def newest(db: Database, wanted: Wanted, *, before: int = 0, limit: int) -> list[Link]:
    """The newest entries that fit, below the number `before` (0: from the end)."""
    sql, values = _where(wanted)
    rows = await db.fetch(
        f"SELECT {COLUMNS} FROM audit_entry WHERE seq < ?{sql} ORDER BY seq DESC LIMIT ?",  # noqa: S608
        before or LARGEST_ID,
        *values,
        limit,
    )
    return [_link(row) for row in rows]


async def all_stored(db: Database) -> AsyncIterator[list[Stored]]:
    """Everything in order, in batches: also entries beyond the end that the chain claims."""
    last = -LARGEST_ID
    while rows := await db.fetch(
        f"SELECT {COLUMNS}, hash FROM audit_entry WHERE seq > ? ORDER BY seq LIMIT ?",  # noqa: S608
        last,
        BATCH,
    ):
        yield [Stored(_link(row), row["hash"]) for row in rows]
        last = rows[-1]["seq"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first entry is chained to: number and hash of the last that was removed, and when (ms)."""

    seq: int
    hash: str
    removed_at: int | None


async def beginning(db: Database) -> Beginning:
    """Where the log begins."""
    rows = await db.fetch("SELECT first_seq, first_hash, removed_at FROM audit_head WHERE id = 1")
    if not rows:
        return Beginning(0, BEGINNING, None)
    return Beginning(rows[0]["first_seq"], rows[0]["first_hash"], rows[0]["removed_at"])


async def head(db: Database) -> tuple[int, str]:
    """Number and hash of the last entry, as the chain claims."""
    rows = await db.fetch("SELECT seq, hash FROM audit_head WHERE id = 1")
    return (rows[0]["seq"], rows[0]["hash"]) if rows else (-1, "")


async def acts(db: Database) -> list[str]:
    """Every act that was ever recorded; one look into the index for each."""
    rows = await db.fetch(
        "WITH RECURSIVE found(act) AS (SELECT MIN(act) FROM audit_entry UNION ALL"
        " SELECT (SELECT MIN(act) FROM audit_entry WHERE act > found.act) FROM found"
        " WHERE found.act IS NOT NULL) SELECT act FROM found WHERE act IS NOT NULL"
    )
    return [row["act"] for row in rows]


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    parts: list[tuple[str, list[Any]]] = []
    if wanted.who:
        parts.append(("LOWER(actor_name) LIKE ? ESCAPE '!'", [_like(wanted.who)]))
    if wanted.act:
        parts.append(("(act = ? OR act LIKE ? ESCAPE '!')", [wanted.act, _escaped(wanted.act) + ".%"]))
    if wanted.since:
        parts.append(("at >= ?", [wanted.since]))
    if wanted.until:
        parts.append(("at < ?", [wanted.until]))
    if wanted.text:
        columns = ("subject", "address", "before", "after")
        looks = [(each, _like(wanted.text)) for each in columns]
        looks += [("subject", _like(wanted.subject))] if wanted.subject else []
        sql = " OR ".join(f"LOWER({column}) LIKE ? ESCAPE '!'" for column, _text in looks)
        parts.append((f"({sql})", [text for _column, text in looks]))
    return "".join(f" AND {sql}" for sql, _values in parts), [
        value for _sql, values in parts for value in values
    ]


def _like(text: str) -> str:
    return f"%{_escaped(text.lower())}%"


def _escaped(text: str) -> str:
    return text.replace("\0", "").replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _link(row: dict[str, Any]) -> Link:
    return Link(**{each.name: row[each.name] for each in fields(Link)})
