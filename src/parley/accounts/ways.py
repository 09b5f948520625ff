"""What opens an account, beside its password: passkeys and identities at the provider."""

from __future__ import annotations

from typing import Literal

from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.lib.db import Script

Way = Literal["passkey", "oidc_identity"]  # their tables


def forget(way: Way, owner: int, id: int, entry: Entry, now: int) -> Script[str]:
    """Take a way in away: "done", "unknown", or "last" when nothing else opens the account."""
    # The empty update makes two of one account wait for each other.
    yield "UPDATE user_account SET ver = ver WHERE id = ?", (owner,)
    left = yield (
        "SELECT (SELECT COUNT(*) FROM oidc_identity WHERE owner = u.id)"
        " + (SELECT COUNT(*) FROM passkey WHERE owner = u.id)"
        " + CASE WHEN u.password_hash <> '' THEN 1 ELSE 0 END AS ways FROM user_account u WHERE u.id = ?",
        (owner,),
    )
    mine = yield f"SELECT id FROM {way} WHERE id = ? AND owner = ?", (id, owner)  # noqa: S608
    if not mine:
        return "unknown"
    if left[0]["ways"] < 2:
        return "last"
    yield f"DELETE FROM {way} WHERE id = ?", (id,)  # noqa: S608
    yield from record(entry, now)
    return "done"
