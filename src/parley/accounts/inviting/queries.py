"""Reads about invitations."""

from __future__ import annotations

from parley.lib.db import LARGEST_ID, Database, Row, one

PAGE = 50


async def page(db: Database, *, before: int = LARGEST_ID) -> list[Row]:
    """Invitations older than `before`, the newest first, with who made them; one more than a page."""
    return await db.fetch(
        "SELECT i.id, i.role, i.note, i.uses, i.used, i.created_at, i.expires_at, i.revoked_at,"
        " u.username AS maker FROM invitation i LEFT JOIN user_account u ON u.id = i.maker"
        " WHERE i.id < ? ORDER BY i.id DESC LIMIT ?",
        min(max(before, 0), LARGEST_ID),
        PAGE + 1,
    )


async def usable(db: Database, token_hash: str, now: int) -> Row | None:
    """The invitation under this hash if it can be used now."""
    return one(
        await db.fetch(
            "SELECT id, role FROM invitation WHERE token_hash = ? AND used < uses AND expires_at > ?"
            " AND revoked_at IS NULL",
            token_hash,
            now,
        )
    )
