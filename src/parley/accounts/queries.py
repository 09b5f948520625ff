"""Reads about accounts."""

from __future__ import annotations

from typing import Any

from parley.accounts.actor import Actor
from parley.accounts.habits import stored_habits
from parley.lib.db import Database, Row, one

IDLE_MS = 7 * 86_400_000
TOUCH_MS = 60_000

# A row by its unique token hash, the owner by primary key: all a request needs to know its actor.
_SESSION = """
SELECT s.id AS session, s.seen_at, s.expires_at, s.revoked_at,
       u.id, u.username, u.role, u.status, u.status_reason, u.ver, u.language, u.preferences, u.time_zone,
       u.avatar, (SELECT value FROM setting WHERE key = 'assistant.face') AS assistant_avatar
FROM login_session s JOIN user_account u ON u.id = s.owner
WHERE s.token_hash = ?
"""


async def session_row(db: Database, token_hash: str) -> Row | None:
    """The login session stored under this hash with its owner, whatever its state."""
    return one(await db.fetch(_SESSION, token_hash))


def is_live(row: Row, now: int) -> bool:
    """Whether a login session still counts: not revoked, not idle for a week, not past its end.

    A visitor has nothing but it: it counts until the visitor is forgotten.
    """
    idle = now >= row["seen_at"] + IDLE_MS and row["role"] != "visitor"
    return row["revoked_at"] is None and now < row["expires_at"] and not idle


def actor_of(row: Row) -> Actor:
    """The actor behind a `session_row`."""
    return Actor(
        id=row["id"],
        username=row["username"],
        role=row["role"],
        status=row["status"],
        session=row["session"],
        ver=row["ver"],
        language=row["language"],
        time_zone=row["time_zone"],
        habits=stored_habits(row["preferences"]),
        avatar=row["avatar"],
        assistant_avatar=int(row["assistant_avatar"] or 0) or None,
    )


async def still_stands(db: Database, actor: Actor, now: int) -> bool:
    """Whether the login session and the rights this actor came with are unchanged."""
    rows = await db.fetch(
        "SELECT s.seen_at, s.expires_at, s.revoked_at, u.ver, u.status, u.role "
        "FROM user_account u LEFT JOIN login_session s ON s.owner = u.id AND s.id = ? WHERE u.id = ?",
        actor.session or 0,
        actor.id,
    )
    row = one(rows)
    if row is None or row["ver"] != actor.ver or row["status"] != "active":
        return False
    return actor.session is None or (row["expires_at"] is not None and is_live(row, now))


async def has_admin(db: Database) -> bool:
    """Whether the first administrator has registered."""
    return bool(await db.fetch("SELECT id FROM bootstrap WHERE id = 1"))


async def user_by_key(db: Database, username_key: str) -> Row | None:
    """The account with this normalised name, password hash included."""
    return one(await db.fetch("SELECT * FROM user_account WHERE username_key = ?", username_key))


async def user_by_id(db: Database, user: int) -> Row | None:
    """The account, password hash included."""
    return one(await db.fetch("SELECT * FROM user_account WHERE id = ?", user))


async def live_sessions(db: Database, user: int, now: int) -> list[Row]:
    """Where this user is signed in, last used first."""
    return await db.fetch(
        "SELECT id, address, agent, created_at, seen_at FROM login_session "
        "WHERE owner = ? AND revoked_at IS NULL AND expires_at > ? AND seen_at > ? "
        "ORDER BY seen_at DESC, id DESC",
        user,
        now,
        now - IDLE_MS,
    )


def public(row: Row) -> dict[str, Any]:
    """The account as JSON API callers see it (names of the wire contract, which knows no declined status)."""
    status = "DISABLED" if row["status"] == "rejected" else row["status"].upper()
    return {
        "id": str(row["id"]),
        "username": row["username"],
        "role": row["role"].upper(),
        "status": status,
    }


def public_for_admin(row: Row) -> dict[str, Any]:
    """The same with what only administrators see; times are milliseconds since the epoch."""
    return {
        **public(row),
        "rejected": row["status"] == "rejected",
        "reason": row["status_reason"],
        "createdAt": row["created_at"],
    }
