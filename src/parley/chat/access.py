"""Doors: rows of chat loaded through the actor. Unknown and forbidden are the same 404."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.actor import Actor
from parley.lib.db import LARGEST_ID, Database, Row, one
from parley.lib.errors import NotFound
from parley.web.i18n import _


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation its owner may read and write."""

    id: int
    title: str
    model: str
    leaf: int | None
    updated_at: int
    system_prompt: str = ""
    sampling: str = "{}"  # JSON, see chat/tuning.py
    reasoning: str = "{}"
    folder: int | None = None
    pinned_at: int | None = None
    archived_at: int | None = None
    temporary: bool = False
    forked_from: int | None = None


@dataclass(frozen=True, slots=True)
class GenerationRow:
    """A generation its owner may follow and stop, with the messages around it."""

    id: int
    conversation: int
    message: int
    question: int | None
    pruned: bool  # its facts were deleted, its text is retold from the message
    prefix: str
    prefix_reasoning: str
    traced: bool = False  # its readers are noted


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of a conversation its owner may act on."""

    id: int
    conversation: int
    parent: int | None
    role: str
    text: str = ""


async def conversation_for_owner(db: Database, id: int, actor: Actor) -> ConversationRow:
    """The conversation; raises NotFound when it is not the actor's or was deleted."""
    row = await _row(
        db,
        "SELECT id, title, model, leaf, updated_at, system_prompt, sampling, reasoning, temporary,"
        " folder, pinned_at, archived_at, forked_from FROM conversation"
        " WHERE id = ? AND owner = ? AND deleted_at IS NULL",
        id,
        actor,
    )
    return ConversationRow(**{**row, "temporary": bool(row["temporary"])})


async def generation_for_owner(db: Database, id: int, actor: Actor) -> GenerationRow:
    """The generation; raises NotFound when its conversation is not the actor's or was deleted."""
    row = await _row(
        db,
        "SELECT g.id, g.conversation, g.message, m.parent AS question, g.pruned,"
        " g.prefix, g.prefix_reasoning, g.traced FROM generation g"
        " JOIN message m ON m.id = g.message JOIN conversation c ON c.id = m.conversation"
        " WHERE g.id = ? AND c.owner = ? AND c.deleted_at IS NULL",
        id,
        actor,
    )
    return GenerationRow(**row)


async def message_for_owner(
    db: Database, id: int, actor: Actor, *, deleted: bool = False, role: str = ""
) -> MessageRow:
    """The message; raises NotFound when it is not the actor's, or it or its conversation was deleted.

    `deleted`: one that was deleted will do. `role`: no other will.
    """
    row = await _row(
        db,
        "SELECT m.id, m.conversation, m.parent, m.role, m.text FROM message m"  # noqa: S608
        " JOIN conversation c ON c.id = m.conversation"
        " WHERE m.id = ? AND c.owner = ? AND c.deleted_at IS NULL"
        + ("" if deleted else " AND m.deleted_at IS NULL"),
        id,
        actor,
    )
    if role and row["role"] != role:
        raise NotFound(_("This chat does not exist or is not yours."))
    return MessageRow(**row)


async def _row(db: Database, sql: str, id: int, actor: Actor) -> Row:
    row = one(await db.fetch(sql, id, actor.id)) if 0 < id <= LARGEST_ID else None
    if row is None:
        raise NotFound(_("This chat does not exist or is not yours."))
    return row
