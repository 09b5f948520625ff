"""Reads of files."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from parley.files.access import COLUMNS, FileRow
from parley.lib.db import Database
from parley.lib.errors import NotFound
from parley.web.i18n import N_, _

LOST = N_("A file is not on the server any more. Remove it and attach it again.")


async def files_by_id(db: Database, ids: Collection[int]) -> dict[int, FileRow]:
    """The rows of these ids, whoever owns them; for jobs, never for a request."""
    if not ids:
        return {}
    places = ", ".join("?" * len(ids))
    rows = await db.fetch(f"SELECT {COLUMNS} FROM stored_file WHERE id IN ({places})", *ids)  # noqa: S608
    return {row["id"]: FileRow(**row) for row in rows}


async def texts_of(db: Database, ids: Collection[int]) -> dict[int, str]:
    """The texts of these documents; nothing for those that have none."""
    if not ids:
        return {}
    places = ", ".join("?" * len(ids))
    rows = await db.fetch(
        f"SELECT id, extracted FROM stored_file WHERE id IN ({places}) AND extracted IS NOT NULL",  # noqa: S608
        *ids,
    )
    return {row["id"]: row["extracted"] for row in rows}


async def picture_among(db: Database, ids: Collection[int]) -> bool:
    """Whether one of these files is a picture."""
    return any(row.is_picture for row in (await files_by_id(db, ids)).values())


async def face_row(db: Database, id: int) -> FileRow | None:
    """A picture that is somebody's face, for everybody signed in; None for any other file."""
    rows = await db.fetch(
        f"SELECT {COLUMNS} FROM stored_file WHERE id = ? AND avatar = TRUE",  # noqa: S608
        id,
    )
    return FileRow(**rows[0]) if rows else None


async def named_contents(db: Database, shas: Collection[str]) -> set[str]:
    """Which of these contents a row still names."""
    named: set[str] = set()
    waiting = list(shas)
    while waiting:
        some, waiting = waiting[:500], waiting[500:]
        places = ", ".join("?" * len(some))
        rows = await db.fetch(
            f"SELECT DISTINCT sha256 FROM stored_file WHERE sha256 IN ({places})",  # noqa: S608
            *some,
        )
        named |= {row["sha256"] for row in rows}
    return named


async def owned_contents(db: Database, owner: int, ids: Sequence[int]) -> list[str]:
    """The contents (sha256) of these files in this order; raises NotFound when one is not the owner's."""
    places = ", ".join("?" * len(ids))
    rows = await db.fetch(
        f"SELECT id, sha256 FROM stored_file WHERE owner = ? AND id IN ({places})",  # noqa: S608
        owner,
        *ids,
    )
    contents = {row["id"]: row["sha256"] for row in rows if row["sha256"]}
    if contents.keys() != set(ids):
        raise NotFound(_(LOST), code="no_file")
    return [contents[id] for id in ids]
