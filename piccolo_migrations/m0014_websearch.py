"""Engines that search the web: addresses, keys, how they do."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:14:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Engines of web search"

TABLES = (
    """CREATE TABLE web_engine (
    id {serial},
    name VARCHAR(32) NOT NULL,
    address VARCHAR(500) NOT NULL DEFAULT '',
    sealed TEXT,
    hint VARCHAR(8) NOT NULL DEFAULT '',
    updated_at BIGINT NOT NULL,
    tried_at BIGINT,
    worked_at BIGINT,
    failing_since BIGINT,
    fault VARCHAR(32) NOT NULL DEFAULT '',
    latency_ms INTEGER
)""",
    "CREATE UNIQUE INDEX web_engine_name ON web_engine (name)",
)
WORDS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the table, empty."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(**WORDS[engine.engine_type]))

    manager.add_raw(run)
    return manager
