"""Migrations are all or nothing, whatever stops them, on both engines."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from parley.lib.config import ConfigError
from parley.migrate import check_database, known_steps, migrate, recorded_in_sqlite

ROOT = Path(__file__).parents[3]
STEP = """
import os, signal
from pathlib import Path
from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.table import Table

ID = "{id}"


class Raw(Table):
    pass


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="parley", description="test")

    async def run():
        for number, statement in enumerate({statements!r}):
            if (fault := Path(__file__).with_name("fault-{name}")).exists():
                kind, at = fault.read_text().split()
                if number == int(at):
                    if kind == "kill":
                        os.kill(os.getpid(), signal.SIGKILL)
                    raise RuntimeError("the disk said no")
            await Raw.raw(statement)

    manager.add_raw(run)
    return manager
"""
FIRST = ["CREATE TABLE a (id INTEGER PRIMARY KEY, t TEXT)", "INSERT INTO a VALUES (1, 'kept')"]
SECOND = [
    "ALTER TABLE a ADD COLUMN u TEXT",
    "CREATE TABLE b (id INTEGER PRIMARY KEY)",
    "UPDATE a SET u = 'new'",
    "CREATE INDEX a_u ON a (u)",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Migrations of a small product: the first release."""
    folder = tmp_path / "steps"
    folder.mkdir()
    release(folder, "m0001_first", FIRST)
    return folder


def release(folder: Path, name: str, statements: list[str]) -> None:
    (folder / f"{name}.py").write_text(STEP.format(id=f"id-{name}", name=name, statements=statements))


def run(url: str, snapshots: Path, folder: Path) -> list[str]:
    return asyncio.run(migrate(url, snapshots, folder))


def in_a_process(url: str, snapshots: Path, folder: Path) -> int:
    code = (
        "import asyncio, sys; from pathlib import Path; from parley.migrate import migrate\n"
        "asyncio.run(migrate(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))"
    )
    command = [sys.executable, "-c", code, url, str(snapshots), str(folder)]
    environ = {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, env=environ, capture_output=True, timeout=60, check=False).returncode


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def schema(path: Path) -> list[tuple[object, ...]]:
    return rows(path, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY sql")


def test_a_fresh_file_gets_everything_and_a_second_run_nothing(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "p.db"
    assert run(f"sqlite://{path}", tmp_path / "snapshots", folder) == ["id-m0001_first"]
    assert run(f"sqlite://{path}", tmp_path / "snapshots", folder) == []
    assert rows(path, "SELECT * FROM a") == [(1, "kept")]
    assert not (tmp_path / "snapshots").exists()


def test_an_update_first_copies_the_file_and_keeps_five_copies(tmp_path: Path, folder: Path) -> None:
    path, snapshots = tmp_path / "p.db", tmp_path / "snapshots"
    run(f"sqlite://{path}", snapshots, folder)
    for number in range(2, 9):
        release(folder, f"m000{number}_more", [f"CREATE TABLE t{number} (id INTEGER)"])
        run(f"sqlite://{path}", snapshots, folder)
    copies = sorted(snapshots.iterdir())
    assert [copy.name.split("-")[1] for copy in copies] == [f"m000{n}_more" for n in range(4, 9)]
    assert rows(copies[-1], "SELECT * FROM a") == [(1, "kept")]
    assert ("CREATE TABLE t8 (id INTEGER)",) not in schema(copies[-1])
    assert copies[-1].stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("at", range(len(SECOND)))
def test_a_statement_that_fails_undoes_the_migration(tmp_path: Path, folder: Path, at: int) -> None:
    path, url = tmp_path / "p.db", f"sqlite://{tmp_path / 'p.db'}"
    run(url, tmp_path / "snapshots", folder)
    before = schema(path)
    release(folder, "m0002_second", SECOND)
    (folder / "fault-m0002_second").write_text(f"raise {at}")
    with pytest.raises(ConfigError, match=r"m0002_second\.py failed and was undone.*the disk said no"):
        run(url, tmp_path / "snapshots", folder)
    assert schema(path) == before
    assert recorded_in_sqlite(path) == ["id-m0001_first"]
    (folder / "fault-m0002_second").unlink()
    assert run(url, tmp_path / "snapshots", folder) == ["id-m0002_second"]
    assert rows(path, "SELECT u FROM a") == [("new",)]


@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_kill_in_the_middle_undoes_the_migration(tmp_path: Path, folder: Path, at: int) -> None:
    path, url = tmp_path / "p.db", f"sqlite://{tmp_path / 'p.db'}"
    run(url, tmp_path / "snapshots", folder)
    before = schema(path)
    release(folder, "m0002_second", SECOND)
    (folder / "fault-m0002_second").write_text(f"kill {at}")
    assert in_a_process(url, tmp_path / "snapshots", folder) == -signal.SIGKILL
    assert schema(path) == before
    (folder / "fault-m0002_second").unlink()
    assert in_a_process(url, tmp_path / "snapshots", folder) == 0
    assert recorded_in_sqlite(path) == ["id-m0001_first", "id-m0002_second"]


def test_a_kill_during_the_very_first_migration_leaves_nothing_half_made(
    tmp_path: Path, folder: Path
) -> None:
    path, url = tmp_path / "p.db", f"sqlite://{tmp_path / 'p.db'}"
    (folder / "fault-m0001_first").write_text("kill 1")
    assert in_a_process(url, tmp_path / "snapshots", folder) == -signal.SIGKILL
    assert schema(path) == []
    (folder / "fault-m0001_first").unlink()
    assert in_a_process(url, tmp_path / "snapshots", folder) == 0


def test_a_database_of_a_newer_version_is_refused_and_not_touched(tmp_path: Path, folder: Path) -> None:
    path, url = tmp_path / "p.db", f"sqlite://{tmp_path / 'p.db'}"
    release(folder, "m0002_second", SECOND)
    run(url, tmp_path / "snapshots", folder)
    (folder / "m0002_second.py").unlink()
    release(folder, "m0001_other_branch", ["CREATE TABLE never (id INTEGER)"])
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"newer Parley.*id-m0002_second"):
        run(url, tmp_path / "snapshots", folder)
    assert path.read_bytes() == before


def test_a_copy_that_cannot_be_written_stops_the_update(tmp_path: Path, folder: Path) -> None:
    path, url = tmp_path / "p.db", f"sqlite://{tmp_path / 'p.db'}"
    run(url, tmp_path / "snapshots", folder)
    release(folder, "m0002_second", SECOND)
    (tmp_path / "blocked").write_text("")
    with pytest.raises(ConfigError, match="nothing was changed"):
        run(url, tmp_path / "blocked", folder)
    assert recorded_in_sqlite(path) == ["id-m0001_first"]


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "p.db").write_text("not a database, by any means" * 100)
    with pytest.raises(ConfigError, match="not a database"):
        asyncio.run(check_database(f"sqlite://{tmp_path / 'p.db'}"))


