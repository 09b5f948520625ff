"""Which temporary chats are over."""

from __future__ import annotations

from parley.lib.db import Database

OPEN = "('queued', 'running')"


async def chats_over(db: Database, left_before: int, idle_before: int, limit: int = 50) -> list[int]:
    """Those whose page is gone, that nobody used since, or whose owner has signed out everywhere."""
    rows = await db.fetch(
        "SELECT c.id FROM conversation c WHERE c.temporary = TRUE AND (c.deleted_at < ? OR c.updated_at < ?"
        " OR NOT EXISTS (SELECT 1 FROM login_session s WHERE s.owner = c.owner AND s.revoked_at IS NULL))"
        " ORDER BY c.id LIMIT ?",
        left_before,
        idle_before,
        limit,
    )
    return [row["id"] for row in rows]


async def running_in(db: Database, conversations: list[int]) -> list[int]:
    """The generations that still write into them."""
    places = ", ".join("?" * len(conversations))
    rows = await db.fetch(
        f"SELECT id FROM generation WHERE conversation IN ({places}) AND status IN {OPEN}",  # noqa: S608
        *conversations,
    )
    return [row["id"] for row in rows]
