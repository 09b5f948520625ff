"""Tables, migrations and Piccolo's insides fit together on both engines."""

from __future__ import annotations

import inspect

import pytest
from piccolo.columns import ForeignKey
from piccolo.engine.base import Engine
from piccolo.engine.sqlite import SQLiteEngine
from piccolo.table import Table

from parley.lib.db import Database
from parley.lib.db.sqlite import PooledEngine
from parley.piccolo_app import APP_CONFIG

TABLES = sorted(APP_CONFIG.table_classes, key=lambda table: table._meta.tablename)


async def columns(db: Database, table: str) -> dict[str, bool]:
    """The columns of a migrated table, and whether each may be NULL."""
    if db.kind == "sqlite":
        rows = await db.fetch(f"PRAGMA table_info({table})")
        return {row["name"]: not row["notnull"] and not row["pk"] for row in rows}
    rows = await db.fetch(
        "SELECT column_name, is_nullable FROM information_schema.columns "
        "WHERE table_schema = 'public' AND table_name = ?",
        table,
    )
    return {row["column_name"]: row["is_nullable"] == "YES" for row in rows}


def test_every_domain_has_its_tables_registered() -> None:
    assert {table._meta.tablename for table in TABLES} >= {
        "user_account", "login_session", "connection", "model", "conversation", "message", "generation",
        "generation_event",
    }  # fmt: skip


async def test_tables_and_migrated_schema_name_the_same_columns(db: Database) -> None:
    for table in TABLES:
        found = await columns(db, table._meta.tablename)
        assert set(found) == {column._meta.db_column_name for column in table._meta.columns}, table
        for column in table._meta.columns:
            if not isinstance(column, ForeignKey):  # Piccolo's are nullable unless they have a default
                assert found[column._meta.db_column_name] == column._meta.null, column


async def test_piccolo_can_read_every_table(db: Database) -> None:
    for table in TABLES:
        await table.select().limit(1)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table._meta.tablename)
def test_a_foreign_key_points_at_a_registered_table(table: type[Table]) -> None:
    for key in table._meta.foreign_key_columns:
        assert key._foreign_key_meta.resolved_references in TABLES


def test_the_private_method_we_replace_is_still_the_one_piccolo_calls() -> None:
    ours = inspect.signature(PooledEngine._run_in_new_connection)
    theirs = inspect.signature(SQLiteEngine._run_in_new_connection)
    assert list(ours.parameters) == list(theirs.parameters)
    for caller in (SQLiteEngine.run_querystring, SQLiteEngine.run_ddl):
        assert "self._run_in_new_connection(" in inspect.getsource(caller)


def test_piccolo_still_takes_its_path_and_timeout_as_we_give_them() -> None:
    parameters = inspect.signature(SQLiteEngine.__init__).parameters
    assert {"path", "connection_kwargs"} <= set(parameters)
    assert "transaction_type" in inspect.signature(SQLiteEngine.transaction).parameters


def test_piccolo_still_looks_at_the_server_only_through_the_method_we_silence() -> None:
    assert "self.check_version()" in inspect.getsource(Engine.__init__)
