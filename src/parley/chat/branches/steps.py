"""Steps of transactions on the tree of messages; the caller holds the lock of the conversation.

`message.chosen_child` says where the path went on when it last led through a message. It is true for every
message, on the chosen path or off it, so that a version somebody returns to leads on to where they left it.
"""

from __future__ import annotations

from parley.lib.db import Script
from parley.lib.errors import Conflict
from parley.web.i18n import ngettext

OPEN = "('queued', 'running')"
_UP = (
    "WITH RECURSIVE up(id, parent) AS (SELECT id, parent FROM message WHERE id = ? UNION ALL"
    " SELECT m.id, m.parent FROM message m JOIN up u ON m.id = u.parent)"
)
# A version that nobody would miss: not the chosen one, not rated, not being written, nothing goes on from it.
# A question goes with its only answer.
_DISPENSABLE = (
    " AND m.id <> ?"  # noqa: S608
    " AND (SELECT COUNT(*) FROM message k WHERE k.parent = m.id AND k.deleted_at IS NULL)"
    " <= CASE WHEN m.role = 'user' THEN 1 ELSE 0 END"
    " AND NOT EXISTS (SELECT 1 FROM message k JOIN message g ON g.parent = k.id"
    " WHERE k.parent = m.id AND g.deleted_at IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM message_rating r JOIN message k ON k.id = r.message"
    " WHERE k.id = m.id OR k.parent = m.id)"
    f" AND NOT EXISTS (SELECT 1 FROM generation g JOIN message k ON k.id = g.message WHERE g.status IN {OPEN}"
    " AND (k.id = m.id OR k.parent = m.id))"
)


def can_continue(status: str, finish_reason: str, text: str) -> bool:
    """Whether an answer broke off with something to go on from."""
    broken = status in ("interrupted", "cancelled", "error") or finish_reason == "length"
    return broken and bool(text)


def remember(parent: int | None, child: int | None) -> Script[None]:
    """From now on the path leads from `parent` to `child`."""
    if parent is not None:
        yield "UPDATE message SET chosen_child = ? WHERE id = ?", (child, parent)


def is_answering(conversation: int, leaf: int | None) -> Script[bool]:
    """Whether an answer of the path to `leaf` is being written; those of other branches do not count."""
    writing = yield (
        f"SELECT message FROM generation WHERE conversation = ? AND status IN {OPEN}",  # noqa: S608
        (conversation,),
    )
    if not writing or leaf is None:
        return False
    places = ", ".join("?" * len(writing))
    met = yield (
        _UP + f" SELECT id FROM up WHERE id IN ({places}) LIMIT 1",  # noqa: S608
        (leaf, *(row["message"] for row in writing)),
    )
    return bool(met)


def end_below(message: int) -> Script[int]:
    """Where the path ended when it last led through `message`."""
    rows = yield (
        "WITH RECURSIVE down(id, next, depth) AS (SELECT id, chosen_child, 0 FROM message WHERE id = ?"
        " UNION ALL SELECT m.id, m.chosen_child, d.depth + 1 FROM message m JOIN down d ON m.id = d.next"
        " WHERE m.deleted_at IS NULL)"
        " SELECT id FROM down ORDER BY depth DESC LIMIT 1",
        (message,),
    )
    return int(rows[0]["id"])


def lead_through(conversation: int, message: int) -> Script[int]:
    """Let the chosen path lead through `message` and on to where it last ended; that end."""
    strays = yield (
        _UP + " SELECT u.id, u.parent FROM up u JOIN message m ON m.id = u.parent"  # noqa: S608
        " WHERE m.chosen_child IS NULL OR m.chosen_child <> u.id",
        (message,),
    )
    for row in strays:
        yield from remember(row["parent"], row["id"])
    leaf = yield from end_below(message)
    yield "UPDATE conversation SET leaf = ? WHERE id = ?", (leaf, conversation)
    return leaf


def end_for(conversation: int, leaf: int | None, seen: int | None) -> Script[int | None]:
    """Where somebody goes on who has `seen` before them as the last message.

    The end of the chosen path, unless they are shown another version: then the path leads through that.
    """
    if seen is None or seen == leaf:
        return leaf
    there = yield (
        "SELECT id FROM message WHERE id = ? AND conversation = ? AND deleted_at IS NULL",
        (seen, conversation),
    )
    return (yield from lead_through(conversation, seen)) if there else leaf


def make_room(conversation: int, leaf: int | None, parent: int | None, most: int, now: int) -> Script[None]:
    """See to it that one more version beneath `parent` makes no more than `most`.

    The oldest that nobody would miss goes; raises Conflict when there is none.
    """
    where = "m.parent = ?" if parent is not None else "m.conversation = ? AND m.parent IS NULL"
    which = parent if parent is not None else conversation
    count = yield (
        f"SELECT COUNT(*) AS versions FROM message m WHERE {where} AND m.deleted_at IS NULL",  # noqa: S608
        (which,),
    )
    if count[0]["versions"] < most:
        return
    chosen = yield from _chosen_beneath(parent, leaf)
    rows = yield (
        f"SELECT m.id FROM message m WHERE {where} AND m.deleted_at IS NULL {_DISPENSABLE}"  # noqa: S608
        " ORDER BY m.id LIMIT 1",
        (which, chosen or 0),
    )
    if not rows:
        raise Conflict(
            ngettext(
                "There is already %(n)s version, and it is in use. Delete one first.",
                "There are already %(n)s versions, and all of them are in use. Delete one first.",
                most,
            ),
            code="too_many_versions",
        )
    yield (
        "UPDATE message SET deleted_at = ? WHERE (id = ? OR parent = ?) AND deleted_at IS NULL",
        (now, rows[0]["id"], rows[0]["id"]),
    )


def _chosen_beneath(parent: int | None, leaf: int | None) -> Script[int | None]:
    if parent is not None:
        rows = yield "SELECT chosen_child AS id FROM message WHERE id = ?", (parent,)
    elif leaf is not None:
        rows = yield _UP + " SELECT id FROM up WHERE parent IS NULL", (leaf,)  # noqa: S608
    else:
        return None
    return rows[0]["id"] if rows else None
