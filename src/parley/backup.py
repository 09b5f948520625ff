"""Backups: one tar file that, unpacked into an empty data directory, is the same Parley."""

from __future__ import annotations

import contextlib
import io
import json
import sqlite3
import tarfile
from pathlib import Path

import parley
from parley.lib.clock import now_ms
from parley.lib.config import Config, ConfigError
from parley.migrate import copy_sqlite

DATABASE = "parley.db"
FILES = "files"
SECRET = "secret_key"  # noqa: S105  a file name


def write_backup(config: Config, target: Path) -> list[str]:
    """Write the tar file and return what to tell the operator.

    The database is a copy of one moment, taken beside running processes. Raises ConfigError; an
    unfinished file is removed.
    """
    if config.sqlite_path is None:
        raise ConfigError(
            f"backup copies SQLite; back up PostgreSQL with pg_dump, and keep {config.secret_path} with it"
        )
    if not config.sqlite_path.exists():
        raise ConfigError(f"there is no database at {config.sqlite_path} yet")
    if target.exists():
        raise ConfigError(f"{target} exists already: choose another name")
    part, copy = target.with_name(target.name + ".part"), target.with_name(target.name + ".db.part")
    try:
        copy_sqlite(config.sqlite_path, copy)
        part.touch(mode=0o600)
        with tarfile.open(part, "w") as tar:
            tar.add(copy, DATABASE)
            if config.secret_path.exists():
                tar.add(config.secret_path, SECRET)
            _add_files(tar, config)
            _add_about(tar)
        part.rename(target)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise ConfigError(f"{target} could not be written: {error}") from None
    finally:
        copy.unlink(missing_ok=True)
    return _told(config, target)


def _add_files(tar: tarfile.TarFile, config: Config) -> None:
    """The contents people attached. After the database: what it names is there, unless it was swept since."""
    folder = Path(config.files_url.removeprefix("file://"))
    if config.files_url.startswith("s3://") or not folder.is_dir():
        return
    for path in sorted(folder.glob("??/*")):
        if path.is_file() and path.suffix != ".part":
            with contextlib.suppress(FileNotFoundError):
                tar.add(path, f"{FILES}/{path.relative_to(folder)}")


def _add_about(tar: tarfile.TarFile) -> None:
    about = json.dumps({"parley": parley.__version__, "createdAt": now_ms()}).encode()
    entry = tarfile.TarInfo("backup.json")
    entry.size, entry.mode, entry.mtime = len(about), 0o600, now_ms() // 1000
    tar.addfile(entry, io.BytesIO(about))


def _told(config: Config, target: Path) -> list[str]:
    lines = [f"wrote {target}"]
    if config.files_url.startswith("s3://"):
        lines.append(
            "attached files are in the bucket of FILES_URL and NOT in this file: keep copies of the bucket"
        )
    if config.secret_path.exists():
        lines.append("it holds the secret key: keep it as safe as a password")
    else:
        lines.append("the secret key is in PARLEY_SECRET_KEY, not in this file: keep both")
    return lines
