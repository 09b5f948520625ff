"""People in groups, their time zones, links for a new password, and accounts on their way out."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:07:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Groups, time zones and links for a new password"

TABLES = (
    """CREATE TABLE user_group (
    id {serial},
    name VARCHAR(60) NOT NULL,
    name_key VARCHAR(60) NOT NULL,
    created_at BIGINT NOT NULL
)""",
    "CREATE UNIQUE INDEX user_group_name ON user_group (name_key)",
    "ALTER TABLE user_account ADD COLUMN time_zone VARCHAR(64) NOT NULL DEFAULT ''",
    "ALTER TABLE user_account ADD COLUMN group_id BIGINT REFERENCES user_group (id) ON DELETE SET NULL",
    "ALTER TABLE user_account ADD COLUMN heir BIGINT",
    "ALTER TABLE user_account ADD COLUMN heir_folder BIGINT",
    "CREATE INDEX user_account_group ON user_account (group_id) WHERE group_id IS NOT NULL",
    """CREATE TABLE password_reset (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    token_hash VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
)""",
    "CREATE UNIQUE INDEX password_reset_token ON password_reset (token_hash)",
    "CREATE INDEX password_reset_owner ON password_reset (owner)",
    "CREATE INDEX password_reset_expiry ON password_reset (expires_at)",
)
KEYS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the tables; everybody starts without a group, in the site's time zone."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(**KEYS[engine.engine_type]))

    manager.add_raw(run)
    return manager
