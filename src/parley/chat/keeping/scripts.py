"""The transactions of keeping, as scripts for both engines."""

from __future__ import annotations

from parley.lib.db import Script

OPEN = "('queued', 'running')"


def put_away(idle: int | None, archived: int | None, now: int, limit: int = 200) -> Script[int]:
    """Put chats out of sight that are older than their time, as their owners would; how many.

    Deleted for good they are by the round that takes deleted chats. One with an answer under way stays.
    """
    gone = 0
    for column, before, which in (
        ("updated_at", idle, "archived_at IS NULL AND temporary = FALSE"),
        ("archived_at", archived, "archived_at IS NOT NULL"),
    ):
        if before is None:
            continue
        rows = yield (
            "UPDATE conversation SET deleted_at = ? WHERE id IN (SELECT id FROM conversation c"  # noqa: S608
            f" WHERE c.{column} < ? AND c.deleted_at IS NULL AND c.pinned_at IS NULL AND {which}"
            f" AND NOT EXISTS (SELECT 1 FROM generation g WHERE g.conversation = c.id AND g.status IN {OPEN})"
            f" ORDER BY c.{column} LIMIT ?) RETURNING id",
            (now, before, limit),
        )
        gone += len(rows)
    return gone
