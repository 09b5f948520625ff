"""Reads about connections."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.db import Database, Row, one

_CONNECTION = (
    "SELECT c.id, c.name, c.provider, c.base_url, c.key_sealed, c.key_hint, c.enabled, c.created_at,"
    " c.updated_at, c.checked_at, c.check_error, c.check_code, c.check_latency_ms, c.worked_at,"
    " c.failing_since, (SELECT COUNT(*) FROM model m WHERE m.connection = c.id) AS models,"
    " EXISTS (SELECT 1 FROM model m WHERE m.connection = c.id AND m.public_id = 'demo') AS built_in"
    " FROM connection c "
)


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection with what its last check found; the key stays sealed."""

    id: int
    name: str
    provider: str
    base_url: str
    key_sealed: str | None
    key_hint: str
    enabled: bool
    created_at: int
    updated_at: int
    checked_at: int | None
    check_error: str | None
    check_code: str
    check_latency_ms: int | None
    worked_at: int | None
    failing_since: int | None
    models: int
    built_in: bool  # the demo that came with the installation


async def all_connections(db: Database) -> list[ConnectionRow]:
    """Every connection, oldest first."""
    return [_connection(row) for row in await db.fetch(_CONNECTION + "ORDER BY c.id")]


async def connection_row(db: Database, id: int) -> ConnectionRow | None:
    """One connection."""
    row = one(await db.fetch(_CONNECTION + "WHERE c.id = ?", id))
    return _connection(row) if row else None


def _connection(row: Row) -> ConnectionRow:
    return ConnectionRow(**{**row, "enabled": bool(row["enabled"]), "built_in": bool(row["built_in"])})


async def model_target(db: Database, public_id: str) -> tuple[str, ConnectionRow] | None:
    """The upstream's own id of a model, and its connection."""
    row = one(await db.fetch("SELECT m.raw_id, m.connection FROM model m WHERE m.public_id = ?", public_id))
    if row is None:
        return None
    connection = await connection_row(db, row["connection"])
    return (row["raw_id"], connection) if connection else None
