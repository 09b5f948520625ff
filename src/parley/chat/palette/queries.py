"""Chats by their titles: what the palette offers while somebody types."""

from __future__ import annotations

from parley.lib.db import Database, Row

LOOKED_AT = 3000  # of the latest chats; older ones are the search page's


async def chats_titled(db: Database, owner: int, text: str, *, limit: int = 7) -> list[Row]:
    """Id and title of the owner's latest chats whose title contains `text` ("" takes all), newest first."""
    pattern = "%" + "".join("\\" + each if each in "%_\\" else each for each in text.lower()) + "%"
    return await db.fetch(
        "SELECT id, title FROM (SELECT id, title, updated_at FROM conversation WHERE owner = ?"
        " AND deleted_at IS NULL AND archived_at IS NULL AND temporary = FALSE"
        " ORDER BY updated_at DESC, id DESC LIMIT ?) AS latest"
        " WHERE LOWER(title) LIKE ? ESCAPE '\\' ORDER BY updated_at DESC, id DESC LIMIT ?",
        owner,
        LOOKED_AT,
        pattern,
        limit,
    )
