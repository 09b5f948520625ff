"""Conversations out of the database as documents: piece by piece, so that a long one takes no more memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from parley.lib.db import Database, Row
from parley.sharing.document import FILES, Course, Document, FileEntry, MessageEntry, Rating, Usage, iso

PIECE = 100  # messages that are in memory at once
PAGE = 50  # conversations

_HEAD = (
    "SELECT c.id, c.title, c.created_at, c.updated_at, c.model, c.system_prompt, c.sampling, c.reasoning,"
    " c.pinned_at, c.archived_at, COALESCE(f.name, '') AS folder,"
    " (SELECT m.id FROM message m WHERE m.id = c.leaf AND m.deleted_at IS NULL) AS leaf"
    " FROM conversation c LEFT JOIN folder f ON f.id = c.folder"
    " WHERE c.owner = ? AND c.deleted_at IS NULL"
)
_MESSAGE = (
    "SELECT m.id, m.parent, m.role, m.text, m.reasoning, m.model, m.model_name, m.instruction, m.created_at,"
    " (SELECT k.id FROM message k WHERE k.id = m.chosen_child AND k.deleted_at IS NULL) AS chosen,"
    " COALESCE(g.status, 'done') AS status, COALESCE(g.error, '') AS error,"
    " COALESCE(g.error_code, '') AS error_code, COALESCE(g.finish_reason, '') AS finish_reason,"
    " g.finished_at, COALESCE(g.answered_by, '') AS answered_by,"
    " COALESCE(g.answered_name, '') AS answered_name, g.prompt_tokens, g.completion_tokens,"
    " g.reasoning_tokens, g.cached_tokens, g.estimated, g.cost_nano, g.created_at AS asked_at,"
    " g.started_at, g.first_fact_at, g.first_text_at, g.reasoning_ms, g.window_tokens, g.notices,"
    " r.value, r.comment"
    " FROM message m JOIN conversation c ON c.id = m.conversation"
    " LEFT JOIN generation g ON g.id = (SELECT MAX(id) FROM generation WHERE message = m.id)"
    " LEFT JOIN message_rating r ON r.message = m.id AND r.owner = c.owner"
    " WHERE m.deleted_at IS NULL AND "
)


async def head_of(db: Database, owner: int, conversation: int) -> Document:
    """A conversation without its messages; the caller has been through a door."""
    rows = await db.fetch(_HEAD + " AND c.id = ?", owner, conversation)
    return (await _heads(db, rows))[0]


async def heads_of(db: Database, owner: int, ids: Sequence[int]) -> list[Document]:
    """Those of these conversations that are the owner's and not deleted, by id."""
    places = ", ".join("?" * len(ids))
    return await _heads(db, await db.fetch(f"{_HEAD} AND c.id IN ({places}) ORDER BY c.id", owner, *ids))


async def all_heads(db: Database, owner: int) -> AsyncIterator[Document]:
    """Every conversation that is in the owner's lists, archived ones too; by page."""
    after = 0
    while True:
        rows = await db.fetch(
            f"{_HEAD} AND c.temporary = FALSE AND c.id > ? ORDER BY c.id LIMIT {PAGE}", owner, after
        )
        for head in await _heads(db, rows):
            yield head
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]


async def tree_of(db: Database, conversation: int) -> AsyncIterator[list[MessageEntry]]:
    """Every message of a conversation in pieces, parents before their children."""
    after = 0
    while True:
        rows = await db.fetch(
            f"{_MESSAGE} m.conversation = ? AND m.id > ? ORDER BY m.id LIMIT {PIECE}", conversation, after
        )
        if rows:
            yield await _messages(db, rows)
        if len(rows) < PIECE:
            return
        after = rows[-1]["id"]


async def path_ids(db: Database, conversation: int, leaf: int | None = None) -> list[int]:
    """The ids of the chosen path (or of the one to `leaf`), oldest first.

    Empty when its end was deleted.
    """
    rows = await db.fetch(
        "WITH RECURSIVE path(id, parent, depth) AS (SELECT m.id, m.parent, 0 FROM message m"
        " JOIN conversation c ON c.id = m.conversation WHERE c.id = ? AND m.id = COALESCE(?, c.leaf)"
        " AND m.deleted_at IS NULL UNION ALL SELECT m.id, m.parent, p.depth + 1 FROM message m"
        " JOIN path p ON m.id = p.parent) SELECT id FROM path ORDER BY depth DESC",
        conversation,
        leaf,
    )
    return [row["id"] for row in rows]


