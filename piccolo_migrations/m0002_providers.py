"""Providers, their keys, the catalogue of models, routes, settings, files, and what a generation used."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Providers, keys, catalogue, routes, settings, files"

# Braces twice doubled: once for str.format, once for Piccolo's query strings.
TABLES = """
ALTER TABLE connection ADD COLUMN preset VARCHAR(32) NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN options TEXT NOT NULL DEFAULT '{{{{}}}}';
ALTER TABLE connection ADD COLUMN headers_sealed TEXT;
ALTER TABLE connection ADD COLUMN prefix VARCHAR(40) NOT NULL DEFAULT '';
ALTER TABLE connection ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE connection ADD COLUMN listed TEXT NOT NULL DEFAULT '[]';
ALTER TABLE connection ADD COLUMN defaults TEXT NOT NULL DEFAULT '{{{{}}}}';
ALTER TABLE connection ADD COLUMN verification TEXT;
ALTER TABLE connection ADD COLUMN refresh_until BIGINT NOT NULL DEFAULT 0;

CREATE TABLE connection_key (
    id {serial},
    connection BIGINT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
    label VARCHAR(80) NOT NULL DEFAULT '',
    sealed TEXT NOT NULL,
    hint VARCHAR(8) NOT NULL DEFAULT '',
    enabled BOOLEAN NOT NULL DEFAULT TRUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX connection_key_connection ON connection_key (connection, id);
INSERT INTO connection_key (connection, sealed, hint, created_at)
    SELECT id, key_sealed, key_hint, updated_at FROM connection WHERE key_sealed IS NOT NULL ORDER BY id;
UPDATE connection SET key_sealed = NULL, key_hint = '';

ALTER TABLE model ADD COLUMN found TEXT NOT NULL DEFAULT '{{{{}}}}';
ALTER TABLE model ADD COLUMN overrides TEXT NOT NULL DEFAULT '{{{{}}}}';
ALTER TABLE model ADD COLUMN gone_at BIGINT;

CREATE TABLE route (
    id {serial},
    slug VARCHAR(64) NOT NULL,
    name VARCHAR(80) NOT NULL,
    enabled BOOLEAN NOT NULL DEFAULT TRUE,
    rules TEXT NOT NULL DEFAULT '[]',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX route_slug ON route (slug);

CREATE TABLE model_mark (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    model VARCHAR(300) NOT NULL,
    favourite BOOLEAN NOT NULL DEFAULT FALSE,
    used_at BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX model_mark_owner ON model_mark (owner, model);

CREATE TABLE setting (
    key VARCHAR(64) PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

ALTER TABLE user_account ADD COLUMN personal_prompt TEXT NOT NULL DEFAULT '';
ALTER TABLE user_account ADD COLUMN default_model VARCHAR(300) NOT NULL DEFAULT '';

ALTER TABLE conversation ADD COLUMN system_prompt TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN sampling TEXT NOT NULL DEFAULT '{{{{}}}}';
ALTER TABLE conversation ADD COLUMN reasoning TEXT NOT NULL DEFAULT '{{{{}}}}';

CREATE TABLE stored_file (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    sha256 VARCHAR(64) NOT NULL,
    mime VARCHAR(80) NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    description TEXT NOT NULL DEFAULT '',
    described_by VARCHAR(300) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE INDEX stored_file_owner ON stored_file (owner, id);
CREATE INDEX stored_file_sha256 ON stored_file (sha256);

CREATE TABLE message_file (
    id {serial},
    message BIGINT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    file BIGINT NOT NULL REFERENCES stored_file (id) ON DELETE CASCADE,
    position INTEGER NOT NULL
);
CREATE UNIQUE INDEX message_file_position ON message_file (message, position);
CREATE INDEX message_file_file ON message_file (file);

ALTER TABLE generation ADD COLUMN answered_by VARCHAR(300) NOT NULL DEFAULT '';
ALTER TABLE generation ADD COLUMN answered_name VARCHAR(256) NOT NULL DEFAULT '';
ALTER TABLE generation ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
ALTER TABLE generation ADD COLUMN reasoning_tokens INTEGER;
ALTER TABLE generation ADD COLUMN cached_tokens INTEGER;
ALTER TABLE generation ADD COLUMN estimated BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE generation ADD COLUMN cost_nano BIGINT;
ALTER TABLE generation ADD COLUMN window_tokens INTEGER;
ALTER TABLE generation ADD COLUMN first_text_at BIGINT;
ALTER TABLE generation ADD COLUMN reasoning_ms INTEGER;
"""

SERIAL = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "postgres": "BIGSERIAL PRIMARY KEY"}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add what real providers need; the keys move to a table of their own."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        script = TABLES.format(serial=SERIAL[engine.engine_type])
        for statement in filter(str.strip, script.split(";")):
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
