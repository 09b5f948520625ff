"""Reads about second factors."""

from __future__ import annotations

from parley.lib.db import Database, Row, one


async def factor(db: Database, owner: int) -> Row | None:
    """The second factor of an account with how many recovery codes are left; one that waits is one too."""
    return one(
        await db.fetch(
            "SELECT f.owner, f.secret, f.created_at, f.confirmed_at, (SELECT COUNT(*) FROM recovery_code c"
            " WHERE c.owner = f.owner AND c.used_at IS NULL) AS codes_left"
            " FROM second_factor f WHERE f.owner = ?",
            owner,
        )
    )


async def is_on(db: Database, owner: int) -> bool:
    """Whether an account asks for a second step."""
    return bool(
        await db.fetch("SELECT owner FROM second_factor WHERE owner = ? AND confirmed_at IS NOT NULL", owner)
    )


async def protected(db: Database, *, after: int, limit: int) -> list[Row]:
    """Accounts with a second factor by id, those behind `after`."""
    return await db.fetch(
        "SELECT u.id, u.username, f.confirmed_at FROM second_factor f"
        " JOIN user_account u ON u.id = f.owner"
        " WHERE f.owner > ? AND f.confirmed_at IS NOT NULL ORDER BY f.owner LIMIT ?",
        after,
        limit,
    )
