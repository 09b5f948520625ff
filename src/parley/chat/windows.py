"""Which messages of a long chat a page shows: its end, the surroundings of one, or more. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from parley.chat import queries
from parley.chat.access import ConversationRow
from parley.chat.queries import WINDOW, PathMessage
from parley.lib.db import LARGEST_ID, Database

AROUND = WINDOW // 2  # messages before a looked-for one, and after it
LANDMARKS = 40


@dataclass(frozen=True, slots=True)
class Window:
    """Neighbouring messages of a path, oldest first.

    `earlier` and `later`: the message to ask from for what comes before or after; None where nothing does.
    `found`: the message that was looked for. `missed`: one was, and it is not in this chat.
    """

    path: list[PathMessage]
    earlier: int | None = None
    later: int | None = None
    found: int | None = None
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Landmark:
    """A question by which a reader finds their way; `text` is how it begins."""

    id: int
    text: str


async def opening(db: Database, conversation: ConversationRow, at: int = 0) -> Window:
    """What a page shows at first: the end of the chosen path, or the surroundings of message `at`.

    `at` may be on another branch; then the window follows that one to where it last led.
    """
    if at and await _has(db, conversation.id, at):
        path = await queries.path_to(db, at, limit=AROUND + 1)
        below = await queries.path_below(db, at, limit=AROUND + 1)
        later = below[AROUND - 1].id if len(below) > AROUND else None
        return Window([*path, *below[:AROUND]], _above(path), later, found=at)
    path = await queries.path_to(db, conversation.leaf)
    return Window(path, _above(path), missed=bool(at))


async def above(db: Database, conversation: ConversationRow, before: int) -> Window:
    """The window that ends where `before` begins; empty when that is no message of the chat."""
    if not await _has(db, conversation.id, before):
        return Window([])
    path = (await queries.path_to(db, before, limit=WINDOW + 1))[:-1]
    return Window(path, _above(path))


async def below(db: Database, conversation: ConversationRow, after: int) -> Window:
    """What comes after message `after` on the chosen path; the end of that path when `after` is not on it."""
    path = await queries.path_to(db, conversation.leaf)
    ids = [message.id for message in path]
    if after in ids:
        return Window(path[ids.index(after) + 1 :])
    if not await _has(db, conversation.id, after):
        return Window(path, _above(path))
    rows = await queries.path_below(db, after, limit=WINDOW + 1)
    return Window(rows[:WINDOW], later=rows[WINDOW - 1].id if len(rows) > WINDOW else None)


async def landmarks(db: Database, conversation: ConversationRow) -> list[Landmark]:
    """At most LANDMARKS questions of the chosen path, evenly spread over it; two statements."""
    rows = await db.fetch(
        "WITH RECURSIVE path(id, role, parent, depth) AS (SELECT id, role, parent, 0 FROM message"
        " WHERE id = CAST(? AS BIGINT) UNION ALL SELECT m.id, m.role, m.parent, p.depth + 1"
        " FROM message m JOIN path p ON m.id = p.parent)"
        " SELECT id FROM path WHERE role = 'user' ORDER BY depth DESC",
        conversation.leaf,
    )
    ids = [row["id"] for row in rows]
    chosen = sorted({ids[n * len(ids) // LANDMARKS] for n in range(LANDMARKS)}) if ids else []
    places = ", ".join("?" * len(chosen)) or "NULL"
    texts = await db.fetch(
        f"SELECT id, SUBSTR(text, 1, 80) AS text FROM message WHERE id IN ({places}) ORDER BY id",  # noqa: S608
        *chosen,
    )
    return [Landmark(row["id"], row["text"]) for row in texts]


async def _has(db: Database, conversation: int, message: int) -> bool:
    return 0 < message <= LARGEST_ID and await queries.is_in(db, conversation, message)


def _above(path: list[PathMessage]) -> int | None:
    return path[0].id if path and path[0].parent is not None else None
