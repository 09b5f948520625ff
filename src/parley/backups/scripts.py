"""Transactions about who makes a backup."""

from __future__ import annotations

from parley.lib.db import Script


def claim(now: int, until: int, due_before: int) -> Script[bool]:
    """Be the one who makes a backup until `until`; False when another is at it, or none is due.

    Due is what was last made at `due_before` or earlier.
    """
    rows = yield (
        "UPDATE chore_lease SET held_until = ? WHERE name = 'backup' AND held_until <= ? AND done_at <= ?"
        " RETURNING name",
        (until, now, due_before),
    )
    return bool(rows)


def renew(until: int) -> Script[None]:
    """Go on being the one."""
    yield "UPDATE chore_lease SET held_until = ? WHERE name = 'backup'", (until,)


def end(done_at: int | None, fault: str) -> Script[None]:
    """Let go; `done_at` None leaves when the last scheduled one was made."""
    yield (
        "UPDATE chore_lease SET held_until = 0, fault = ?, done_at = COALESCE(?, done_at)"
        " WHERE name = 'backup'",
        (fault[:300], done_at),
    )
