"""Reads about other people's accounts, for administrators. Visitors and deleted accounts are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from parley.accounts.names import username_key
from parley.lib.db import LARGEST_ID, Database, Row, one

STATUSES = ("pending", "active", "disabled", "rejected")
ROLES = ("user", "admin")

_PERSON = """
SELECT u.id, u.username, u.role, u.status, u.status_reason, u.created_at, u.avatar, u.time_zone,
       u.group_id, g.name AS group_name,
       (SELECT MAX(s.seen_at) FROM login_session s WHERE s.owner = u.id) AS last_seen_at
FROM user_account u LEFT JOIN user_group g ON g.id = u.group_id
WHERE u.status <> 'deleted' AND u.role <> 'visitor'
"""


@dataclass(frozen=True, slots=True)
class Search:
    """Which people; "" and 0 mean all. `settled` leaves out those who wait."""

    text: str = ""
    status: str = ""
    role: str = ""
    group: int = 0
    settled: bool = False

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out by choice."""
        return not (self.text or self.status or self.role or self.group)


def _where(search: Search) -> tuple[str, list[Any]]:
    sql = ""
    values: list[Any] = []
    if search.text:
        sql += " AND u.username_key LIKE ? ESCAPE '\\'"
        key = username_key(search.text)
        escaped = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values.append(f"%{escaped}%")
    for column, value in (("u.status", search.status), ("u.role", search.role), ("u.group_id", search.group)):
        if value:
            sql += f" AND {column} = ?"
            values.append(value)
    return sql + (" AND u.status <> 'pending'" if search.settled else ""), values


async def people(db: Database, search: Search, *, before: int = LARGEST_ID, limit: int) -> list[Row]:
    """Those whose id is smaller than `before`, newest first; `last_seen_at` is in ms, None for never."""
    where, values = _where(search)
    sql = f"{_PERSON}{where} AND u.id < ? ORDER BY u.id DESC LIMIT ?"
    return await db.fetch(sql, *values, before, limit)


async def numbered_page(db: Database, search: Search, *, page: int, size: int) -> tuple[list[Row], int]:
    """Page `page` (from 1) of those who wait first, then the others by id; and how many there are in all."""
    where, values = _where(search)
    order = " ORDER BY CASE u.status WHEN 'pending' THEN 0 ELSE 1 END, u.id LIMIT ? OFFSET ?"
    rows = await db.fetch(_PERSON + where + order, *values, size, (page - 1) * size)
    counted = await db.fetch(
        "SELECT COUNT(*) AS n FROM user_account u"  # noqa: S608
        f" WHERE u.status <> 'deleted' AND u.role <> 'visitor'{where}",
        *values,
    )
    return rows, counted[0]["n"]


async def waiting(db: Database, *, limit: int) -> list[Row]:
    """Who waits for approval, the longest first."""
    return await db.fetch(f"{_PERSON} AND u.status = 'pending' ORDER BY u.id LIMIT ?", limit)


async def person(db: Database, user: int) -> Row | None:
    """One of them."""
    return one(await db.fetch(f"{_PERSON} AND u.id = ?", user))


async def named(db: Database, users: list[int]) -> list[Row]:
    """Id and name of several, by name."""
    if not users:
        return []
    marks = ", ".join("?" * len(users))
    return await db.fetch(f"{_PERSON} AND u.id IN ({marks}) ORDER BY u.username_key", *users)


async def reset_owner(db: Database, token_hash: str, now: int) -> Row | None:
    """Whose password a link that still works would set."""
    rows = await db.fetch(
        "SELECT u.id, u.username FROM password_reset r JOIN user_account u ON u.id = r.owner"
        " WHERE r.token_hash = ? AND r.expires_at > ? AND u.status <> 'deleted'",
        token_hash,
        now,
    )
    return one(rows)


async def running(db: Database, user: int) -> list[int]:
    """The answers that are under way for somebody."""
    rows = await db.fetch("SELECT id FROM generation WHERE owner = ? AND finished_at IS NULL", user)
    return [row["id"] for row in rows]
