"""Reads of lists of chats: the sidebar, the archive, a folder, a tag. Each is one statement on an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parley.lib.db import Database, Row, one

Cursor = tuple[int, int]  # the stamp a list is ordered by, and the id, of the last row already shown
START: Cursor = (2**62, 2**62)
COUNTED = 100  # chats of a folder that are counted; with more it says so
MOST_TAGS_LISTED = 200

_COLUMNS = (
    "SELECT c.id, c.title, c.model, c.created_at, c.updated_at, c.pinned_at, c.archived_at, c.folder,"
    " EXISTS (SELECT 1 FROM generation g WHERE g.conversation = c.id AND g.finished_at IS NULL) AS running"
)
# As the partial indexes of the table say it, word for word.
_HERE = "c.deleted_at IS NULL AND c.archived_at IS NULL AND c.temporary = FALSE"
_RECENT = " ORDER BY c.updated_at DESC, c.id DESC LIMIT ?"
_OLDER = (
    " AND c.updated_at <= ? AND (c.updated_at < ? OR c.id < ?)"  # the first seeks, the second parts equals
)
_PINNED = (
    _COLUMNS + ", 'pinned' AS place FROM conversation c WHERE c.owner = ? AND c.pinned_at IS NOT NULL"
    f" AND {_HERE} ORDER BY c.pinned_at DESC, c.id DESC LIMIT ?"
)
_LOOSE = (
    _COLUMNS + f", 'loose' AS place FROM conversation c WHERE c.owner = ? AND {_HERE}"
    " AND c.pinned_at IS NULL AND c.folder IS NULL"
)
# "+ 0": the folder is what to look for; SQLite would rather walk through all chats of the owner.
_FOLDED = (
    _COLUMNS + f", 'folder' AS place FROM conversation c WHERE c.folder = ? AND c.owner + 0 = ? AND {_HERE}"
)


@dataclass(frozen=True, slots=True)
class ListedConversation:
    """One row of a list or of `GET /api/sessions`."""

    id: int
    title: str
    model: str
    created_at: int
    updated_at: int
    running: bool
    pinned_at: int | None = None
    archived_at: int | None = None
    folder: int | None = None
    place: str = ""  # where the sidebar shows it: pinned, folder or loose


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder; `chats` counts to COUNTED and no further, pinned ones stand elsewhere."""

    id: int
    name: str
    position: int
    chats: int = 0


async def recent_conversations(
    db: Database, owner: int, *, limit: int = 50, before: Cursor | None = None
) -> list[ListedConversation]:
    """Newest first wherever they are kept, but not the archive."""
    sql = _COLUMNS + f" FROM conversation c WHERE c.owner = ? AND {_HERE}" + _OLDER + _RECENT
    return _listed(await db.fetch(sql, owner, *_older(before), limit))


async def loose_conversations(
    db: Database, owner: int, *, limit: int = 50, before: Cursor | None = None
) -> list[ListedConversation]:
    """Newest first, what is neither pinned nor in a folder."""
    return _listed(await db.fetch(_LOOSE + _OLDER + _RECENT, owner, *_older(before), limit))


async def sidebar_rows(
    db: Database, owner: int, folders: Sequence[int], *, pinned: int, folded: int, loose: int
) -> list[ListedConversation]:
    """What the sidebar shows at first, in one statement: so many pinned, of each open folder, and others.

    The rows of each place are in its order: the last pinned first, else the newest.
    """
    parts, values = [_PINNED, _LOOSE + _RECENT], [owner, pinned, owner, loose]
    for folder in folders:
        parts.append(_FOLDED + " AND c.pinned_at IS NULL" + _RECENT)
        values += [folder, owner, folded]
    sql = " UNION ALL ".join(f"SELECT * FROM ({part}) AS p{n}" for n, part in enumerate(parts))  # noqa: S608
    rows = _listed(await db.fetch(sql, *values))
    # A union promises no order.
    return sorted(rows, key=lambda row: (_stamp(row), row.id), reverse=True)


async def conversations_in(
    db: Database,
    owner: int,
    folder: int,
    *,
    limit: int = 50,
    before: Cursor | None = None,
    pinned: bool = True,
) -> list[ListedConversation]:
    """The chats of a folder, newest first; without `pinned` as the sidebar shows it."""
    sql = _FOLDED + ("" if pinned else " AND c.pinned_at IS NULL") + _OLDER + _RECENT
    return _listed(await db.fetch(sql, folder, owner, *_older(before), limit))


