"""The transactions of titles. A name that the owner gave is never touched."""

from __future__ import annotations

from parley.lib.db import Many, Script
from parley.lib.errors import NotFound
from parley.web.i18n import _

MOST_TRIES = 2
FORGET_AFTER = 24 * 60 * 60 * 1_000  # ms in which a chat may wait for an answer that ends well


def ask_for(conversation: int, owner: int, now: int) -> Script[None]:
    """Have a new title made, even where the owner gave one: it is their wish now. Raises NotFound."""
    rows = yield (
        "UPDATE conversation SET title_due = ?, title_tries = 0, titled_by_owner = FALSE"
        " WHERE id = ? AND owner = ? AND deleted_at IS NULL RETURNING id",
        (now, conversation, owner),
    )
    if not rows:
        raise NotFound(_("This chat does not exist or is not yours."))


def claim(conversation: int, due: int, lease_until: int) -> Script[int | None]:
    """Take a chat that waits since `due`; which try this is, None when somebody else took it or it is over.

    Whoever dies with it loses it at `lease_until`; the try stays counted.
    """
    rows = yield (
        "UPDATE conversation SET title_due = ?, title_tries = title_tries + 1"
        " WHERE id = ? AND title_due = ? AND title_tries < ? AND titled_by_owner = FALSE"
        " AND deleted_at IS NULL RETURNING title_tries",
        (lease_until, conversation, due, MOST_TRIES),
    )
    return int(rows[0]["title_tries"]) if rows else None


def store(conversation: int, lease: int, title: str) -> Script[bool]:
    """The title, unless the owner gave one meanwhile or the claim was lost."""
    rows = yield (
        "UPDATE conversation SET title = ?, title_due = NULL"
        " WHERE id = ? AND title_due = ? AND titled_by_owner = FALSE AND deleted_at IS NULL RETURNING id",
        (title, conversation, lease),
    )
    return bool(rows)


def let_go(conversation: int, lease: int, again_at: int | None) -> Script[None]:
    """Try once more at that time, or never."""
    yield (
        "UPDATE conversation SET title_due = ? WHERE id = ? AND title_due = ?",
        (again_at, conversation, lease),
    )


def tidy(now: int) -> Script[None]:
    """Stop waiting where nothing will come: tried often enough, named by the owner, or never answered."""
    rows = yield (
        "SELECT id FROM conversation WHERE title_due <= ?"
        " AND (title_tries >= ? OR titled_by_owner = TRUE OR title_due < ? OR deleted_at < ?)",
        (now, MOST_TRIES, now - FORGET_AFTER, now - FORGET_AFTER),
    )
    if rows:
        yield Many("UPDATE conversation SET title_due = NULL WHERE id = ?", [(row["id"],) for row in rows])
