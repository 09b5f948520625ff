"""Reads that feed the chat pages and the JSON API; each a constant number of statements."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Database, Row

WINDOW = 40  # messages of the path that a page shows at first


@dataclass(frozen=True, slots=True)
class PathMessage:
    """One message of the chosen path with its last generation, if it is an answer."""

    id: int
    parent: int | None
    role: str
    text: str
    reasoning: str
    model: str
    model_name: str
    client_message_id: str | None
    created_at: int
    generation: int | None
    status: str  # of the generation; "done" for questions
    error: str
    error_code: str
    finish_reason: str
    prompt_tokens: int | None
    completion_tokens: int | None
    started_at: int | None
    first_fact_at: int | None
    finished_at: int | None
    asked_at: int | None = None  # when the generation was stored
    answered_by: str = ""
    answered_name: str = ""
    notices: str = "[]"  # JSON, see chat/notices.py
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    estimated: bool = False
    cost_nano: int | None = None
    window_tokens: int | None = None
    first_text_at: int | None = None
    reasoning_ms: int | None = None
    instruction: str = ""  # what the answer was asked to be like
    rating: int = 0  # 1 or -1 once the owner has said so

    @property
    def is_open(self) -> bool:
        """Whether a worker still writes it."""
        return self.status in ("queued", "running")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a connection fails: a class of error, and since when (ms)."""

    code: str
    since: int


_UPWARDS = (
    "WITH RECURSIVE path(id, depth) AS (SELECT CAST(? AS BIGINT), 0 UNION ALL"
    " SELECT m.parent, p.depth + 1 FROM message m JOIN path p ON m.id = p.id"
    " WHERE m.parent IS NOT NULL AND p.depth + 1 < ?)"
)
_DOWNWARDS = (
    "WITH RECURSIVE path(id, depth) AS (SELECT m.chosen_child, 0 FROM message m"
    " WHERE m.id = CAST(? AS BIGINT) AND m.chosen_child IS NOT NULL UNION ALL"
    " SELECT m.chosen_child, p.depth + 1 FROM message m JOIN path p ON m.id = p.id"
    " WHERE m.chosen_child IS NOT NULL AND p.depth + 1 < ?)"
)
_MESSAGES = (
    " SELECT m.id, m.parent, m.role, m.text, m.reasoning, m.model, m.model_name, m.client_message_id,"
    " m.created_at, g.id AS generation, COALESCE(g.status, 'done') AS status,"
    " COALESCE(g.error, '') AS error, COALESCE(g.error_code, '') AS error_code,"
    " COALESCE(g.finish_reason, '') AS finish_reason, g.prompt_tokens, g.completion_tokens,"
    " g.started_at, g.first_fact_at, g.finished_at, g.created_at AS asked_at,"
    " COALESCE(g.answered_by, '') AS answered_by, COALESCE(g.answered_name, '') AS answered_name,"
    " COALESCE(g.notices, '[]') AS notices, g.reasoning_tokens, g.cached_tokens, g.estimated,"
    " g.cost_nano, g.window_tokens, g.first_text_at, g.reasoning_ms, m.instruction,"
    " COALESCE(r.value, 0) AS rating"  # only its owner can rate it: one row at most
    " FROM path p JOIN message m ON m.id = p.id"
    " LEFT JOIN generation g ON g.id = (SELECT MAX(id) FROM generation WHERE message = m.id)"
    " LEFT JOIN message_rating r ON r.message = m.id"
)


async def path_to(db: Database, leaf: int | None, *, limit: int = WINDOW) -> list[PathMessage]:
    """The last `limit` messages of the path that ends at `leaf`, oldest first."""
    if leaf is None:
        return []
    rows = await db.fetch(_UPWARDS + _MESSAGES + " ORDER BY p.depth DESC", leaf, limit)
    return [_path_message(row) for row in rows]


async def path_below(db: Database, message: int, *, limit: int = WINDOW) -> list[PathMessage]:
    """The first `limit` messages after `message` where the path last led on from it."""
    rows = await db.fetch(_DOWNWARDS + _MESSAGES + " ORDER BY p.depth", message, limit)
    return [_path_message(row) for row in rows]


def _path_message(row: Row) -> PathMessage:
    return PathMessage(**{**row, "estimated": bool(row["estimated"])})


async def length_of_path(db: Database, leaf: int) -> int:
    """How many messages lead to `leaf`, itself included."""
    rows = await db.fetch(
        "WITH RECURSIVE path(id) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT m.parent FROM message m"
        " JOIN path p ON m.id = p.id WHERE m.parent IS NOT NULL) SELECT COUNT(*) AS messages FROM path",
        leaf,
    )
    return int(rows[0]["messages"])


async def failing_connections(db: Database) -> dict[int, Trouble]:
    """Why and since when connections fail, by their id."""
    rows = await db.fetch(
        "SELECT id, check_code, failing_since FROM connection WHERE failing_since IS NOT NULL"
    )
    return {row["id"]: Trouble(row["check_code"], row["failing_since"]) for row in rows}


async def is_in(db: Database, conversation: int, message: int) -> bool:
    """Whether the message belongs to the conversation and was not deleted."""
    return bool(
        await db.fetch(
            "SELECT id FROM message WHERE id = ? AND conversation = ? AND deleted_at IS NULL",
            message,
            conversation,
        )
    )


async def streamed_so_far(db: Database, generation: int) -> tuple[str, str]:
    """Text and reasoning that a running generation has committed, without its prefix."""
    rows: list[Row] = await db.fetch(
        "SELECT kind, data FROM generation_event WHERE generation = ? AND kind IN ('text', 'reasoning')"
        " ORDER BY seq",
        generation,
    )
    text = "".join(row["data"] for row in rows if row["kind"] == "text")
    return text, "".join(row["data"] for row in rows if row["kind"] == "reasoning")
