"""Accounts, connections, conversations and generations."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T00:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Accounts, connections, conversations and generations"

TABLES = """
CREATE TABLE user_account (
    id {serial},
    username VARCHAR(20) NOT NULL,
    username_key VARCHAR(20) NOT NULL,
    password_hash TEXT NOT NULL,
    role VARCHAR(8) NOT NULL,
    status VARCHAR(8) NOT NULL,
    status_reason VARCHAR(200) NOT NULL DEFAULT '',
    ver INTEGER NOT NULL DEFAULT 1,
    language VARCHAR(8) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX user_account_username_key ON user_account (username_key);
CREATE INDEX user_account_status ON user_account (status, id);

CREATE TABLE bootstrap (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE
);

CREATE TABLE login_session (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    token_hash VARCHAR(64) NOT NULL,
    address VARCHAR(45) NOT NULL DEFAULT '',
    agent VARCHAR(200) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX login_session_token_hash ON login_session (token_hash);
CREATE INDEX login_session_owner ON login_session (owner, id);

CREATE TABLE login_throttle (
    key VARCHAR(80) PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE connection (
    id {serial},
    name VARCHAR(80) NOT NULL,
    provider VARCHAR(32) NOT NULL,
    base_url VARCHAR(500) NOT NULL DEFAULT '',
    key_sealed TEXT,
    key_hint VARCHAR(8) NOT NULL DEFAULT '',
    enabled BOOLEAN NOT NULL DEFAULT TRUE,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    checked_at BIGINT,
    check_error TEXT,
    check_code VARCHAR(32) NOT NULL DEFAULT '',
    check_latency_ms INTEGER,
    worked_at BIGINT,
    failing_since BIGINT
);

CREATE TABLE model (
    id {serial},
    connection BIGINT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
    public_id VARCHAR(300) NOT NULL,
    raw_id VARCHAR(256) NOT NULL,
    name VARCHAR(256) NOT NULL,
    capabilities TEXT NOT NULL DEFAULT '[]',
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX model_public_id ON model (public_id);
CREATE UNIQUE INDEX model_connection_raw ON model (connection, raw_id);

CREATE TABLE conversation (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    title VARCHAR(200) NOT NULL DEFAULT '',
    titled_by_owner BOOLEAN NOT NULL DEFAULT FALSE,
    model VARCHAR(300) NOT NULL DEFAULT '',
    leaf BIGINT,
    origin VARCHAR(128),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE INDEX conversation_recent ON conversation (owner, updated_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX conversation_origin ON conversation (owner, origin);
CREATE INDEX conversation_deleted ON conversation (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE message (
    id {serial},
    conversation BIGINT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    parent BIGINT,
    role VARCHAR(16) NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    reasoning TEXT NOT NULL DEFAULT '',
    model VARCHAR(300) NOT NULL DEFAULT '',
    model_name VARCHAR(256) NOT NULL DEFAULT '',
    client_message_id VARCHAR(128),
    body_hash VARCHAR(64) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX message_client_id ON message (conversation, client_message_id);
CREATE INDEX message_conversation ON message (conversation, id);
CREATE INDEX message_parent ON message (parent);

CREATE TABLE generation (
    id {serial},
    owner BIGINT NOT NULL,
    conversation BIGINT NOT NULL,
    message BIGINT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    model VARCHAR(300) NOT NULL,
    status VARCHAR(12) NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    lease_until BIGINT,
    shown BOOLEAN NOT NULL DEFAULT FALSE,
    stop_requested BOOLEAN NOT NULL DEFAULT FALSE,
    prefix TEXT NOT NULL DEFAULT '',
    prefix_reasoning TEXT NOT NULL DEFAULT '',
    error_code VARCHAR(32) NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    finish_reason VARCHAR(32) NOT NULL DEFAULT '',
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    first_fact_at BIGINT,
    finished_at BIGINT,
    pruned BOOLEAN NOT NULL DEFAULT FALSE
);
CREATE INDEX generation_message ON generation (message, id);
CREATE INDEX generation_conversation ON generation (conversation, id);
CREATE INDEX generation_open ON generation (status, lease_until) WHERE finished_at IS NULL;
CREATE INDEX generation_unpruned ON generation (finished_at) WHERE finished_at IS NOT NULL AND NOT pruned;

CREATE TABLE generation_event (
    id {serial},
    generation BIGINT NOT NULL REFERENCES generation (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    kind VARCHAR(16) NOT NULL,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX generation_event_seq ON generation_event (generation, seq);

CREATE TABLE worker_beat (
    name VARCHAR(80) PRIMARY KEY,
    version VARCHAR(32) NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

INSERT INTO connection (name, provider, enabled, created_at, updated_at) VALUES ('Demo', 'demo', TRUE, 0, 0);
INSERT INTO model (connection, public_id, raw_id, name, created_at)
    SELECT id, 'demo', 'demo', 'Demo model', 0 FROM connection WHERE provider = 'demo';
"""

SERIAL = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "postgres": "BIGSERIAL PRIMARY KEY"}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Create everything of the first version."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        script = TABLES.format(serial=SERIAL[engine.engine_type])
        for statement in filter(str.strip, script.split(";")):
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
