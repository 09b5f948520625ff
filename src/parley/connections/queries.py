"""Reads about connections and models."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from parley.lib.db import Database, Row, one

# Lists of models also hold what cannot chat; such a model must not become anybody's default.
_NOT_CHAT = re.compile(
    r"embed|whisper|tts|dall-e|moderation|rerank|transcribe|realtime|image|audio|davinci|babbage|bge-|e5-",
    re.IGNORECASE,
)
_CONNECTION = (
    "SELECT c.id, c.name, c.provider, c.base_url, c.key_sealed, c.key_hint, c.enabled, c.created_at,"
    " c.updated_at, c.checked_at, c.check_error, c.check_code, c.check_latency_ms, c.worked_at,"
    " c.failing_since, (SELECT COUNT(*) FROM model m WHERE m.connection = c.id) AS models,"
    " EXISTS (SELECT 1 FROM model m WHERE m.connection = c.id AND m.public_id = 'demo') AS built_in"
    " FROM connection c "
)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model as the picker and the API know it; `id` is its public id."""

    id: str
    name: str
    connection_id: int
    connection_name: str
    provider: str
    raw_id: str
    capabilities: tuple[str, ...]
    available: bool  # its connection is turned on


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


async def available_models(db: Database) -> list[ModelRow]:
    """All models, those of turned-off connections marked; what a new chat should use comes first.

    That is: real connections before the demo, and within one what can chat before what cannot.
    """
    rows = await db.fetch(
        "SELECT m.public_id, m.name, m.raw_id, m.capabilities, c.id AS connection_id,"
        " c.name AS connection_name, c.provider, c.enabled"
        " FROM model m JOIN connection c ON c.id = m.connection ORDER BY c.id, m.id"
    )
    rows.sort(key=lambda row: (row["provider"] == "demo", bool(_NOT_CHAT.search(row["raw_id"]))))
    return [_model(row) for row in rows]


def _model(row: Row) -> ModelRow:
    return ModelRow(
        id=row["public_id"],
        name=row["name"],
        connection_id=row["connection_id"],
        connection_name=row["connection_name"],
        provider=row["provider"],
        raw_id=row["raw_id"],
        capabilities=tuple(msgspec.json.decode(row["capabilities"], type=list[str])),
        available=bool(row["enabled"]),
    )


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
