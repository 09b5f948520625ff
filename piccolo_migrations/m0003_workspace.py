"""The conversation workspace: branches, folders, tags, ratings, prompts, shares, imports, documents."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Conversation workspace"

# Braces twice doubled: once for str.format, once for Piccolo's query strings.
TABLES = """
ALTER TABLE conversation ADD COLUMN folder BIGINT;
ALTER TABLE conversation ADD COLUMN pinned_at BIGINT;
ALTER TABLE conversation ADD COLUMN archived_at BIGINT;
ALTER TABLE conversation ADD COLUMN temporary BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE conversation ADD COLUMN forked_from BIGINT;
ALTER TABLE conversation ADD COLUMN title_due BIGINT;
ALTER TABLE conversation ADD COLUMN title_tries INTEGER NOT NULL DEFAULT 0;
DROP INDEX conversation_recent;
CREATE INDEX conversation_recent ON conversation (owner, updated_at DESC, id DESC)
    WHERE deleted_at IS NULL AND archived_at IS NULL AND temporary = FALSE;
CREATE INDEX conversation_loose ON conversation (owner, updated_at DESC, id DESC)
    WHERE deleted_at IS NULL AND archived_at IS NULL AND temporary = FALSE
    AND pinned_at IS NULL AND folder IS NULL;
CREATE INDEX conversation_pinned ON conversation (owner, pinned_at DESC, id DESC)
    WHERE pinned_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX conversation_archived ON conversation (owner, archived_at DESC, id DESC)
    WHERE archived_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX conversation_folder ON conversation
    (folder, updated_at DESC, id DESC, pinned_at, archived_at, deleted_at) WHERE folder IS NOT NULL;
CREATE INDEX conversation_title_due ON conversation (title_due) WHERE title_due IS NOT NULL;
CREATE INDEX conversation_owner ON conversation (owner, id);
CREATE INDEX conversation_temporary ON conversation (updated_at) WHERE temporary = TRUE;

CREATE TABLE folder (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    name VARCHAR(80) NOT NULL,
    position INTEGER NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE INDEX folder_owner ON folder (owner, position, id);

CREATE TABLE conversation_tag (
    id {serial},
    conversation BIGINT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    name VARCHAR(40) NOT NULL
);
CREATE UNIQUE INDEX conversation_tag_name ON conversation_tag (conversation, name);
CREATE INDEX conversation_tag_owner ON conversation_tag (owner, name, conversation DESC);

ALTER TABLE message ADD COLUMN chosen_child BIGINT;
ALTER TABLE message ADD COLUMN instruction VARCHAR(500) NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN deleted_at BIGINT;
UPDATE message SET chosen_child = (SELECT MAX(c.id) FROM message c WHERE c.parent = message.id);
CREATE INDEX message_deleted ON message (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX message_roots ON message (conversation, id) WHERE parent IS NULL;

CREATE TABLE message_rating (
    id {serial},
    message BIGINT NOT NULL REFERENCES message (id) ON DELETE CASCADE,
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    value INTEGER NOT NULL,
    comment VARCHAR(2000) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX message_rating_message ON message_rating (message, owner);
CREATE INDEX message_rating_recent ON message_rating (updated_at DESC, id DESC);

ALTER TABLE stored_file ADD COLUMN name VARCHAR(200) NOT NULL DEFAULT '';
ALTER TABLE stored_file ADD COLUMN extracted TEXT;
ALTER TABLE stored_file ADD COLUMN extracted_all BOOLEAN NOT NULL DEFAULT TRUE;
ALTER TABLE stored_file ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stored_file ADD COLUMN characters_used INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stored_file ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stored_file ADD COLUMN avatar BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX stored_file_age ON stored_file (created_at) WHERE sha256 <> '';

ALTER TABLE user_account ADD COLUMN avatar BIGINT;
ALTER TABLE user_account ADD COLUMN preferences TEXT NOT NULL DEFAULT '{{{{}}}}';

CREATE TABLE prompt (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    shared BOOLEAN NOT NULL DEFAULT FALSE,
    command VARCHAR(40) NOT NULL,
    title VARCHAR(120) NOT NULL,
    body TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX prompt_command ON prompt (owner, command) WHERE deleted_at IS NULL;
CREATE INDEX prompt_shared ON prompt (command) WHERE shared = TRUE AND deleted_at IS NULL;

CREATE TABLE prompt_version (
    id {serial},
    prompt BIGINT NOT NULL REFERENCES prompt (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    title VARCHAR(120) NOT NULL,
    body TEXT NOT NULL,
    author BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX prompt_version_number ON prompt_version (prompt, number);

CREATE TABLE share (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    conversation BIGINT NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
    token VARCHAR(64) NOT NULL,
    title VARCHAR(200) NOT NULL,
    content TEXT NOT NULL,
    live BOOLEAN NOT NULL DEFAULT FALSE,
    leaf BIGINT,
    views INTEGER NOT NULL DEFAULT 0,
    viewed_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX share_token ON share (token);
CREATE INDEX share_owner ON share (owner, id DESC);
CREATE INDEX share_conversation ON share (conversation);

CREATE TABLE share_file (
    id {serial},
    share BIGINT NOT NULL REFERENCES share (id) ON DELETE CASCADE,
    file BIGINT NOT NULL REFERENCES stored_file (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX share_file_once ON share_file (share, file);

CREATE TABLE import_job (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    name VARCHAR(200) NOT NULL,
    source VARCHAR(16) NOT NULL DEFAULT '',
    status VARCHAR(12) NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    lease_until BIGINT,
    file VARCHAR(64) NOT NULL DEFAULT '',
    size BIGINT NOT NULL,
    done INTEGER NOT NULL DEFAULT 0,
    percent INTEGER NOT NULL DEFAULT 0,
    total INTEGER,
    error VARCHAR(500) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX import_job_owner ON import_job (owner, id DESC);
CREATE INDEX import_job_open ON import_job (status, lease_until) WHERE finished_at IS NULL;

CREATE TABLE import_item (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    job BIGINT NOT NULL REFERENCES import_job (id) ON DELETE CASCADE,
    source VARCHAR(16) NOT NULL,
    external VARCHAR(128) NOT NULL,
    conversation BIGINT REFERENCES conversation (id) ON DELETE SET NULL,
    title VARCHAR(200) NOT NULL DEFAULT '',
    outcome VARCHAR(12) NOT NULL,
    messages INTEGER NOT NULL DEFAULT 0,
    notes VARCHAR(500) NOT NULL DEFAULT ''
);
CREATE INDEX import_item_job ON import_item (job, id);
CREATE INDEX import_item_external ON import_item (owner, source, external);
"""

SERIAL = {"sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL", "postgres": "BIGSERIAL PRIMARY KEY"}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Add what the conversation workspace needs."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        script = TABLES.format(serial=SERIAL[engine.engine_type])
        for statement in filter(str.strip, script.split(";")):
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
