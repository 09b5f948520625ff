"""Reads about engines."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Database


@dataclass(frozen=True, slots=True)
class EngineRow:
    """What is stored about an engine; see websearch.tables."""

    id: int
    name: str
    address: str
    sealed: str | None
    hint: str
    updated_at: int
    tried_at: int | None
    worked_at: int | None
    failing_since: int | None
    fault: str
    latency_ms: int | None


async def engine_rows(db: Database) -> dict[str, EngineRow]:
    """Everything that is stored, by the engines' names; an engine nobody touched has no row."""
    rows = await db.fetch(
        "SELECT id, name, address, sealed, hint, updated_at, tried_at, worked_at, failing_since, fault,"
        " latency_ms FROM web_engine ORDER BY id"
    )
    return {row["name"]: EngineRow(**row) for row in rows}
