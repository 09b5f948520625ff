"""Transactions on invitations. Pure: they yield statements, `service.py` runs them."""

from __future__ import annotations

from dataclasses import dataclass

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Row, Script, one


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvitation:
    """A link about to be made; its token is known only as a hash."""

    token_hash: str
    role: str
    note: str
    uses: int
    expires_at: int


@dataclass(frozen=True, slots=True)
class Officer:
    """The administrator who acts, for the audit log."""

    id: int
    name: str
    address: str


def insert(new: NewInvitation, officer: Officer, now: int) -> Script[int]:
    """The id of a new invitation."""
    rows = yield (
        "INSERT INTO invitation (token_hash, role, note, uses, used, maker, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, 0, ?, ?, ?) RETURNING id",
        (new.token_hash, new.role, new.note, new.uses, officer.id, now, new.expires_at),
    )
    id = int(rows[0]["id"])
    after = {"role": new.role, "uses": new.uses, "expires_at": new.expires_at, "note": new.note}
    yield from record(_entry("invitation.created", id, officer, None, after), now)
    return id


def revoke(id: int, officer: Officer, now: int) -> Script[bool]:
    """End an invitation; False when there is none such alive."""
    rows = yield (
        "UPDATE invitation SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL RETURNING uses, used",
        (now, id),
    )
    if not rows:
        return False
    left = {"left": rows[0]["uses"] - rows[0]["used"]}
    yield from record(_entry("invitation.revoked", id, officer, left, {"left": 0}), now)
    return True


def use(token_hash: str, now: int) -> Script[Row | None]:
    """Count one use and return id and role; None when nothing is left. One statement decides."""
    rows = yield (
        "UPDATE invitation SET used = used + 1 WHERE token_hash = ? AND used < uses AND expires_at > ?"
        " AND revoked_at IS NULL RETURNING id, role",
        (token_hash, now),
    )
    return one(rows)


def _entry(
    act: str, id: int, officer: Officer, before: dict[str, int] | None, after: dict[str, object]
) -> Entry:
    return Entry(
        act=act,
        subject=f"invitation {id}",
        actor=officer.id,
        actor_name=officer.name,
        address=officer.address,
        before=before,
        after=after,
    )
