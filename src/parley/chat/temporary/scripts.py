"""The transactions of temporary chats, as scripts for both engines."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Script


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went: how many chats, and the contents (sha256) that were only theirs perhaps."""

    conversations: int
    contents: frozenset[str] = frozenset()


def leave(conversation: int, owner: int, now: int) -> Script[bool]:
    """Nobody looks at it any more; False when it is no temporary chat of the owner's."""
    rows = yield (
        "UPDATE conversation SET deleted_at = ? WHERE id = ? AND owner = ? AND temporary = TRUE"
        " AND deleted_at IS NULL RETURNING id",
        (now, conversation, owner),
    )
    return bool(rows)


def stay(conversation: int, owner: int, now: int) -> Script[bool]:
    """Somebody looks at it (again); False when it is gone or no temporary chat of the owner's."""
    rows = yield (
        "UPDATE conversation SET deleted_at = NULL, updated_at = ?"
        " WHERE id = ? AND owner = ? AND temporary = TRUE RETURNING id",
        (now, conversation, owner),
    )
    return bool(rows)


def keep(conversation: int, owner: int) -> Script[bool]:
    """Make it an ordinary chat; False when it is no temporary chat of the owner's."""
    rows = yield (
        "UPDATE conversation SET temporary = FALSE"
        " WHERE id = ? AND owner = ? AND temporary = TRUE AND deleted_at IS NULL RETURNING id",
        (conversation, owner),
    )
    return bool(rows)


def forget(conversations: list[int], left_before: int, idle_before: int) -> Script[Forgotten]:
    """Delete them with their messages, generations, facts and the files no other message holds.

    Looked at again: one that somebody came back to or kept meanwhile stays.
    """
    places = ", ".join("?" * len(conversations))
    gone = yield (
        f"UPDATE conversation SET owner = owner WHERE id IN ({places}) AND temporary = TRUE"  # noqa: S608
        " AND (deleted_at < ? OR updated_at < ? OR NOT EXISTS"
        " (SELECT 1 FROM login_session s WHERE s.owner = conversation.owner AND s.revoked_at IS NULL))"
        " RETURNING id",
        (*conversations, left_before, idle_before),
    )
    if not gone:
        return Forgotten(0)
    ids = tuple(row["id"] for row in gone)
    places = ", ".join("?" * len(ids))
    held = yield (
        f"SELECT DISTINCT f.file FROM message_file f JOIN message m ON m.id = f.message"  # noqa: S608
        f" WHERE m.conversation IN ({places})",
        ids,
    )
    yield f"DELETE FROM conversation WHERE id IN ({places})", ids  # noqa: S608
    contents = yield from _forget_files(tuple(row["file"] for row in held))
    return Forgotten(len(ids), contents)


def _forget_files(files: tuple[int, ...]) -> Script[frozenset[str]]:
    if not files:
        return frozenset()
    places = ", ".join("?" * len(files))
    rows = yield (
        f"DELETE FROM stored_file WHERE id IN ({places})"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM message_file m WHERE m.file = stored_file.id) RETURNING sha256",
        files,
    )
    return frozenset(row["sha256"] for row in rows)
