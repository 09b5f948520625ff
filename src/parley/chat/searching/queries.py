"""Found entries as far as they may still be shown, and what a search can be narrowed by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parley.chat.searching.filters import Filters
from parley.lib.db import Database
from parley.search.index import Entry

RECENT = 2_000  # conversations whose models are offered


@dataclass(frozen=True, slots=True)
class Hit:
    """A text that was found, and the conversation it is of. `message` None: it is the title."""

    id: int
    message: int | None
    role: str  # "title", "user" or "assistant"
    text: str
    at: int
    conversation: int
    title: str
    model: str
    folder: str
    archived: bool
    pinned: bool


async def places(db: Database, owner: int, filters: Filters, limit: int) -> list[int]:
    """Conversations that pass the filters which are about conversations; any `limit` of them."""
    condition, values = _narrowed(filters)
    rows = await db.fetch(
        "SELECT c.id FROM conversation c WHERE c.owner = ? AND c.deleted_at IS NULL"  # noqa: S608
        f" AND c.temporary = FALSE{condition} LIMIT ?",
        owner,
        *values,
        limit,
    )
    return [row["id"] for row in rows]


async def living(db: Database, owner: int, entries: Sequence[Entry], filters: Filters) -> list[Hit]:
    """Those entries that are the owner's, neither deleted nor temporary, and pass; in their order."""
    if not entries:
        return []
    condition, values = _narrowed(filters)
    rows = await db.fetch(
        "SELECT e.id, m.id AS message, e.kind AS role, COALESCE(m.text, c.title) AS text,"  # noqa: S608
        " COALESCE(m.created_at, c.created_at) AS at, c.id AS conversation, c.title, c.model,"
        " COALESCE(f.name, '') AS folder, c.archived_at IS NOT NULL AS archived,"
        " c.pinned_at IS NOT NULL AS pinned"
        " FROM search_entry e JOIN conversation c ON c.id = e.place"
        " LEFT JOIN message m ON m.id = e.source AND e.kind <> 'title' AND m.conversation = c.id"
        " LEFT JOIN folder f ON f.id = c.folder"
        f" WHERE e.id IN ({', '.join('?' * len(entries))}) AND c.owner = ? AND c.deleted_at IS NULL"
        " AND c.temporary = FALSE AND (e.kind = 'title' OR (m.id IS NOT NULL AND m.deleted_at IS NULL))"
        f"{condition} ORDER BY e.id DESC",
        *(entry.id for entry in entries),
        owner,
        *values,
    )
    return [Hit(**{**row, "archived": bool(row["archived"]), "pinned": bool(row["pinned"])}) for row in rows]


async def choices_of(db: Database, owner: int) -> tuple[list[str], list[tuple[int, str]]]:
    """The models of the owner's recent conversations, and the owner's folders."""
    models = await db.fetch(
        "SELECT DISTINCT model FROM (SELECT model FROM conversation WHERE owner = ? AND deleted_at IS NULL"
        " AND archived_at IS NULL AND temporary = FALSE ORDER BY updated_at DESC, id DESC LIMIT ?) AS recent"
        " WHERE model <> '' ORDER BY model",
        owner,
        RECENT,
    )
    folders = await db.fetch(
        "SELECT id, name FROM folder WHERE owner = ? ORDER BY position, id LIMIT 500", owner
    )
    return [row["model"] for row in models], [(row["id"], row["name"]) for row in folders]


def _narrowed(filters: Filters) -> tuple[str, list[Any]]:
    """The filters about conversations as a condition on `c`, with its values."""
    parts: list[str] = []
    values: list[Any] = []
    if filters.model:
        parts.append("c.model = ?")
        values.append(filters.model)
    if filters.folder:
        parts.append("c.folder = ?")
        values.append(filters.folder)
    if filters.chat:
        parts.append("c.id = ?")
        values.append(filters.chat)
    if filters.pinned:
        parts.append("c.pinned_at IS NOT NULL")
    if filters.tag:
        parts.append("EXISTS (SELECT 1 FROM conversation_tag t WHERE t.conversation = c.id AND t.name = ?)")
        values.append(filters.tag)
    return "".join(f" AND {part}" for part in parts), values
