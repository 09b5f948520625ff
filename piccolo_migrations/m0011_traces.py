"""Traces: what happened while an answer was made, step by step."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:11:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Traces"

TABLES = (
    """CREATE TABLE trace (
    id {key},
    generation BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    model VARCHAR(300) NOT NULL,
    connection VARCHAR(120) NOT NULL DEFAULT '',
    status VARCHAR(12) NOT NULL DEFAULT 'running',
    level VARCHAR(12) NOT NULL,
    reason VARCHAR(16) NOT NULL,
    most INTEGER NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    events INTEGER NOT NULL DEFAULT 0,
    truncated BOOLEAN NOT NULL DEFAULT FALSE,
    metadata TEXT NOT NULL DEFAULT '{{{{}}}}'
)""",
    "CREATE INDEX trace_generation ON trace (generation)",
    "CREATE INDEX trace_owner ON trace (owner, id)",
    "CREATE INDEX trace_started ON trace (started_at)",
    """CREATE TABLE trace_event (
    id {key},
    trace BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    duration BIGINT,
    kind VARCHAR(16) NOT NULL,
    name VARCHAR(120) NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT '{{{{}}}}'
)""",
    "CREATE UNIQUE INDEX trace_event_seq ON trace_event (trace, seq)",
    "ALTER TABLE generation ADD COLUMN traced BOOLEAN NOT NULL DEFAULT FALSE",
)
KEYS = {
    # AUTOINCREMENT: what still comes for a deleted trace must not meet a new one under its id.
    "sqlite": {"key": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"key": "BIGSERIAL PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the tables; no answer so far has a trace."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(**KEYS[engine.engine_type]))

    manager.add_raw(run)
    return manager
