"""The picture mark of the site, in every size it is shown in."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:15:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Picture mark"

TABLES = (
    """CREATE TABLE site_mark (
    name VARCHAR(48) NOT NULL PRIMARY KEY,
    mark VARCHAR(24) NOT NULL,
    data {bytes} NOT NULL,
    created_at BIGINT NOT NULL
)""",
)
BYTES = {"sqlite": "BLOB", "postgres": "BYTEA"}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add its table."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(bytes=BYTES[engine.engine_type]))

    manager.add_raw(run)
    return manager
