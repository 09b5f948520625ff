"""Reads about single messages: where a conversation came from, ratings, what an answer is made of."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.actor import Actor
from parley.chat.branches.pages import Origin
from parley.lib.db import Database, one
from parley.web.i18n import _, lang_of_text


@dataclass(frozen=True, slots=True)
class RatingRow:
    """What somebody thinks of an answer, with its beginning."""

    id: int
    username: str
    value: int
    comment: str
    model: str
    excerpt: str
    updated_at: int


async def origin_of(db: Database, conversation: int, actor: Actor) -> Origin | None:
    """The message this conversation was branched off from, while the actor still has it."""
    row = one(
        await db.fetch(
            "SELECT m.id AS message, o.id AS conversation, o.title FROM conversation c"
            " JOIN message m ON m.id = c.forked_from JOIN conversation o ON o.id = m.conversation"
            " WHERE c.id = ? AND o.owner = ? AND o.deleted_at IS NULL AND m.deleted_at IS NULL",
            conversation,
            actor.id,
        )
    )
    if row is None:
        return None
    title = row["title"] or _("New chat")
    return Origin(
        conversation=row["conversation"], message=row["message"], title=title, lang=lang_of_text(title)
    )


async def rating_of(db: Database, message: int, owner: int) -> tuple[int, str]:
    """Value and comment; 0 and "" while there is none."""
    row = one(
        await db.fetch(
            "SELECT value, comment FROM message_rating WHERE message = ? AND owner = ?", message, owner
        )
    )
    return (row["value"], row["comment"]) if row else (0, "")


async def has_answer(db: Database, question: int) -> bool:
    """Whether anything follows the question."""
    return bool(
        await db.fetch("SELECT id FROM message WHERE parent = ? AND deleted_at IS NULL LIMIT 1", question)
    )


async def ratings(
    db: Database, *, limit: int, before: tuple[int, int] | None, longest: int
) -> list[RatingRow]:
    """The newest first, none of what was deleted or is temporary.

    `before` is the (updated_at, id) of the last row already shown.

    `longest`: characters of an answer that are shown.
    """
    updated_at, id = before or (2**62, 2**62)
    rows = await db.fetch(
        "SELECT r.id, u.username, r.value, r.comment, r.updated_at, SUBSTR(m.text, 1, ?) AS excerpt,"
        " COALESCE(NULLIF((SELECT g.answered_name FROM generation g WHERE g.message = m.id"
        " ORDER BY g.id DESC LIMIT 1), ''), m.model_name) AS model"
        " FROM message_rating r JOIN message m ON m.id = r.message JOIN user_account u ON u.id = r.owner"
        " JOIN conversation c ON c.id = m.conversation"
        " WHERE m.deleted_at IS NULL AND c.deleted_at IS NULL AND c.temporary = FALSE"
        " AND (r.updated_at < ? OR (r.updated_at = ? AND r.id < ?))"
        " ORDER BY r.updated_at DESC, r.id DESC LIMIT ?",
        longest,
        updated_at,
        updated_at,
        id,
        limit,
    )
    return [RatingRow(**row) for row in rows]
