"""Who makes the next backup, and an index for acts of one kind in the audit log."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Leases of chores"

STATEMENTS = (
    """CREATE TABLE chore_lease (
    name VARCHAR(40) NOT NULL PRIMARY KEY,
    held_until BIGINT NOT NULL DEFAULT 0,
    done_at BIGINT NOT NULL DEFAULT 0,
    fault VARCHAR(300) NOT NULL DEFAULT ''
)""",
    "INSERT INTO chore_lease (name) VALUES ('backup')",
    "CREATE INDEX audit_entry_act ON audit_entry (act, subject, seq)",
)


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the table with its one row, and the index."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        assert engine_finder() is not None
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
