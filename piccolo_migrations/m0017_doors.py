"""When somebody last proved who they are, and where the audit log begins once old entries were removed."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:17:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Proofs of login sessions, beginning of the audit log"

STATEMENTS = (
    "ALTER TABLE login_session ADD COLUMN proved_at BIGINT",
    "ALTER TABLE audit_head ADD COLUMN first_seq BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE audit_head ADD COLUMN first_hash VARCHAR(64) NOT NULL DEFAULT '" + "0" * 64 + "'",
    "ALTER TABLE audit_head ADD COLUMN removed_at BIGINT",
)


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add the columns."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        assert engine_finder() is not None
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
