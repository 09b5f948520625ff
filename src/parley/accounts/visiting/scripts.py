"""Transactions on visitors. Pure: they yield statements, `service.py` runs them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from parley.lib.db import Row, Script, one

if TYPE_CHECKING:
    from parley.accounts.scripts import NewUser

# What a visitor can have, and an account takes over; conversations last, since the others are found by them.
_MOVES = (
    "UPDATE generation SET owner = ? WHERE conversation IN (SELECT id FROM conversation WHERE owner = ?)",
    "UPDATE message_rating SET owner = ? WHERE message IN"
    " (SELECT m.id FROM message m JOIN conversation c ON c.id = m.conversation WHERE c.owner = ?)",
    "UPDATE search_entry SET owner = ? WHERE kind <> 'title' AND source IN"
    " (SELECT m.id FROM message m JOIN conversation c ON c.id = m.conversation WHERE c.owner = ?)",
    "UPDATE search_entry SET owner = ? WHERE kind = 'title' AND source IN"
    " (SELECT id FROM conversation WHERE owner = ?)",
    "UPDATE conversation_tag SET owner = ? WHERE owner = ?",
    "UPDATE folder SET owner = ? WHERE owner = ?",
    "UPDATE stored_file SET owner = ? WHERE owner = ?",
    "UPDATE trace SET owner = ? WHERE owner = ?",
    "UPDATE conversation SET owner = ? WHERE owner = ?",
)


@dataclass(frozen=True, slots=True)
class NewVisitor:
    """Somebody about to come in: `key` is unique and no name, `address_range` where they come from."""

    key: str
    address_range: str


def insert(new: NewVisitor, now: int) -> Script[Row]:
    """The visitor's row: no name, and no password that could be right."""
    rows = yield (
        "INSERT INTO user_account"
        " (username, username_key, password_hash, role, status, address_range, created_at)"
        " VALUES ('', ?, '', 'visitor', 'active', ?, ?) RETURNING *",
        (new.key, new.address_range, now),
    )
    return rows[0]


def become(visitor: int, new: NewUser, now: int) -> Script[Row | None]:
    """Turn a visitor into a pending account with a name; None when there is no such visitor.

    The row stays, and with it everything that points at it. What they hold open is cut.
    """
    rows = yield (
        "UPDATE user_account SET username = ?, username_key = ?, password_hash = ?, role = 'user',"
        " status = 'pending', address_range = '', created_at = ?, ver = ver + 1"
        " WHERE id = ? AND role = 'visitor' RETURNING *",
        (new.username, new.username_key, new.password_hash, now, visitor),
    )
    return one(rows)


def move(visitor: int, owner: int) -> Script[bool]:
    """Give what a visitor has to an account and forget the visitor; False when there is no such visitor."""
    # The empty update holds the row: nothing is moved twice.
    found = yield (
        "UPDATE user_account SET ver = ver + 1 WHERE id = ? AND role = 'visitor' RETURNING id",
        (visitor,),
    )
    if not found:
        return False
    for statement in _MOVES:
        yield statement, (owner, visitor)
    yield "DELETE FROM user_account WHERE id = ?", (visitor,)
    return True


def forget(visitor: int, since: int) -> Script[bool]:
    """Delete a visitor with everything of theirs, unless they came back or an answer is under way."""
    rows = yield (
        "DELETE FROM user_account WHERE id = ? AND role = 'visitor' AND created_at < ?"
        " AND NOT EXISTS (SELECT 1 FROM login_session s WHERE s.owner = user_account.id AND s.seen_at >= ?)"
        " AND NOT EXISTS (SELECT 1 FROM conversation c JOIN generation g ON g.conversation = c.id"
        " WHERE c.owner = user_account.id AND g.finished_at IS NULL)"
        " RETURNING id",
        (visitor, since, since),
    )
    return bool(rows)
