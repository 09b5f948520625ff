"""Which accounts still have something to clear away."""

from __future__ import annotations

from parley.lib.db import Database


async def departed(db: Database, limit: int = 10) -> list[int]:
    """Deleted accounts whose row is still there."""
    rows = await db.fetch("SELECT id FROM user_account WHERE status = 'deleted' ORDER BY id LIMIT ?", limit)
    return [row["id"] for row in rows]


async def holdings(db: Database, users: list[int]) -> tuple[int, int]:
    """How many chats and files they have together."""
    marks = ", ".join("?" * len(users))
    rows = await db.fetch(
        "SELECT (SELECT COUNT(*) FROM conversation"  # noqa: S608
        f" WHERE owner IN ({marks}) AND deleted_at IS NULL) AS chats,"
        " (SELECT COUNT(*) FROM stored_file"
        f" WHERE owner IN ({marks}) AND sha256 <> '' AND avatar = FALSE) AS files",
        *users,
        *users,
    )
    return rows[0]["chats"], rows[0]["files"]
