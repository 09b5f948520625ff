"""Transactions on passkeys."""

from __future__ import annotations

from parley.accounts.passkeys.ceremony import NewKey
from parley.accounts.scripts import NewSession, replace_session
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Script

MOST = 20  # of one account


def add(owner: int, name: str, key: NewKey, session: NewSession, entry: Entry, now: int) -> Script[str]:
    """Keep a key; `session` replaces the one that asked: "done", "many" or "known" (somebody has it)."""
    # The empty update makes two of one account wait for each other.
    yield "UPDATE user_account SET ver = ver WHERE id = ?", (owner,)
    rows = yield "SELECT COUNT(*) AS n FROM passkey WHERE owner = ?", (owner,)
    if rows[0]["n"] >= MOST:
        return "many"
    rows = yield (
        "INSERT INTO passkey (owner, name, credential, public_key, sign_count, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (credential) DO NOTHING RETURNING id",
        (owner, name, key.credential, key.public_key, key.sign_count, now),
    )
    if not rows:
        return "known"
    yield from replace_session(session, now)
    yield from record(entry, now)
    return "done"


def used(id: int, before: int, after: int, now: int) -> Script[bool]:
    """Note a signature; False when the count moved on meanwhile, as with a copied key."""
    rows = yield (
        "UPDATE passkey SET sign_count = ?, used_at = ? WHERE id = ? AND sign_count = ? RETURNING id",
        (after, now, id, before),
    )
    return bool(rows)
