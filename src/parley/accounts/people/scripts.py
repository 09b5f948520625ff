"""Transactions about other people's accounts, as scripts for both engines; each is in the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.people.deciding import Decision, Officer
from parley.accounts.scripts import NewUser, revoke_sessions_except
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Row, Script, one

REACHABLE = "status <> 'deleted' AND role <> 'visitor'"  # the accounts administrators see


@dataclass(frozen=True, slots=True)
class Reset:
    """A link for a new password: its token hashed, and when it ends (ms since the epoch)."""

    token_hash: str
    expires_at: int


def line_up() -> Script[None]:
    """All that changes who administers passes through this row one by one, so none rests on an old look."""
    yield "UPDATE bootstrap SET owner = owner WHERE id = 1", ()


def decide(user: int, officer: Officer, decision: Decision, reason: str, now: int) -> Script[str]:
    """Apply `decision`: "done", "unknown" user, "not_now" (other status), "own", or "no_admin" (any more).

    An account that already is what it should become answers "done" and stays as it is. Whoever decides is an
    active administrator at that moment and never decides about themselves: so one always remains.
    """
    yield from line_up()
    account = yield from _person(user)
    if account is None:
        return "unknown"
    column = decision.column
    told = ", status_reason = ?" if column == "status" else ""
    marks = ", ".join("?" * len(decision.before))
    changed = yield (
        f"UPDATE user_account SET {column} = ?, ver = ver + ?{told}"  # noqa: S608
        f" WHERE id = ? AND {column} IN ({marks}) AND id <> ? AND {REACHABLE}"
        " AND EXISTS (SELECT 1 FROM user_account a"
        " WHERE a.id = ? AND a.role = 'admin' AND a.status = 'active') RETURNING id",
        (
            decision.after,
            1 if decision.cuts else 0,
            *([reason] if told else []),
            user,
            *decision.before,
            officer.id,
            officer.id,
        ),
    )
    if not changed:
        return (yield from _why_not(account, officer, decision))
    if decision.signs_out:
        yield from revoke_sessions_except(user, 0, now)
    if decision.stops:
        yield from stop_answers(user, decision.stops)
    after = {column: decision.after, **({"reason": reason} if reason else {})}
    yield from note(officer, decision.act, account, now, before={column: account[column]}, after=after)
    return "done"


def sign_out(user: int, officer: Officer, now: int) -> Script[bool]:
    """End every login session of an account and all tokens that rest on them; False for no such account."""
    account = yield from _person(user)
    if account is None:
        return False
    yield "UPDATE user_account SET ver = ver + 1 WHERE id = ?", (user,)
    ended = yield from revoke_sessions_except(user, 0, now)
    yield from note(officer, "user.signed_out", account, now, after={"sessions": len(ended)})
    return True


def move(user: int, officer: Officer, group: int | None, now: int) -> Script[str]:
    """Put somebody into a group, or out of any: "done", "unknown" user or "no_group"."""
    account = yield from _person(user)
    if account is None:
        return "unknown"
    into = one((yield "SELECT name FROM user_group WHERE id = ?", (group or 0,)))
    if group is not None and into is None:
        return "no_group"
    yield "UPDATE user_account SET group_id = ? WHERE id = ?", (group, user)
    was = {"group": account["group_name"] or ""}
    yield from note(
        officer, "user.moved", account, now, before=was, after={"group": into["name"] if into else ""}
    )
    return "done"


def create(
    new: NewUser, officer: Officer, role: str, status: str, reset: Reset | None, now: int
) -> Script[int]:
    """An account made by an administrator, perhaps with a link for its password; 0 for a taken name."""
    rows = yield (
        "INSERT INTO user_account (username, username_key, password_hash, role, status, language, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (username_key) DO NOTHING RETURNING id, username",
        (new.username, new.username_key, new.password_hash, role, status, new.language, now),
    )
    if not rows:
        return 0
    if reset is not None:
        yield from _keep(rows[0]["id"], reset, now)
    made = {"username": new.username, "role": role, "status": status, "link": reset is not None}
    yield from note(officer, "user.created", rows[0], now, after=made)
    return int(rows[0]["id"])


def offer_reset(user: int, officer: Officer, reset: Reset, now: int) -> Script[bool]:
    """A link for a new password in the place of any before; False for no such account."""
    account = yield from _person(user)
    if account is None:
        return False
    yield from _keep(user, reset, now)
    yield from note(officer, "user.reset_link_made", account, now, after={"until": reset.expires_at})
    return True


def reset_password(token_hash: str, password_hash: str, address: str, now: int) -> Script[Row | None]:
    """Set a password by a link, which then is used up; every login session ends. None when there is no such.

    One statement takes the link: of many who use it at once one gets it.
    """
    taken = yield (
        "DELETE FROM password_reset WHERE token_hash = ? AND expires_at > ? RETURNING owner",
        (token_hash, now),
    )
    if not taken:
        return None
    rows = yield (
        "UPDATE user_account SET password_hash = ?, ver = ver + 1"  # noqa: S608
        f" WHERE id = ? AND {REACHABLE} RETURNING id, username, username_key",
        (password_hash, taken[0]["owner"]),
    )
    if not rows:
        return None
    yield from revoke_sessions_except(rows[0]["id"], 0, now)
    oneself = Officer(rows[0]["id"], rows[0]["username"], address)
    yield from note(oneself, "password.reset", rows[0], now)
    return rows[0]


def stop_answers(user: int, why: str) -> Script[list[int]]:
    """Ask all answers under way for somebody to stop; which. The first who asked is who stopped one.

    In the transaction itself, so that a process that dies before it told the worker lets none go on.
    """
    rows = yield (
        "UPDATE generation SET error_code = CASE WHEN stop_requested THEN error_code ELSE ? END,"
        " stop_requested = TRUE WHERE owner = ? AND finished_at IS NULL RETURNING id",
        (why, user),
    )
    return [row["id"] for row in rows]


def note(
    officer: Officer, act: str, account: Row, now: int, *, before: Row | None = None, after: Row | None = None
) -> Script[None]:
    """The line of the audit log, last in its transaction."""
    subject = f"user {account['id']}" + (f" {account['username']}" if account["username"] else "")
    yield from record(
        Entry(
            act=act,
            subject=subject,
            actor=officer.id,
            actor_name=officer.name,
            address=officer.address,
            before=before,
            after=after,
        ),
        now,
    )


def _person(user: int) -> Script[Row | None]:
    rows = yield (
        "SELECT u.id, u.username, u.role, u.status, g.name AS group_name FROM user_account u"  # noqa: S608
        f" LEFT JOIN user_group g ON g.id = u.group_id WHERE u.id = ? AND {REACHABLE}",
        (user,),
    )
    return one(rows)


def _why_not(account: Row, officer: Officer, decision: Decision) -> Script[str]:
    if account["id"] == officer.id:
        return "own"
    rows = yield (
        "SELECT id FROM user_account WHERE id = ? AND role = 'admin' AND status = 'active'",
        (officer.id,),
    )
    if not rows:
        return "no_admin"
    return "done" if account[decision.column] == decision.after else "not_now"


def _keep(user: int, reset: Reset, now: int) -> Script[None]:
    yield "DELETE FROM password_reset WHERE owner = ? OR expires_at < ?", (user, now)
    yield (
        "INSERT INTO password_reset (owner, token_hash, created_at, expires_at) VALUES (?, ?, ?, ?)",
        (user, reset.token_hash, now, reset.expires_at),
    )
