"""Transactions on accounts and login sessions. Pure: they yield statements, `service.py` runs them."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.visiting.scripts import move
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Row, Script, one


@dataclass(frozen=True, slots=True)
class NewUser:
    """An account about to be made; its name is checked and its password hashed."""

    username: str
    username_key: str
    password_hash: str
    language: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """A login session about to be opened; `replaces` is the hash of one this browser had before, or "".

    `visitor` is who used the browser before and gives this account what they have, or 0. `proven`: they were
    asked just now who they are.
    """

    owner: int
    token_hash: str
    address: str
    agent: str
    life_ms: int
    replaces: str = ""
    visitor: int = 0
    proven: bool = True


def insert_user(new: NewUser, now: int) -> Script[Row | None]:
    """The new account, or None when the name is taken.

    Whoever gets the only row of `bootstrap` is the first administrator: one statement decides, however many
    register at the same moment in however many processes.
    """
    rows = yield (
        "INSERT INTO user_account "
        "(username, username_key, password_hash, role, status, language, created_at) "
        "VALUES (?, ?, ?, 'user', 'pending', ?, ?) ON CONFLICT (username_key) DO NOTHING RETURNING *",
        (new.username, new.username_key, new.password_hash, new.language, now),
    )
    user = one(rows)
    if user is None:
        return None
    first = yield (
        "INSERT INTO bootstrap (id, owner) VALUES (1, ?) ON CONFLICT (id) DO NOTHING RETURNING id",
        (user["id"],),
    )
    if not first:
        return user
    rows = yield (
        "UPDATE user_account SET role = 'admin', status = 'active' WHERE id = ? RETURNING *",
        (user["id"],),
    )
    return rows[0]


def enter(new: NewSession, ver: int, entry: Entry, now: int) -> Script[list[int] | None]:
    """Open a login session for a proof that was right when the account had version `ver`.

    The ids of the login sessions it replaces; None when the rights changed while the password was checked.
    """
    # The empty update holds the row on PostgreSQL: a new password comes before or after.
    current = yield (
        "UPDATE user_account SET ver = ver WHERE id = ? AND ver = ? RETURNING id",
        (new.owner, ver),
    )
    if not current:
        return None
    replaced = yield from replace_session(new, now)
    if new.visitor:
        yield from move(new.visitor, new.owner)
    yield from record(entry, now)
    return replaced


def replace_session(new: NewSession, now: int) -> Script[list[int]]:
    """A new login session in the place of the one it replaces: what may be done with it has changed.

    The ids of those that ended.
    """
    replaced = yield (
        "UPDATE login_session SET revoked_at = ? WHERE token_hash = ? AND revoked_at IS NULL RETURNING id",
        (now, new.replaces),
    )
    yield from open_session(new, now)
    return [row["id"] for row in replaced]


def open_session(new: NewSession, now: int) -> Script[int]:
    """The id of a new login session."""
    rows = yield (
        "INSERT INTO login_session (owner, token_hash, address, agent, created_at, seen_at, expires_at,"
        " proved_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            new.owner,
            new.token_hash,
            new.address,
            new.agent,
            now,
            now,
            now + new.life_ms,
            now if new.proven else None,
        ),
    )
    return int(rows[0]["id"])


def touch_session(session: int, now: int) -> Script[None]:
    """Remember that a login session was used."""
    yield "UPDATE login_session SET seen_at = ? WHERE id = ? AND seen_at < ?", (now, session, now)


def revoke_session(owner: int, session: int, now: int) -> Script[bool]:
    """End one login session of `owner`; False when there is none such alive."""
    rows = yield (
        "UPDATE login_session SET revoked_at = ? "
        "WHERE id = ? AND owner = ? AND revoked_at IS NULL RETURNING id",
        (now, session, owner),
    )
    return bool(rows)


def revoke_sessions_except(owner: int, session: int, now: int) -> Script[list[int]]:
    """End every login session of `owner` but one (0: all); the ids of those ended."""
    rows = yield (
        "UPDATE login_session SET revoked_at = ? "
        "WHERE owner = ? AND id <> ? AND revoked_at IS NULL RETURNING id",
        (now, owner, session),
    )
    return [row["id"] for row in rows]


def store_hash(user: int, old_hash: str, new_hash: str) -> Script[None]:
    """Keep the same password under better parameters, unless it was changed meanwhile."""
    yield (
        "UPDATE user_account SET password_hash = ? WHERE id = ? AND password_hash = ?",
        (new_hash, user, old_hash),
    )


def change_password(user: int, old_hash: str, new_hash: str, session: NewSession, now: int) -> Script[bool]:
    """A new password ends every login session and opens one for whoever changed it; False if outrun."""
    rows = yield (
        "UPDATE user_account SET password_hash = ?, ver = ver + 1 "
        "WHERE id = ? AND password_hash = ? AND status = 'active' RETURNING id",
        (new_hash, user, old_hash),
    )
    if not rows:
        return False
    yield from revoke_sessions_except(user, 0, now)
    yield from open_session(session, now)
    return True


def set_language(user: int, language: str) -> Script[None]:
    """Remember which language a user reads ("" follows the browser)."""
    yield "UPDATE user_account SET language = ? WHERE id = ?", (language, user)


def set_preferences(user: int, preferences: str) -> Script[None]:
    """Keep how the pages behave for a user (JSON, see accounts/habits.py)."""
    yield "UPDATE user_account SET preferences = ? WHERE id = ?", (preferences, user)


def set_time_zone(user: int, time_zone: str) -> Script[None]:
    """Remember where a user's days begin (IANA name, "" for the site's)."""
    yield "UPDATE user_account SET time_zone = ? WHERE id = ?", (time_zone, user)
