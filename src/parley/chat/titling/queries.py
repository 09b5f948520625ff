"""Reads for titles: which chats wait for one, and what it is made from."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Database, one


@dataclass(frozen=True, slots=True)
class Due:
    """A chat that waits for a title since `due` (ms)."""

    id: int
    due: int


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a title is made from, and who pays for it."""

    owner: int
    role: str
    model: str  # public id of the chat's
    question: str
    answer: str


async def due(db: Database, now: int, limit: int = 20) -> list[Due]:
    """Chats that wait and have an answer that ended well; few wait at all, the index holds only those."""
    rows = await db.fetch(
        "SELECT c.id, c.title_due AS due FROM conversation c WHERE c.title_due <= ? AND c.title_tries < 2"
        " AND c.deleted_at IS NULL AND c.temporary = FALSE AND c.titled_by_owner = FALSE"
        " AND EXISTS (SELECT 1 FROM generation g WHERE g.conversation = c.id AND g.status = 'done')"
        " ORDER BY c.title_due, c.id LIMIT ?",
        now,
        limit,
    )
    return [Due(**row) for row in rows]


async def beginning(db: Database, conversation: int) -> Beginning | None:
    """The first question that was answered well, with its last such answer; None when they are gone."""
    row = one(
        await db.fetch(
            "SELECT c.owner, u.role, c.model, q.text AS question, a.text AS answer FROM generation g"
            " JOIN message a ON a.id = g.message JOIN message q ON q.id = a.parent"
            " JOIN conversation c ON c.id = g.conversation JOIN user_account u ON u.id = c.owner"
            " WHERE g.conversation = ? AND g.status = 'done' AND a.deleted_at IS NULL"
            " ORDER BY q.id, g.id DESC LIMIT 1",
            conversation,
        )
    )
    return Beginning(**row) if row else None
