"""Invitations, and where visitors come from."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:06:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Entry"

TABLES = (
    "ALTER TABLE user_account ADD COLUMN address_range VARCHAR(45) NOT NULL DEFAULT ''",
    "CREATE INDEX user_account_visitor ON user_account (id) WHERE role = 'visitor'",
    """CREATE TABLE invitation (
    id {serial},
    token_hash VARCHAR(64) NOT NULL,
    role VARCHAR(8) NOT NULL,
    note VARCHAR(200) NOT NULL DEFAULT '',
    uses INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    maker BIGINT REFERENCES user_account (id) ON DELETE SET NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
)""",
    "CREATE UNIQUE INDEX invitation_token_hash ON invitation (token_hash)",
    "CREATE INDEX invitation_maker ON invitation (maker)",
)
KEYS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add the table and the column."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(**KEYS[engine.engine_type]))

    manager.add_raw(run)
    return manager
