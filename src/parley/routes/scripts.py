"""Transactions about routes."""

from __future__ import annotations

from parley.lib.db import Script


def insert(slug: str, name: str, enabled: bool, rules: str, now: int) -> Script[int | None]:
    """A new route; its id, None when the slug is taken."""
    rows = yield (
        "INSERT INTO route (slug, name, enabled, rules, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (slug) DO NOTHING RETURNING id",
        (slug, name, enabled, rules, now, now),
    )
    return int(rows[0]["id"]) if rows else None


def update(id: int, name: str, enabled: bool, rules: str, now: int) -> Script[bool]:
    """Change a route; its slug stays, chats name it by that. False when it is gone."""
    rows = yield (
        "UPDATE route SET name = ?, enabled = ?, rules = ?, updated_at = ? WHERE id = ? RETURNING id",
        (name, enabled, rules, now, id),
    )
    return bool(rows)


def delete(id: int) -> Script[bool]:
    """Remove a route; False when it was gone."""
    rows = yield "DELETE FROM route WHERE id = ? RETURNING id", (id,)
    return bool(rows)
