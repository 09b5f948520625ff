"""What was expected of an answer, kept with its charge: a lost worker's answer is priced by it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T15:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Reserves"

STATEMENTS = (
    "ALTER TABLE charge ADD COLUMN prompt_tokens BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE charge ADD COLUMN price_input BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE charge ADD COLUMN price_output BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX charge_open ON charge (owner) WHERE state = 'reserved'",
)


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add the columns; of charges that wait for their end now nothing was expected."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        assert engine_finder() is not None
        for statement in STATEMENTS:
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
