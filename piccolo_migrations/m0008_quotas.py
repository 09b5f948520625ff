"""Allowances, the ledger of what was charged, and the counters that decide."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:08:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Quotas"

TABLES = (
    """CREATE TABLE allowance (
    id {serial},
    scope VARCHAR(8) NOT NULL,
    subject VARCHAR(20) NOT NULL DEFAULT '',
    model VARCHAR(300) NOT NULL DEFAULT '',
    unit VARCHAR(8) NOT NULL,
    period VARCHAR(5) NOT NULL,
    most BIGINT
)""",
    "CREATE UNIQUE INDEX allowance_once ON allowance (scope, subject, model, unit, period)",
    """CREATE TABLE charge (
    id {serial},
    generation BIGINT NOT NULL,
    owner BIGINT NOT NULL,
    pool VARCHAR(60) NOT NULL DEFAULT '',
    model VARCHAR(300) NOT NULL,
    reason VARCHAR(12) NOT NULL,
    state VARCHAR(12) NOT NULL,
    reserved_messages BIGINT NOT NULL,
    reserved_tokens BIGINT NOT NULL,
    reserved_nano BIGINT NOT NULL,
    messages BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    nano BIGINT NOT NULL,
    at BIGINT NOT NULL,
    settled_at BIGINT
)""",
    "CREATE UNIQUE INDEX charge_generation ON charge (generation)",
    "CREATE INDEX charge_owner ON charge (owner, at)",
    "CREATE INDEX charge_pool ON charge (pool, at) WHERE pool <> ''",
    "CREATE INDEX charge_at ON charge (at)",
    """CREATE TABLE quota_use (
    id {serial},
    key VARCHAR(80) NOT NULL,
    model VARCHAR(300) NOT NULL DEFAULT '',
    unit VARCHAR(8) NOT NULL,
    period VARCHAR(5) NOT NULL,
    start_at BIGINT NOT NULL,
    end_at BIGINT NOT NULL,
    past BIGINT NOT NULL DEFAULT 0,
    used BIGINT NOT NULL
)""",
    "CREATE UNIQUE INDEX quota_use_once ON quota_use (key, end_at, start_at, model, unit, period)",
    """CREATE TABLE quota_reset (
    key VARCHAR(80) PRIMARY KEY NOT NULL,
    past BIGINT NOT NULL
)""",
    """CREATE TABLE quota_turn (
    owner {key},
    at BIGINT NOT NULL
)""",
    # What visitors may use where nobody decided otherwise.
    "INSERT INTO allowance (scope, unit, period, most) VALUES"
    " ('visitors', 'messages', 'day', 20), ('range', 'messages', 'day', 200)",
)
KEYS = {
    "sqlite": {
        "serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
        "key": "INTEGER PRIMARY KEY NOT NULL",
    },
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY", "key": "BIGINT PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the tables; only visitors are limited at first."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(**KEYS[engine.engine_type]))

    manager.add_raw(run)
    return manager