async def messages_by_id(db: Database, ids: Sequence[int]) -> list[MessageEntry]:
    """These messages in this order, without those that were deleted meanwhile; at most PIECE of them."""
    if not ids:
        return []
    places = ", ".join("?" * len(ids))
    rows = {row["id"]: row for row in await db.fetch(f"{_MESSAGE} m.id IN ({places})", *ids)}
    return await _messages(db, [rows[id] for id in ids if id in rows])


async def pieces(db: Database, ids: Sequence[int]) -> AsyncIterator[list[MessageEntry]]:
    """These messages in this order, PIECE at a time."""
    for start in range(0, len(ids), PIECE):
        yield await messages_by_id(db, ids[start : start + PIECE])


async def _heads(db: Database, rows: Sequence[Row]) -> list[Document]:
    tags: dict[int, list[str]] = {row["id"]: [] for row in rows}
    if rows:
        places = ", ".join("?" * len(rows))
        for tag in await db.fetch(
            f"SELECT conversation, name FROM conversation_tag WHERE conversation IN ({places})"  # noqa: S608
            " ORDER BY id",
            *tags,
        ):
            tags[tag["conversation"]].append(tag["name"])
    return [
        Document(
            id=str(row["id"]),
            title=row["title"],
            created_at=iso(row["created_at"]),
            updated_at=iso(row["updated_at"]),
            model=row["model"],
            system_prompt=row["system_prompt"],
            sampling=_object(row["sampling"]),
            reasoning=_object(row["reasoning"]),
            tags=tags[row["id"]],
            folder=row["folder"],
            pinned=row["pinned_at"] is not None,
            archived=row["archived_at"] is not None,
            leaf=_id(row["leaf"]),
        )
        for row in rows
    ]


async def _messages(db: Database, rows: Sequence[Row]) -> list[MessageEntry]:
    places = ", ".join("?" * len(rows))
    files: dict[int, list[FileEntry]] = {}
    for file in await db.fetch(
        "SELECT a.message, f.id, f.sha256, f.mime, f.size, f.width, f.height, f.name"  # noqa: S608
        " FROM message_file a JOIN stored_file f ON f.id = a.file"
        f" WHERE a.message IN ({places}) ORDER BY a.message, a.position",
        *[row["id"] for row in rows],
    ):
        message, id, sha256 = file.pop("message"), str(file.pop("id")), file.pop("sha256")
        entry = FileEntry(id=id, sha256=sha256, path=FILES + sha256 if sha256 else "", **file)
        files.setdefault(message, []).append(entry)
    return [_message(row, files.get(row["id"], [])) for row in rows]


def _message(row: Row, files: list[FileEntry]) -> MessageEntry:
    return MessageEntry(
        id=str(row["id"]),
        role=row["role"],
        parent=_id(row["parent"]),
        chosen=_id(row["chosen"]),
        text=row["text"],
        reasoning=row["reasoning"],
        model=row["model"],
        model_name=row["model_name"],
        answered_by=row["answered_by"],
        answered_name=row["answered_name"],
        instruction=row["instruction"],
        created_at=iso(row["created_at"]),
        finished_at=iso(row["finished_at"]),
        status=row["status"],
        finish_reason=row["finish_reason"],
        error=row["error"],
        error_code=row["error_code"],
        usage=_usage(row),
        course=_course(row),
        rating=None if row["value"] is None else Rating(value=row["value"], comment=row["comment"]),
        files=files,
    )


def _usage(row: Row) -> Usage | None:
    if row["completion_tokens"] is None and row["prompt_tokens"] is None and row["cost_nano"] is None:
        return None
    return Usage(
        prompt_tokens=row["prompt_tokens"],
        completion_tokens=row["completion_tokens"],
        reasoning_tokens=row["reasoning_tokens"],
        cached_tokens=row["cached_tokens"],
        estimated=bool(row["estimated"]),
        cost_nano=row["cost_nano"],
    )


def _course(row: Row) -> Course | None:
    if row["asked_at"] is None:  # it came from elsewhere, or with a branch
        return None
    return Course(
        asked_at=iso(row["asked_at"]),
        started_at=iso(row["started_at"]),
        first_fact_at=iso(row["first_fact_at"]),
        first_text_at=iso(row["first_text_at"]),
        reasoning_ms=row["reasoning_ms"],
        window_tokens=row["window_tokens"],
        notices=msgspec.json.decode(row["notices"] or "[]", type=list[dict[str, Any]]),
    )


def _id(value: int | None) -> str | None:
    return None if value is None else str(value)


def _object(text: str) -> dict[str, Any]:
    value = msgspec.json.decode(text or "{}")
    return value if isinstance(value, dict) else {}
