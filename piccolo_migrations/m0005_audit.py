"""The audit log: what administrators did and who signed in, chained by hashes."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Audit log"

TABLES = (
    """CREATE TABLE audit_entry (
    seq {key},
    at BIGINT NOT NULL,
    actor BIGINT,
    actor_name VARCHAR(40) NOT NULL,
    address VARCHAR(45) NOT NULL DEFAULT '',
    act VARCHAR(64) NOT NULL,
    subject VARCHAR(120) NOT NULL DEFAULT '',
    before TEXT NOT NULL DEFAULT '',
    after TEXT NOT NULL DEFAULT '',
    hash VARCHAR(64) NOT NULL
)""",
    "CREATE INDEX audit_entry_actor ON audit_entry (actor, seq)",
    """CREATE TABLE audit_head (
    id INTEGER NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL
)""",
    "INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '" + "0" * 64 + "')",
)
KEYS = {
    "sqlite": {"key": "INTEGER PRIMARY KEY NOT NULL"},
    "postgres": {"key": "BIGINT PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the tables with an empty chain."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(**KEYS[engine.engine_type]))

    manager.add_raw(run)
    return manager
