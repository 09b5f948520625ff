"""The transactions of versions: choosing, branching off, deleting with undo, rating."""

from __future__ import annotations

from dataclasses import dataclass

from parley.chat.branches.steps import OPEN, end_below, is_answering, lead_through, remember
from parley.chat.scripts import locked
from parley.lib.db import Many, Row, Script, one
from parley.lib.errors import Conflict, NotFound
from parley.web.i18n import _

_SUBTREE = (
    "WITH RECURSIVE below(id) AS (SELECT id FROM message WHERE id = ? AND deleted_at IS NULL UNION ALL"
    " SELECT m.id FROM message m JOIN below b ON m.parent = b.id WHERE m.deleted_at IS NULL)"
)
_PATH = (
    "WITH RECURSIVE path(id, depth) AS (SELECT CAST(? AS BIGINT), 0 UNION ALL"
    " SELECT m.parent, p.depth + 1 FROM message m JOIN path p ON m.id = p.id WHERE m.parent IS NOT NULL)"
)


@dataclass(frozen=True, slots=True)
class Removed:
    """What a deletion took away: how many messages, and which generations have to be stopped."""

    messages: int
    running: tuple[int, ...]


def choose(message: int, conversation: int, owner: int) -> Script[int]:
    """Let the conversation follow the version `message` to where it last ended; that end. Raises NotFound."""
    yield from locked(conversation, owner)
    yield from _message(message, conversation)
    return (yield from lead_through(conversation, message))


def fork(message: int, conversation: int, owner: int, now: int) -> Script[int]:
    """A new conversation with the messages that lead to `message`; its id.

    What an answer took (its generation) stays with the first. Raises NotFound, Conflict while one of these
    messages is being written.
    """
    yield from locked(conversation, owner)
    yield from _message(message, conversation)
    if (yield from is_answering(conversation, message)):
        raise Conflict(_("This answer is still being written. Branch off when it has ended."), code="busy")
    made = yield (
        "INSERT INTO conversation (owner, title, titled_by_owner, model, system_prompt, sampling, reasoning,"
        " folder, temporary, forked_from, created_at, updated_at)"
        " SELECT owner, title, titled_by_owner, model, system_prompt, sampling, reasoning, folder,"
        " temporary, CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT) FROM conversation"
        " WHERE id = ? RETURNING id",
        (message, now, now, conversation),
    )
    copy = int(made[0]["id"])
    # The oldest first: ids grow in this order, so in the copy each message's parent is the one before it.
    yield (
        _PATH + " INSERT INTO message (conversation, role, text, reasoning, model, model_name, instruction,"  # noqa: S608
        " created_at) SELECT CAST(? AS BIGINT), m.role, m.text, m.reasoning, m.model, m.model_name,"
        " m.instruction, m.created_at FROM path p JOIN message m ON m.id = p.id ORDER BY p.depth DESC",
        (message, copy),
    )
    yield (
        "UPDATE message SET parent = w.before, chosen_child = w.after FROM (SELECT id AS own,"
        " LAG(id) OVER (ORDER BY id) AS before, LEAD(id) OVER (ORDER BY id) AS after"
        " FROM message WHERE conversation = ?) AS w WHERE message.id = w.own",
        (copy,),
    )
    yield from _copy_files(message, copy)
    yield (
        "UPDATE conversation SET leaf = (SELECT MAX(id) FROM message WHERE conversation = ?) WHERE id = ?",
        (copy, copy),
    )
    return copy


def _copy_files(message: int, copy: int) -> Script[None]:
    """Give the copies of the messages that lead to `message` their files; the first copy is the oldest."""
    held = yield (
        _PATH + " SELECT p.depth, f.file, f.position FROM path p JOIN message_file f ON f.message = p.id",  # noqa: S608
        (message,),
    )
    if held:
        rows = yield "SELECT id FROM message WHERE conversation = ? ORDER BY id DESC", (copy,)
        yield Many(
            "INSERT INTO message_file (message, file, position) VALUES (?, ?, ?)",
            [(rows[row["depth"]]["id"], row["file"], row["position"]) for row in held],
        )


