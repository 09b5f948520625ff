"""Reads of files."""

from __future__ import annotations

from collections.abc import Collection

from parley.files.access import COLUMNS, FileRow
from parley.lib.db import Database


async def files_by_id(db: Database, ids: Collection[int]) -> dict[int, FileRow]:
    """The rows of these ids, whoever owns them; for jobs, never for a request."""
    if not ids:
        return {}
    places = ", ".join("?" * len(ids))
    rows = await db.fetch(f"SELECT {COLUMNS} FROM stored_file WHERE id IN ({places})", *ids)  # noqa: S608
    return {row["id"]: FileRow(**row) for row in rows}


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
