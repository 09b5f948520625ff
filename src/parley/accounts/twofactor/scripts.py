"""Transactions on second factors."""

from __future__ import annotations

from parley.accounts.scripts import NewSession, open_session, replace_session, revoke_sessions_except
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Script


def keep_secret(owner: int, sealed: str, now: int) -> Script[bool]:
    """A secret that waits for its first code, in place of one that still waits; False when one counts."""
    rows = yield (
        "INSERT INTO second_factor (owner, secret, last_step, created_at) VALUES (?, ?, 0, ?)"
        " ON CONFLICT (owner) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at"
        " WHERE second_factor.confirmed_at IS NULL RETURNING owner",
        (owner, sealed, now),
    )
    return bool(rows)


def turn_on(
    owner: int, sealed: str, step: int, hashes: list[str], session: NewSession, entry: Entry, now: int
) -> Script[bool]:
    """From now on the secret counts; False when it is another one by now or counts already.

    Every login session ends, since those were opened by a password alone; `session` begins.
    """
    rows = yield (
        "UPDATE second_factor SET confirmed_at = ?, last_step = ?"
        " WHERE owner = ? AND secret = ? AND confirmed_at IS NULL RETURNING owner",
        (now, step, owner, sealed),
    )
    if not rows:
        return False
    yield from _store_codes(owner, hashes)
    yield "UPDATE user_account SET ver = ver + 1 WHERE id = ?", (owner,)
    yield from revoke_sessions_except(owner, 0, now)
    yield from open_session(session, now)
    yield from record(entry, now)
    return True


def use_step(owner: int, step: int) -> Script[bool]:
    """Spend the code of a time step: one statement decides, so of two tries with one code one gets in."""
    rows = yield (
        "UPDATE second_factor SET last_step = ?"
        " WHERE owner = ? AND confirmed_at IS NOT NULL AND last_step < ? RETURNING owner",
        (step, owner, step),
    )
    return bool(rows)


def use_recovery(owner: int, hash: str, entry: Entry, now: int) -> Script[bool]:
    """Spend a recovery code."""
    rows = yield (
        "UPDATE recovery_code SET used_at = ?"
        " WHERE owner = ? AND code_hash = ? AND used_at IS NULL RETURNING id",
        (now, owner, hash),
    )
    if rows:
        yield from record(entry, now)
    return bool(rows)


def renew_codes(owner: int, hashes: list[str], entry: Entry, now: int) -> Script[None]:
    """Other recovery codes; the ones before count no more."""
    yield from _store_codes(owner, hashes)
    yield from record(entry, now)


def turn_off(owner: int, session: NewSession | None, entry: Entry, now: int) -> Script[bool]:
    """The password alone is enough again; False when it was. `session` replaces the one that asked."""
    rows = yield (
        "DELETE FROM second_factor WHERE owner = ? AND confirmed_at IS NOT NULL RETURNING owner",
        (owner,),
    )
    if not rows:
        return False
    yield "DELETE FROM recovery_code WHERE owner = ?", (owner,)
    if session is not None:
        yield from replace_session(session, now)
    yield from record(entry, now)
    return True


def _store_codes(owner: int, hashes: list[str]) -> Script[None]:
    yield "DELETE FROM recovery_code WHERE owner = ?", (owner,)
    for hash in hashes:
        yield "INSERT INTO recovery_code (owner, code_hash) VALUES (?, ?)", (owner, hash)
