"""Reads of imports; each a constant number of statements."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Database, Row

PAGE = 50  # lines of a report

_JOB = (
    "SELECT id, name, source, status, size, done, percent, total, error, created_at, finished_at"
    " FROM import_job"
)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One import."""

    id: int
    name: str
    source: str
    status: str
    size: int  # bytes
    done: int
    percent: int
    total: int | None
    error: str
    created_at: int
    finished_at: int | None

    @property
    def is_open(self) -> bool:
        """Whether it goes on."""
        return self.finished_at is None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One conversation of an import; `conversation` is None when it is not there (any more)."""

    id: int
    title: str
    outcome: str
    messages: int
    notes: str
    conversation: int | None


async def jobs_of(db: Database, owner: int, *, before: int | None = None, limit: int = 20) -> list[JobRow]:
    """A person's imports, the newest first."""
    rows = await db.fetch(
        f"{_JOB} WHERE owner = ? AND id < ? ORDER BY id DESC LIMIT ?", owner, before or 2**62, limit
    )
    return [JobRow(**row) for row in rows]


async def job_of(db: Database, id: int, owner: int) -> JobRow | None:
    """One import of that person."""
    rows = await db.fetch(f"{_JOB} WHERE id = ? AND owner = ?", id, owner)
    return JobRow(**rows[0]) if rows else None


async def counts_of(db: Database, job: int) -> dict[str, int]:
    """How many conversations had which outcome; "messages" is how many messages came."""
    rows = await db.fetch(
        "SELECT outcome, COUNT(*) AS n, COALESCE(SUM(messages), 0) AS messages FROM import_item"
        " WHERE job = ? GROUP BY outcome",
        job,
    )
    counts = {row["outcome"]: int(row["n"]) for row in rows}
    return {**counts, "messages": sum(int(row["messages"]) for row in rows)}


async def items_of(
    db: Database, job: int, *, outcome: str = "", after: int = 0, limit: int = PAGE
) -> list[ItemRow]:
    """Lines of a report in the order of the file; with `outcome` only those."""
    rows = await db.fetch(
        "SELECT i.id, i.title, i.outcome, i.messages, i.notes, c.id AS conversation FROM import_item i"
        " LEFT JOIN conversation c ON c.id = i.conversation AND c.deleted_at IS NULL"
        " WHERE i.job = ? AND i.id > ? AND (? = '' OR i.outcome = ?) ORDER BY i.id LIMIT ?",
        job,
        after,
        outcome,
        outcome,
        limit,
    )
    return [ItemRow(**row) for row in rows]


async def next_open(db: Database, now: int) -> Row | None:
    """The oldest job that waits or was left behind: its id and how often it was begun."""
    rows = await db.fetch(
        "SELECT id, attempt, owner FROM import_job WHERE finished_at IS NULL"
        " AND (status = 'queued' OR lease_until < ?) ORDER BY id LIMIT 1",
        now,
    )
    return rows[0] if rows else None


async def known_messages(db: Database, owner: int, origin: str) -> dict[str, str]:
    """The messages of a conversation that came before, each key with the hash of what came."""
    rows = await db.fetch(
        "SELECT m.client_message_id AS key, m.body_hash FROM message m"
        " JOIN conversation c ON c.id = m.conversation"
        " WHERE c.owner = ? AND c.origin = ? AND m.client_message_id LIKE 'import:%'",
        owner,
        origin,
    )
    return {row["key"]: row["body_hash"] for row in rows}


async def standing_here(db: Database, owner: int, id: int, created: int, messages: set[str]) -> bool:
    """Whether the owner's conversation of this id and time of creation (ms) still holds these messages."""
    rows = await db.fetch(
        "SELECT m.id FROM message m JOIN conversation c ON c.id = m.conversation"
        " WHERE c.id = ? AND c.owner = ? AND c.created_at = ?"
        " AND c.deleted_at IS NULL AND m.deleted_at IS NULL",
        id,
        owner,
        created,
    )
    return bool(rows) and messages <= {str(row["id"]) for row in rows}


async def own_file(db: Database, owner: int, sha256: str, name: str) -> int | None:
    """A file of the owner's with these bytes and this name."""
    rows = await db.fetch(
        "SELECT id FROM stored_file WHERE sha256 = ? AND owner = ? AND name = ? AND avatar = FALSE LIMIT 1",
        sha256,
        owner,
        name,
    )
    return rows[0]["id"] if rows else None


async def drawn_before(db: Database, sha256: str) -> Row | None:
    """Media type, width and height of these bytes if they are a picture that Parley drew once."""
    rows = await db.fetch(
        "SELECT mime, width, height FROM stored_file WHERE sha256 = ? AND mime LIKE 'image/%' LIMIT 1", sha256
    )
    return rows[0] if rows else None


async def is_over(db: Database, job: int) -> bool:
    """Whether nobody will go on with it."""
    return not await db.fetch("SELECT id FROM import_job WHERE id = ? AND finished_at IS NULL", job)


async def files_in_use(db: Database) -> set[str]:
    """The uploads that somebody still needs."""
    return {row["file"] for row in await db.fetch("SELECT file FROM import_job WHERE finished_at IS NULL")}
