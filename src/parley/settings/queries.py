"""Reads of settings."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from parley.lib.db import LARGEST_ID, Database
from parley.settings.catalogue import Values
from parley.settings.pins import fixed


async def load(db: Database) -> Values:
    """All settings as they are now, with what the environment fixes; one small read."""
    rows = await db.fetch("SELECT key, value FROM setting")
    return Values({row["key"]: msgspec.json.decode(row["value"]) for row in rows}, fixed())


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one setting, values as JSON; "" is the default."""

    id: int
    key: str
    before: str
    after: str
    at: int
    actor_name: str


async def changes(db: Database, key: str, before: int = 0, limit: int = 50) -> list[Change]:
    """The newest changes of the setting `key` ("" for all), from before the change with that id."""
    where, values = ("key = ? AND ", (key,)) if key else ("", ())
    rows = await db.fetch(
        f"SELECT id, key, before, after, at, actor_name FROM setting_history WHERE {where}id < ?"  # noqa: S608
        " ORDER BY id DESC LIMIT ?",
        *values,
        min(before or LARGEST_ID, LARGEST_ID),
        limit,
    )
    return [Change(**row) for row in rows]


async def change_of(db: Database, id: int) -> Change | None:
    """One change, None when it is not known (any longer)."""
    rows = await db.fetch(
        "SELECT id, key, before, after, at, actor_name FROM setting_history WHERE id = ?", id
    )
    return Change(**rows[0]) if rows else None


async def mark_piece(db: Database, name: str) -> bytes | None:
    """One size of a mark by its file name; None when it is not kept."""
    rows = await db.fetch("SELECT data FROM site_mark WHERE name = ?", name)
    return bytes(rows[0]["data"]) if rows else None


async def mark_is_kept(db: Database, mark: str) -> bool:
    """Whether the pictures of that mark are there."""
    return bool(await db.fetch("SELECT name FROM site_mark WHERE mark = ? LIMIT 1", mark))