async def archived_conversations(
    db: Database, owner: int, *, limit: int = 50, before: Cursor | None = None
) -> list[ListedConversation]:
    """The archive, the last archived first."""
    return _listed(
        await db.fetch(
            _COLUMNS + " FROM conversation c WHERE c.owner = ? AND c.archived_at IS NOT NULL"
            " AND c.deleted_at IS NULL AND c.archived_at <= ? AND (c.archived_at < ? OR c.id < ?)"
            " ORDER BY c.archived_at DESC, c.id DESC LIMIT ?",
            owner,
            *_older(before),
            limit,
        )
    )


async def tagged_conversations(
    db: Database, owner: int, tag: str, *, limit: int = 50, before: Cursor | None = None
) -> list[ListedConversation]:
    """The chats with a tag, archived ones too; the last begun first, so that the index is the order."""
    return _listed(
        await db.fetch(
            _COLUMNS + " FROM conversation_tag t JOIN conversation c ON c.id = t.conversation"
            " WHERE t.owner = ? AND t.name = ? AND t.conversation < ? AND c.deleted_at IS NULL"
            " AND c.temporary = FALSE ORDER BY t.conversation DESC LIMIT ?",
            owner,
            tag,
            (before or START)[1],
            limit,
        )
    )


async def listed_conversation(db: Database, owner: int, id: int) -> ListedConversation:
    """One conversation as a row of the list; the caller has been through a door."""
    sql = _COLUMNS + " FROM conversation c WHERE c.owner = ? AND c.deleted_at IS NULL AND c.id = ?"
    return _listed(await db.fetch(sql, owner, id))[0]


async def folders_of(db: Database, owner: int) -> list[FolderRow]:
    """All folders in the person's order, each with how many chats it holds."""
    rows = await db.fetch(
        "SELECT f.id, f.name, f.position, (SELECT COUNT(*) FROM (SELECT 1 FROM conversation c"
        " WHERE c.folder = f.id AND c.pinned_at IS NULL AND c.archived_at IS NULL AND c.deleted_at IS NULL"
        " LIMIT ?) AS counted) AS chats FROM folder f WHERE f.owner = ? ORDER BY f.position, f.id",
        COUNTED,
        owner,
    )
    return [FolderRow(**row) for row in rows]


async def folder_of(db: Database, owner: int, id: int) -> FolderRow | None:
    """One folder of the person's."""
    row = one(await db.fetch("SELECT id, name, position FROM folder WHERE id = ? AND owner = ?", id, owner))
    return FolderRow(**row) if row else None


async def tags_of(db: Database, conversation: int) -> list[str]:
    """The tags of a conversation by name; the caller has been through a door."""
    rows = await db.fetch(
        "SELECT name FROM conversation_tag WHERE conversation = ? ORDER BY name", conversation
    )
    return [row["name"] for row in rows]


async def all_tags(db: Database, owner: int) -> list[str]:
    """Every tag of a person once, as far as MOST_TAGS_LISTED; steps from name to name on the index."""
    rows = await db.fetch(
        "WITH RECURSIVE known(name, n) AS ("
        "SELECT (SELECT MIN(name) FROM conversation_tag WHERE owner = ?), 1 UNION ALL"
        " SELECT (SELECT MIN(t.name) FROM conversation_tag t WHERE t.owner = ? AND t.name > k.name), k.n + 1"
        " FROM known k WHERE k.name IS NOT NULL AND k.n < ?)"
        " SELECT name FROM known WHERE name IS NOT NULL ORDER BY n",
        owner,
        owner,
        MOST_TAGS_LISTED,
    )
    return [row["name"] for row in rows]


def _older(before: Cursor | None) -> tuple[int, int, int]:
    stamp, id = before or START
    return stamp, stamp, id


def _stamp(row: ListedConversation) -> int:
    return row.pinned_at or 0 if row.place == "pinned" else row.updated_at


def _listed(rows: list[Row]) -> list[ListedConversation]:
    return [ListedConversation(**{**row, "running": bool(row["running"])}) for row in rows]