def remove(message: int, conversation: int, owner: int, now: int) -> Script[Removed]:
    """Put a message and all that follows it out of sight, under one stamp. Raises NotFound.

    Where the chosen path led through it, it goes on with the version nearest to it, else ends before it.
    """
    leaf = (yield from locked(conversation, owner))["leaf"]
    gone = yield from _message(message, conversation)
    stamp = yield from _unused_stamp(conversation, now)
    running = yield (
        _SUBTREE + f" SELECT g.id FROM generation g JOIN below b ON b.id = g.message"  # noqa: S608
        f" WHERE g.status IN {OPEN}",
        (message,),
    )
    rows = yield (
        _SUBTREE + " UPDATE message SET deleted_at = ? WHERE id IN (SELECT id FROM below) RETURNING id",  # noqa: S608
        (message, stamp),
    )
    nearest = yield from _nearest_version(message, conversation, gone["parent"])
    chosen = yield from _is_chosen(message, gone["parent"])
    if chosen:
        yield from remember(gone["parent"], nearest)
    if leaf in {row["id"] for row in rows}:
        end = (yield from end_below(nearest)) if nearest is not None else gone["parent"]
        yield "UPDATE conversation SET leaf = ? WHERE id = ?", (end, conversation)
    return Removed(len(rows), tuple(row["id"] for row in running))


def restore(message: int, conversation: int, owner: int) -> Script[None]:
    """Undo a deletion and follow the message again. Raises NotFound when it is not deleted, or for good."""
    yield from locked(conversation, owner)
    row = one(
        (
            yield (
                "SELECT m.deleted_at, m.parent, p.deleted_at AS parent_gone FROM message m"
                " LEFT JOIN message p ON p.id = m.parent WHERE m.id = ? AND m.conversation = ?",
                (message, conversation),
            )
        )
    )
    if row is None or row["deleted_at"] is None or row["parent_gone"] is not None:
        raise NotFound(_("This message was deleted for good or is not yours."))
    yield (
        "UPDATE message SET deleted_at = NULL WHERE conversation = ? AND deleted_at = ?",
        (conversation, row["deleted_at"]),
    )
    yield from lead_through(conversation, message)


def purge(before: int, limit: int = 500) -> Script[int]:
    """Really delete messages put out of sight before that time; how many."""
    rows = yield (
        "DELETE FROM message WHERE id IN"
        " (SELECT id FROM message WHERE deleted_at < ? ORDER BY deleted_at LIMIT ?) RETURNING id",
        (before, limit),
    )
    return len(rows)


def rate(message: int, owner: int, value: int, comment: str, now: int) -> Script[None]:
    """What the owner thinks of an answer now, instead of what they thought before."""
    yield (
        "INSERT INTO message_rating (message, owner, value, comment, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (message, owner) DO UPDATE SET value = excluded.value,"
        " comment = excluded.comment, updated_at = excluded.updated_at",
        (message, owner, value, comment, now, now),
    )


def unrate(message: int, owner: int) -> Script[None]:
    """Withdraw it."""
    yield "DELETE FROM message_rating WHERE message = ? AND owner = ?", (message, owner)


def _message(message: int, conversation: int) -> Script[Row]:
    row = one(
        (
            yield (
                "SELECT id, parent FROM message WHERE id = ? AND conversation = ? AND deleted_at IS NULL",
                (message, conversation),
            )
        )
    )
    if row is None:
        raise NotFound(_("This message does not exist or is not yours."))
    return row


def _unused_stamp(conversation: int, now: int) -> Script[int]:
    """A stamp of its own for each deletion, or undoing one would undo another of the same millisecond."""
    rows = yield (
        "SELECT MAX(deleted_at) AS last FROM message WHERE conversation = ? AND deleted_at >= ?",
        (conversation, now),
    )
    last = rows[0]["last"]
    return now if last is None else int(last) + 1


def _nearest_version(message: int, conversation: int, parent: int | None) -> Script[int | None]:
    where = "parent = ?" if parent is not None else "conversation = ? AND parent IS NULL"
    rows = yield (
        f"SELECT id FROM message WHERE {where} AND deleted_at IS NULL"  # noqa: S608
        " ORDER BY CASE WHEN id < ? THEN 0 ELSE 1 END, CASE WHEN id < ? THEN -id ELSE id END LIMIT 1",
        (parent if parent is not None else conversation, message, message),
    )
    return rows[0]["id"] if rows else None


def _is_chosen(message: int, parent: int | None) -> Script[bool]:
    rows = yield "SELECT id FROM message WHERE id = ? AND chosen_child = ?", (parent or 0, message)
    return bool(rows)
