"""Reads about visitors."""

from __future__ import annotations

from parley.lib.db import Database


async def idle(db: Database, since: int, *, limit: int) -> list[int]:
    """The oldest visitors who were not here after `since` (milliseconds)."""
    rows = await db.fetch(
        "SELECT u.id FROM user_account u WHERE u.role = 'visitor' AND u.created_at < ? AND NOT EXISTS"
        " (SELECT 1 FROM login_session s WHERE s.owner = u.id AND s.seen_at >= ?)"
        " ORDER BY u.id LIMIT ?",
        since,
        since,
        limit,
    )
    return [row["id"] for row in rows]
