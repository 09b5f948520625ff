"""Other ways in: second factors, passkeys, identities of an OpenID Connect provider."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder
from piccolo.table import Table

ID = "2026-11-21T13:13:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Second factors, passkeys, single sign-on"

TABLES = (
    """CREATE TABLE sign_in_challenge (
    key VARCHAR(64) PRIMARY KEY,
    purpose VARCHAR(16) NOT NULL,
    owner BIGINT REFERENCES user_account (id) ON DELETE CASCADE,
    data TEXT NOT NULL,
    failures INTEGER NOT NULL DEFAULT 0,
    expires_at BIGINT NOT NULL
)""",
    "CREATE INDEX sign_in_challenge_expires ON sign_in_challenge (expires_at)",
    "CREATE INDEX sign_in_challenge_owner ON sign_in_challenge (owner)",
    """CREATE TABLE second_factor (
    owner BIGINT PRIMARY KEY REFERENCES user_account (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    last_step BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT
)""",
    """CREATE TABLE recovery_code (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    code_hash VARCHAR(64) NOT NULL,
    used_at BIGINT
)""",
    "CREATE UNIQUE INDEX recovery_code_owner ON recovery_code (owner, code_hash)",
    """CREATE TABLE passkey (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    name VARCHAR(60) NOT NULL,
    credential VARCHAR(1400) NOT NULL,
    public_key TEXT NOT NULL,
    sign_count BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    used_at BIGINT
)""",
    "CREATE UNIQUE INDEX passkey_credential ON passkey (credential)",
    "CREATE INDEX passkey_owner ON passkey (owner, id)",
    """CREATE TABLE oidc_identity (
    id {serial},
    owner BIGINT NOT NULL REFERENCES user_account (id) ON DELETE CASCADE,
    issuer VARCHAR(500) NOT NULL,
    subject VARCHAR(255) NOT NULL,
    name VARCHAR(120) NOT NULL DEFAULT '',
    made_account BOOLEAN NOT NULL DEFAULT FALSE,
    created_at BIGINT NOT NULL,
    used_at BIGINT
)""",
    "CREATE UNIQUE INDEX oidc_identity_subject ON oidc_identity (issuer, subject)",
    "CREATE INDEX oidc_identity_owner ON oidc_identity (owner, id)",
    """CREATE TABLE oidc_secret (
    id INTEGER PRIMARY KEY NOT NULL,
    issuer VARCHAR(500) NOT NULL,
    sealed TEXT NOT NULL,
    updated_at BIGINT NOT NULL
)""",
)
WORDS = {
    "sqlite": {"serial": "INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL"},
    "postgres": {"serial": "BIGSERIAL PRIMARY KEY"},
}


class Raw(Table):
    """Only a door to the engine: migrations import no tables of the product."""


async def forwards() -> MigrationManager:
    """Make the tables, empty."""
    manager = MigrationManager(migration_id=ID, app_name="parley", description=DESCRIPTION)

    async def run() -> None:
        engine = engine_finder()
        assert engine is not None
        for statement in TABLES:
            await Raw.raw(statement.format(**WORDS[engine.engine_type]))

    manager.add_raw(run)
    return manager
