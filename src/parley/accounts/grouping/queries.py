"""Reads about groups. There are never more than `scripts.MOST`, so a list is all of them."""

from __future__ import annotations

from parley.lib.db import Database, Row


async def groups(db: Database) -> list[Row]:
    """All groups by name, with how many people are in each."""
    return await db.fetch(
        "SELECT g.id, g.name, g.created_at, COUNT(u.id) AS members FROM user_group g"
        " LEFT JOIN user_account u ON u.group_id = g.id AND u.status <> 'deleted'"
        " GROUP BY g.id, g.name, g.name_key, g.created_at ORDER BY g.name_key"
    )


async def group_choices(db: Database) -> list[tuple[str, str]]:
    """Id and name of each, for a choice."""
    rows = await db.fetch("SELECT id, name FROM user_group ORDER BY name_key")
    return [(str(row["id"]), row["name"]) for row in rows]
