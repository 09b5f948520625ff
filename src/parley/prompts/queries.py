"""Reads of the library; each one statement."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Database, Row
from parley.prompts.access import COLUMNS, PromptRow

PAGE = 50
OFFERED = 12  # in the composer's list

# Characters that LIKE would take for more than themselves.
_PLAIN = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A prompt as it once was."""

    number: int
    title: str
    body: str
    author: str
    created_at: int


async def library(
    db: Database, owner: int, *, search: str = "", after: tuple[str, int] = ("", 0), limit: int = PAGE
) -> list[PromptRow]:
    """One's own prompts and the shared ones by command; `after` is (command, id) of the last one shown."""
    wanted = f"%{search.lower().translate(_PLAIN)}%"
    rows = await db.fetch(
        f"SELECT {COLUMNS} FROM prompt p JOIN user_account u ON u.id = p.owner"  # noqa: S608
        " WHERE p.deleted_at IS NULL AND (p.owner = ? OR p.shared = TRUE)"
        " AND (p.command > ? OR (p.command = ? AND p.id > ?))"
        " AND (p.command LIKE ? ESCAPE '\\' OR LOWER(p.title) LIKE ? ESCAPE '\\')"
        " ORDER BY p.command, p.id LIMIT ?",
        owner,
        after[0],
        after[0],
        after[1],
        wanted,
        wanted,
        limit,
    )
    return [_prompt(row) for row in rows]


async def offered(db: Database, owner: int, typed: str) -> list[PromptRow]:
    """What a person may mean by `/typed`: commands that begin so first, one's own before shared ones."""
    wanted = typed.lower().translate(_PLAIN)
    rows = await db.fetch(
        f"SELECT {COLUMNS} FROM prompt p JOIN user_account u ON u.id = p.owner"  # noqa: S608
        " WHERE p.deleted_at IS NULL AND (p.owner = ? OR p.shared = TRUE)"
        " AND (p.command LIKE ? ESCAPE '\\' OR LOWER(p.title) LIKE ? ESCAPE '\\')"
        " ORDER BY CASE WHEN p.command LIKE ? ESCAPE '\\' THEN 0 ELSE 1 END,"
        " CASE WHEN p.owner = ? THEN 0 ELSE 1 END, p.command, p.id LIMIT ?",
        owner,
        f"%{wanted}%",
        f"%{wanted}%",
        f"{wanted}%",
        owner,
        OFFERED,
    )
    return [_prompt(row) for row in rows]


async def versions(db: Database, prompt: int) -> list[VersionRow]:
    """What it said, the newest first."""
    rows = await db.fetch(
        "SELECT v.number, v.title, v.body, COALESCE(u.username, '') AS author, v.created_at"
        " FROM prompt_version v LEFT JOIN user_account u ON u.id = v.author"
        " WHERE v.prompt = ? ORDER BY v.number DESC",
        prompt,
    )
    return [VersionRow(**row) for row in rows]


def _prompt(row: Row) -> PromptRow:
    return PromptRow(**{**row, "shared": bool(row["shared"])})
