"""Reads about passkeys."""

from __future__ import annotations

from parley.lib.db import Database, Row, one


async def keys_of(db: Database, owner: int) -> list[Row]:
    """The passkeys of an account, the oldest first; scripts.MOST at most."""
    return await db.fetch(
        "SELECT id, name, credential, created_at, used_at FROM passkey WHERE owner = ? ORDER BY id", owner
    )


async def key(db: Database, credential: str) -> Row | None:
    """The key with this id, whoever holds it."""
    return one(await db.fetch("SELECT * FROM passkey WHERE credential = ?", credential))
