"""The history of settings, and indexes for chats that are deleted by their age."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:09:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Settings"

TABLES = (
    """CREATE TABLE setting_history (
    id {serial},
    key VARCHAR(64) NOT NULL,
    before TEXT NOT NULL DEFAULT '',
    after TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL,
    actor BIGINT,
    actor_name VARCHAR(40) NOT NULL DEFAULT ''
)""",
    "CREATE INDEX setting_history_key ON setting_history (key, id)",
    "CREATE INDEX conversation_idle ON conversation (updated_at)"
    " WHERE deleted_at IS NULL AND pinned_at IS NULL",
    "CREATE INDEX conversation_put_away ON conversation (archived_at) WHERE archived_at IS NOT NULL",
)
SERIAL = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "postgres": "BIGSERIAL PRIMARY KEY"}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add them."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(serial=SERIAL[engine.engine_type]))

    manager.add_raw(run)
    return manager