def test_nothing_heavy_is_imported_when_nothing_is_pending(tmp_path: Path, folder: Path) -> None:
    url = f"sqlite://{tmp_path / 'p.db'}"
    run(url, tmp_path / "snapshots", folder)
    code = (
        "import asyncio, sys; from pathlib import Path; from parley.migrate import migrate\n"
        "asyncio.run(migrate(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))\n"
        "print(sorted({'piccolo', 'asyncpg', 'litestar', 'structlog'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, url, str(tmp_path), str(folder)],
        env={"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


def test_the_steps_of_this_version_are_in_order_and_unique() -> None:
    ids = [step.id for step in known_steps()]
    assert ids == sorted(set(ids))


def test_a_step_needs_no_other() -> None:
    """They are loaded by their paths: where Parley is started from decides what else could be imported."""
    for step in known_steps():
        assert "from piccolo_migrations" not in step.path.read_text(), step.path.name


async def test_postgres_migrates_once_however_many_start(
    empty_postgres_url: str, tmp_path: Path, folder: Path
) -> None:
    release(folder, "m0002_second", SECOND)
    done = await asyncio.gather(*(migrate(empty_postgres_url, tmp_path, folder) for _ in range(3)))
    assert sorted(done) == [[], [], ["id-m0001_first", "id-m0002_second"]]


async def test_postgres_undoes_a_migration_that_fails(
    empty_postgres_url: str, tmp_path: Path, folder: Path
) -> None:
    await migrate(empty_postgres_url, tmp_path, folder)
    release(folder, "m0002_second", SECOND)
    (folder / "fault-m0002_second").write_text("raise 3")
    with pytest.raises(ConfigError, match="was undone"):
        await migrate(empty_postgres_url, tmp_path, folder)
    (folder / "fault-m0002_second").unlink()
    assert await migrate(empty_postgres_url, tmp_path, folder) == ["id-m0002_second"]


async def test_a_postgres_that_is_not_there_is_one_line() -> None:
    with pytest.raises(ConfigError, match="PostgreSQL cannot be used") as caught:
        await check_database("postgresql://parley:hunter2@127.0.0.1:1/parley")
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)
