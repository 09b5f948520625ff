"""Transactions of sharing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.lib.db import Many, Script, one
from parley.lib.errors import TooMany
from parley.web.i18n import _

MOST_SHARES = 1000  # of one person, not counting revoked ones


@dataclass(frozen=True, slots=True)
class NewShare:
    """A share to be; `files` are ids of the owner's files."""

    owner: int
    conversation: int
    token: str
    title: str
    content: str
    live: bool
    leaf: int | None
    files: Sequence[int]
    expires_at: int | None


def insert_share(new: NewShare, now: int) -> Script[int]:
    """Its id; raises TooMany. Expired ones of the same person that nobody can see any more make room."""
    yield (
        "DELETE FROM share WHERE owner = ? AND (revoked_at IS NOT NULL OR expires_at < ?)",
        (new.owner, now - 30 * 86_400_000),
    )
    count = one((yield ("SELECT COUNT(*) AS shares FROM share WHERE owner = ?", (new.owner,))))
    if count is not None and count["shares"] >= MOST_SHARES:
        raise TooMany(_("You share very many chats. Revoke some of them first."))
    rows = yield (
        "INSERT INTO share (owner, conversation, token, title, content, live, leaf, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            new.owner,
            new.conversation,
            new.token,
            new.title,
            new.content,
            new.live,
            new.leaf,
            now,
            new.expires_at,
        ),
    )
    share = int(rows[0]["id"])
    if new.files:
        # Only what is the owner's, whatever was asked for.
        yield Many(
            "INSERT INTO share_file (share, file) SELECT ?, id FROM stored_file WHERE id = ? AND owner = ?",
            [(share, file, new.owner) for file in dict.fromkeys(new.files)],
        )
    return share


def revoke(share: int, owner: int, now: int) -> Script[bool]:
    """Take it back for ever; False when it is not the owner's or was revoked already."""
    rows = yield (
        "UPDATE share SET revoked_at = ?, content = '' WHERE id = ? AND owner = ? AND revoked_at IS NULL"
        " RETURNING id",
        (now, share, owner),
    )
    if rows:
        yield ("DELETE FROM share_file WHERE share = ?", (share,))
    return bool(rows)


def count_view(share: int, now: int) -> Script[None]:
    """Somebody looked."""
    yield ("UPDATE share SET views = views + 1, viewed_at = ? WHERE id = ?", (now, share))
