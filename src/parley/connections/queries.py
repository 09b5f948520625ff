"""Reads about connections."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import msgspec

from parley.connections.options import NO_DEFAULTS, NO_OPTIONS, Defaults, Options
from parley.lib.db import Database, Row, one

_CONNECTION = (
    "SELECT c.id, c.name, c.provider, c.preset, c.base_url, c.options, c.headers_sealed, c.prefix, c.tags,"
    " c.listed, c.defaults, c.verification, c.enabled, c.created_at, c.updated_at, c.checked_at,"
    " c.check_error, c.check_code, c.check_latency_ms, c.worked_at, c.failing_since,"
    " (SELECT COUNT(*) FROM model m WHERE m.connection = c.id AND m.gone_at IS NULL) AS models,"
    " EXISTS (SELECT 1 FROM model m WHERE m.connection = c.id AND m.public_id = 'demo') AS built_in"
    " FROM connection c "
)
_KEYS = (
    "SELECT k.id, k.connection, k.label, k.sealed, k.hint, k.enabled, c.provider, c.base_url"
    " FROM connection_key k JOIN connection c ON c.id = k.connection "
)

_words = msgspec.json.Decoder(tuple[str, ...]).decode
_options = msgspec.json.Decoder(Options).decode
_defaults = msgspec.json.Decoder(Defaults).decode


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A stored credential, sealed."""

    id: int
    label: str
    sealed: str
    hint: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """A connection with what its last check found; keys and the values of headers stay sealed."""

    id: int
    name: str
    provider: str  # the kind
    preset: str = ""
    base_url: str
    keys: tuple[KeyRow, ...] = ()
    options: Options = NO_OPTIONS
    headers_sealed: str | None = None
    prefix: str = ""
    tags: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    defaults: Defaults = NO_DEFAULTS
    verification: Any = None  # see wire.verification
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
    keys: defaultdict[int, list[Row]] = defaultdict(list)
    for row in await db.fetch(_KEYS + "ORDER BY k.id"):
        keys[row["connection"]].append(row)
    return [_connection(row, keys[row["id"]]) for row in await db.fetch(_CONNECTION + "ORDER BY c.id")]


async def connection_row(db: Database, id: int) -> ConnectionRow | None:
    """One connection."""
    row = one(await db.fetch(_CONNECTION + "WHERE c.id = ?", id))
    if row is None:
        return None
    return _connection(row, await db.fetch(_KEYS + "WHERE k.connection = ? ORDER BY k.id", id))


async def model_target(db: Database, public_id: str) -> tuple[str, ConnectionRow] | None:
    """The upstream's own id of a model, and its connection."""
    row = one(await db.fetch("SELECT m.raw_id, m.connection FROM model m WHERE m.public_id = ?", public_id))
    if row is None:
        return None
    connection = await connection_row(db, row["connection"])
    return (row["raw_id"], connection) if connection else None


async def overrides_of(db: Database, id: int) -> dict[str, Any]:
    """What was said about the models of a connection, by their upstream's ids; opaque JSON objects."""
    rows = await db.fetch(
        "SELECT m.raw_id, m.overrides FROM model m WHERE m.connection = ? AND m.overrides <> '{}'"
        " ORDER BY m.id",
        id,
    )
    return {row["raw_id"]: msgspec.json.decode(row["overrides"]) for row in rows}


def _connection(row: Row, keys: list[Row]) -> ConnectionRow:
    pool = tuple(
        KeyRow(key["id"], key["label"], key["sealed"], key["hint"], bool(key["enabled"]))
        for key in keys
        # Between the two reads somebody may have moved it: no key goes where it does not belong.
        if (key["provider"], key["base_url"]) == (row["provider"], row["base_url"])
    )
    seen = row["verification"]
    decoded = {
        "keys": pool,
        "options": _options(row["options"]),
        "tags": _words(row["tags"]),
        "listed": _words(row["listed"]),
        "defaults": _defaults(row["defaults"]),
        "verification": msgspec.json.decode(seen) if seen else None,
        "enabled": bool(row["enabled"]),
        "built_in": bool(row["built_in"]),
    }
    return ConnectionRow(**{**row, **decoded})
