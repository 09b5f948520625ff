"""Brings the database to the schema of this version: all of a migration, or nothing of it.

Piccolo's own runner records a migration after its transaction, so a kill between the two leaves a
database that can never be migrated again. Here the record is part of the transaction. Piccolo is
only imported when something is pending.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from parley.lib.clock import now_ms
from parley.lib.config import CHECKOUT, ConfigError, point_piccolo_at

if TYPE_CHECKING:
    from piccolo.engine.base import Engine

FOLDER = CHECKOUT / "piccolo_migrations"
APP = "parley"
SNAPSHOTS_KEPT = 5
LOCK = 7_261_894_305  # of PostgreSQL's advisory locks: one migrating process at a time
CONNECT_WITHIN = 5.0  # seconds
LOCK_WITHIN = 120.0


class Step(NamedTuple):
    """A migration as the folder names it."""

    id: str
    path: Path


def known_steps(folder: Path = FOLDER) -> list[Step]:
    """The migrations of this version in their order, read without importing them."""
    steps = []
    for path in sorted(folder.glob("m*.py")):
        found = re.search(r'^ID = "([^"]+)"$', path.read_text("utf-8"), re.MULTILINE)
        if found is None:
            raise ConfigError(f'{path} has no line ID = "…"')
        steps.append(Step(found.group(1), path))
    return steps


async def migrate(database_url: str, snapshots: Path, folder: Path = FOLDER) -> list[str]:
    """Apply what is pending and return the ids of it.

    A SQLite file that already holds data is first copied into `snapshots`. Raises ConfigError, with
    the database as it was before the migration that failed.
    """
    steps = known_steps(folder)
    if not database_url.startswith("sqlite://"):
        async with _only_one(database_url) as connection:
            pending = _pending(steps, await _recorded_in_postgres(connection))
            return await _apply(database_url, pending)
    path = Path(database_url.removeprefix("sqlite://"))
    recorded = recorded_in_sqlite(path)
    pending = _pending(steps, recorded)
    if pending and recorded:
        take_snapshot(path, snapshots, f"before-{pending[0].path.stem}")
    return await _apply(database_url, pending)


def _pending(steps: Sequence[Step], recorded: Sequence[str]) -> list[Step]:
    known = {step.id for step in steps}
    newer = [name for name in recorded if name not in known]
    if newer:
        raise ConfigError(
            f"the database was used by a newer Parley (it has migration {newer[-1]}): "
            "start that version again, or restore a backup made before the update"
        )
    return [step for step in steps if step.id not in set(recorded)]


def recorded_in_sqlite(path: Path) -> list[str]:
    """The migrations a SQLite file has; none when there is no file. Raises ConfigError."""
    if not path.exists():
        return []
    try:
        with contextlib.closing(_open(path)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'migration'").fetchone():
                return []
            rows = connection.execute("SELECT name FROM migration WHERE app_name = ? ORDER BY id", (APP,))
            return [row[0] for row in rows]
    except sqlite3.Error as error:
        raise ConfigError(f"DATABASE_URL: {path} cannot be used: {error}") from None


def _open(path: Path) -> sqlite3.Connection:
    """Never creates the file, never checkpoints what a running web process owns."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=15)
    connection.execute("PRAGMA wal_autocheckpoint=0")
    return connection


def take_snapshot(path: Path, snapshots: Path, name: str) -> Path:
    """A complete copy of a SQLite file, also while it is in use; the last few are kept.

    Raises ConfigError when it cannot be written; nothing is then left behind.
    """
    target = snapshots / f"{name}-{now_ms()}.db"
    part = target.with_suffix(".part")
    try:
        snapshots.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy_sqlite(path, part)
        part.rename(target)
    except (OSError, sqlite3.Error) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise ConfigError(
            f"the copy before the update could not be written to {snapshots} ({error}); nothing was changed"
        ) from None
    for old in sorted(snapshots.glob("*.db"), key=lambda file: file.stat().st_mtime_ns)[:-SNAPSHOTS_KEPT]:
        old.unlink()
    return target


def copy_sqlite(path: Path, target: Path) -> None:
    """`VACUUM INTO`: one consistent moment of the file, private, on disk when this returns."""
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with contextlib.closing(_open(path)) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))


async def _connect(database_url: str) -> Any:
    import asyncpg

    try:
        return await asyncpg.connect(database_url, timeout=CONNECT_WITHIN)
    except TimeoutError:
        reason = f"no answer within {CONNECT_WITHIN:g} s"
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = " ".join(str(error).split())
    raise ConfigError(f"DATABASE_URL: PostgreSQL cannot be used: {reason}")


async def check_database(database_url: str) -> None:
    """Raise ConfigError when the database cannot be reached, or is newer than this version."""
    if database_url.startswith("sqlite://"):
        _pending(known_steps(), recorded_in_sqlite(Path(database_url.removeprefix("sqlite://"))))
        return
    connection = await _connect(database_url)
    try:
        _pending(known_steps(), await _recorded_in_postgres(connection))
    finally:
        await connection.close()


@contextlib.asynccontextmanager
async def _only_one(database_url: str) -> AsyncIterator[Any]:
    connection = await _connect(database_url)
    try:
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=LOCK_WITHIN)
        except TimeoutError:
            raise ConfigError("another Parley is still migrating this database: try again later") from None
        yield connection
    finally:
        await connection.close()  # the lock ends with its session


async def _recorded_in_postgres(connection: Any) -> list[str]:
    if await connection.fetchval("SELECT to_regclass('migration')") is None:
        return []
    rows = await connection.fetch("SELECT name FROM migration WHERE app_name = $1 ORDER BY id", APP)
    return [row["name"] for row in rows]


async def _apply(database_url: str, pending: Sequence[Step]) -> list[str]:
    if not pending:
        return []
    engine = _engine_for(database_url)
    for step in pending:
        try:
            await _apply_one(engine, step)
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ConfigError(
                f"migration {step.path.name} failed and was undone, nothing of it remains: {reason}"
            ) from error
    return [step.id for step in pending]


def _engine_for(database_url: str) -> Engine[Any]:
    """Piccolo's engine for this database, also found by migrations that ask `engine_finder()`."""
    point_piccolo_at(database_url)
    from parley import piccolo_conf
    from parley.lib.db import open_database

    piccolo_conf.DB = open_database(database_url).engine
    return piccolo_conf.DB


async def _apply_one(engine: Engine[Any], step: Step) -> None:
    from piccolo.apps.migrations.tables import Migration

    Migration._meta.db = engine
    manager = await _load(step).forwards()
    manager.wrap_in_transaction = False  # it is in ours, together with its record
    async with engine.transaction():
        await Migration.create_table(if_not_exists=True)
        with contextlib.redirect_stdout(io.StringIO()):
            await manager.run()
        await Migration.insert(Migration(name=step.id, app_name=APP))


def _load(step: Step) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"parley_migration_{step.path.stem}", step.path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
