"""Reads of shares: the public one by its address, and a person's own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parley.files.access import COLUMNS, FileRow
from parley.lib.db import Database, Row, one
from parley.lib.errors import NotFound
from parley.web.i18n import N_, _

GONE = N_("There is no page here. The link may be wrong, or whoever shared it took it back.")
PAGE = 50
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # of 32 bytes

# Deleting (or forgetting) the conversation hides its shares, restoring shows them again; so does disabling
# its owner.
_VISIBLE = (
    "s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > ?)"
    " AND c.deleted_at IS NULL AND c.temporary = FALSE AND u.status = 'active'"
)


@dataclass(frozen=True, slots=True)
class SharedRow:
    """A share that can be seen by whoever has its address."""

    id: int
    owner: int
    conversation: int
    token: str
    title: str
    content: str
    live: bool
    created_at: int


@dataclass(frozen=True, slots=True)
class OwnShare:
    """A share in its owner's list."""

    id: int
    conversation: int
    token: str
    title: str
    live: bool
    views: int
    viewed_at: int | None
    created_at: int
    expires_at: int | None
    hidden: bool  # its conversation was deleted


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much a person has stored."""

    conversations: int
    files: int
    bytes: int


async def holdings(db: Database, owner: int) -> Holdings:
    """How much `everything` would carry, about."""
    rows = await db.fetch(
        "SELECT (SELECT COUNT(*) FROM conversation WHERE owner = ? AND deleted_at IS NULL"
        " AND temporary = FALSE) AS conversations, COUNT(*) AS files, COALESCE(SUM(size), 0) AS bytes"
        " FROM stored_file WHERE owner = ?",
        owner,
        owner,
    )
    return Holdings(**{name: int(value) for name, value in rows[0].items()})


async def shared(db: Database, token: str, now: int) -> SharedRow:
    """The share at an address; unknown, expired and revoked ones are the same NotFound."""
    row = None
    if _TOKEN.fullmatch(token):
        row = one(
            await db.fetch(
                "SELECT s.id, s.owner, s.conversation, s.token, s.title, s.content, s.live, s.created_at"  # noqa: S608
                " FROM share s JOIN conversation c ON c.id = s.conversation"
                f" JOIN user_account u ON u.id = s.owner WHERE s.token = ? AND {_VISIBLE}",
                token,
                now,
            )
        )
    if row is None:
        raise NotFound(_(GONE))
    return SharedRow(**{**row, "live": bool(row["live"])})


async def files_of_share(db: Database, share: int) -> frozenset[str]:
    """The ids of the files its readers may load, as documents write them."""
    rows = await db.fetch("SELECT file FROM share_file WHERE share = ?", share)
    return frozenset(str(row["file"]) for row in rows)


async def shared_file(db: Database, share: int, file: int) -> FileRow:
    """A file of a share; NotFound for every other."""
    columns = ", ".join(f"f.{name}" for name in COLUMNS.split(", "))
    row = one(
        await db.fetch(
            f"SELECT {columns} FROM share_file s JOIN stored_file f ON f.id = s.file"  # noqa: S608
            " WHERE s.share = ? AND s.file = ?",
            share,
            file,
        )
    )
    if row is None:
        raise NotFound(_(GONE))
    return FileRow(**row)


async def messages_with(db: Database, conversation: int, file: int) -> set[int]:
    """The messages of a conversation that have this file."""
    rows = await db.fetch(
        "SELECT m.id FROM message_file a JOIN message m ON m.id = a.message"
        " WHERE a.file = ? AND m.conversation = ? AND m.deleted_at IS NULL",
        file,
        conversation,
    )
    return {row["id"] for row in rows}


async def own_shares(
    db: Database,
    owner: int,
    *,
    before: int | None = None,
    conversation: int | None = None,
    limit: int = PAGE,
) -> list[OwnShare]:
    """A person's shares, the newest first, revoked ones left out; `before` is the id of the last shown."""
    clause, values = ("", ()) if conversation is None else (" AND s.conversation = ?", (conversation,))
    rows = await db.fetch(
        "SELECT s.id, s.conversation, s.token, s.title, s.live, s.views, s.viewed_at, s.created_at,"  # noqa: S608
        " s.expires_at, c.deleted_at FROM share s JOIN conversation c ON c.id = s.conversation"
        f" WHERE s.owner = ? AND s.revoked_at IS NULL AND s.id < ?{clause} ORDER BY s.id DESC LIMIT ?",
        owner,
        2**62 if before is None else max(0, min(before, 2**62)),
        *values,
        limit,
    )
    return [_own(row) for row in rows]


async def own_share(db: Database, owner: int, id: int) -> OwnShare:
    """One of them; raises NotFound."""
    found = await own_shares(db, owner, before=id + 1, limit=1)
    if not found or found[0].id != id:
        raise NotFound(_("This link does not exist any more."))
    return found[0]


def _own(row: Row) -> OwnShare:
    hidden = row.pop("deleted_at") is not None
    return OwnShare(**{**row, "live": bool(row["live"])}, hidden=hidden)
