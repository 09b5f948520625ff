"""Transactions on identities at the provider."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parley.accounts.inviting.scripts import use
from parley.accounts.names import username_key
from parley.accounts.registering.scripts import SPENT
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Row, Script, one
from parley.lib.errors import Conflict, NotAllowed
from parley.web.i18n import N_

NO_NAME = N_("No username was free for you. Try again.")


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who comes from the provider for the first time; `names` are tried one after the other.

    With the hash of an `invitation` its role and a place at once count, not `role` and `status`.
    """

    issuer: str
    subject: str
    shown: str
    names: tuple[str, ...]
    role: str
    status: str
    address: str
    invitation: str = ""


def settle(new: Arrival, now: int) -> Script[Row]:
    """The account of this identity, made when there is none yet.

    Raises NotAllowed for an invitation that cannot be used, Conflict when every name is taken; then nothing
    is stored and no invitation is used up.
    """
    # One after the other, so that two first sign-ins at once make one account.
    yield "UPDATE bootstrap SET owner = owner WHERE id = 1", ()
    known = yield (
        "SELECT u.* FROM oidc_identity i JOIN user_account u ON u.id = i.owner"
        " WHERE i.issuer = ? AND i.subject = ?",
        (new.issuer, new.subject),
    )
    if known:
        return known[0]
    role, status, invitation = new.role, new.status, None
    if new.invitation:
        invitation = yield from use(new.invitation, now)
        if invitation is None:
            raise NotAllowed(SPENT, code="invitation_spent")
        role, status = invitation["role"], "active"
    user = yield from _named(new.names, role, status, now)
    # An invited account keeps the role of its invitation: it does not follow the claims.
    yield (
        "INSERT INTO oidc_identity (owner, issuer, subject, name, made_account, created_at, used_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (user["id"], new.issuer, new.subject, new.shown, invitation is None, now, now),
    )
    after = {"via": "provider", "issuer": new.issuer, "role": role, "status": status}
    entry = Entry(
        act="user.registered",
        subject=f"user {user['id']}",
        actor=user["id"],
        actor_name=user["username"],
        address=new.address,
        after={**after, "invitation": str(invitation["id"])} if invitation else after,
    )
    yield from record(entry, now)
    yield from record(replace(entry, act="oidc.linked", after={"issuer": new.issuer, "name": new.shown}), now)
    return user


def _named(names: tuple[str, ...], role: str, status: str, now: int) -> Script[Row]:
    for name in names:
        rows = yield (
            "INSERT INTO user_account (username, username_key, password_hash, role, status,"
            " created_at) VALUES (?, ?, '', ?, ?, ?)"
            " ON CONFLICT (username_key) DO NOTHING RETURNING *",
            (name, username_key(name), role, status, now),
        )
        if rows:
            return rows[0]
    raise Conflict(NO_NAME)


def link(owner: int, identity: tuple[str, str, str], entry: Entry, now: int) -> Script[str]:
    """Let an account sign in by (issuer, subject, name): "done", or "taken" by another account."""
    issuer, subject, name = identity
    rows = yield (
        "INSERT INTO oidc_identity (owner, issuer, subject, name, made_account, created_at)"
        " VALUES (?, ?, ?, ?, FALSE, ?) ON CONFLICT (issuer, subject) DO NOTHING RETURNING id",
        (owner, issuer, subject, name, now),
    )
    if rows:
        yield from record(entry, now)
        return "done"
    rows = yield "SELECT owner FROM oidc_identity WHERE issuer = ? AND subject = ?", (issuer, subject)
    return "done" if rows and rows[0]["owner"] == owner else "taken"


def follow_role(identity: int, role: str, entry: Entry, now: int) -> Script[Row | None]:
    """Note a sign-in; the account that came with the identity takes `role` ("" leaves it). Its row.

    The last active administrator stays one, whatever the provider says.
    """
    yield "UPDATE bootstrap SET owner = owner WHERE id = 1", ()
    rows = yield (
        "UPDATE oidc_identity SET used_at = ? WHERE id = ? RETURNING owner, made_account",
        (now, identity),
    )
    if not rows:
        return None
    owner = rows[0]["owner"]
    user = one((yield "SELECT * FROM user_account WHERE id = ?", (owner,)))
    if user is None or not role or not rows[0]["made_account"] or user["role"] == role:
        return user
    if user["role"] == "admin":
        others = yield (
            "SELECT id FROM user_account WHERE role = 'admin' AND status = 'active' AND id <> ? LIMIT 1",
            (owner,),
        )
        if not others:
            return user
    changed = yield (
        "UPDATE user_account SET role = ?, ver = ver + 1 WHERE id = ? RETURNING *",
        (role, owner),
    )
    yield from record(replace(entry, before={"role": user["role"]}, after={"role": role}), now)
    return changed[0]


def store_secret(issuer: str, sealed: str, entry: Entry, now: int) -> Script[None]:
    """Keep the client secret for one issuer; "" forgets it."""
    yield "DELETE FROM oidc_secret WHERE id = 1", ()
    if sealed:
        yield (
            "INSERT INTO oidc_secret (id, issuer, sealed, updated_at) VALUES (1, ?, ?, ?)",
            (issuer, sealed, now),
        )
    yield from record(entry, now)
