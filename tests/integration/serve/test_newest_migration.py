"""The newest migration of the product, made to fail at each of its statements, leaves what was before."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from piccolo.table import Table

from parley.lib.config import ConfigError
from parley.migrate import known_steps, migrate

POSTGRES_SCHEMA = (
    "SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns"
    " WHERE table_schema = 'public' UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
    " UNION ALL SELECT 'migration ' || name FROM migration ORDER BY 1"
)
SQLITE_SCHEMA = (
    "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master"
    " UNION ALL SELECT 'migration ' || name FROM migration ORDER BY 1"
)


async def schema(url: str) -> list[str]:
    """Every table, column, index and recorded migration."""
    if url.startswith("sqlite://"):
        connection = sqlite3.connect(url.removeprefix("sqlite://"))
        rows = connection.execute(SQLITE_SCHEMA).fetchall()
        connection.close()
        return [row[0] for row in rows]
    postgres = await asyncpg.connect(url)
    found = [row[0] for row in await postgres.fetch(POSTGRES_SCHEMA)]
    await postgres.close()
    return found


class Fault:
    """Lets so many statements through, then fails."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = 10**6
        real = Table.raw.__func__  # type: ignore[attr-defined]

        def raw(cls: type[Table], sql: str, *args: Any) -> Any:
            if self.left == 0:
                raise RuntimeError("the disk said no")
            self.left -= 1
            return real(cls, sql, *args)

        monkeypatch.setattr(Table, "raw", classmethod(raw))


async def each_statement_undone(url: str, tmp_path: Path, fault: Fault) -> None:
    *earlier, newest = known_steps()
    folder = tmp_path / "steps"
    folder.mkdir()
    for step in earlier:
        shutil.copy(step.path, folder)
    await migrate(url, tmp_path / "snapshots", folder)
    before = await schema(url)
    shutil.copy(newest.path, folder)
    fault.left = at = 0
    done: list[str] = []
    while not done:
        try:
            done = await migrate(url, tmp_path / "snapshots", folder)
        except ConfigError:
            assert await schema(url) == before, f"after a failure at statement {at}"
            fault.left = at = at + 1
    assert done == [newest.id]
    assert at > 1
    assert await migrate(url, tmp_path / "snapshots", folder) == []


def test_on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(each_statement_undone(f"sqlite://{tmp_path / 'p.db'}", tmp_path, Fault(monkeypatch)))


async def test_on_postgres(empty_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await each_statement_undone(empty_postgres_url, tmp_path, Fault(monkeypatch))
