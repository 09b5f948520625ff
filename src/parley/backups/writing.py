"""Writing a backup while people work: the database of one moment, then the files, then the manifest."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

import parley
from parley.backups import manifest, postgres
from parley.backups.manifest import DATABASES, Manifest, Piece, Refused
from parley.lib.clock import now_ms
from parley.lib.config import Config
from parley.migrate import copy_sqlite, known_steps, recorded_in_sqlite
from parley.web.i18n import N_

EXISTS = N_("%(name)s exists already: choose another name.")
NOTHING = N_("There is no database yet.")
UNWRITTEN = N_("The backup could not be written: %(why)s")

Progress = Callable[[int, int], None]  # bytes written, bytes expected


def write_backup(
    config: Config, target: Path, passphrase: str = "", progress: Progress = lambda _done, _all: None
) -> list[str]:
    """Write the file and return what to tell the operator; blocking, memory does not grow with the data.

    Without a passphrase the secret key is left out. Raises Refused; an unfinished file is removed.
    """
    manifest.checked_passphrase(passphrase)
    if config.sqlite_path is not None and not config.sqlite_path.exists():
        raise Refused(NOTHING)
    if target.exists():
        raise Refused(EXISTS, name=target.name)
    part, copy = target.with_name(target.name + ".part"), target.with_name(target.name + ".db.part")
    try:
        about = _copy(config, copy)
        with open(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            _Archive(file, about, progress).write(config, copy, passphrase)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise Refused(UNWRITTEN, why=str(error)) from None
    finally:
        for left in (part, copy):
            left.unlink(missing_ok=True)
    return _told(about, target, sealed=bool(passphrase and config.secret))


def _copy(config: Config, copy: Path) -> Manifest:
    """The database of one moment beside the target, and what is known about it."""
    if config.sqlite_path is None:
        schema = [step.id for step in known_steps()]  # `serve` never runs on another
        postgres.dump(config.database_url, copy)
    else:
        copy_sqlite(config.sqlite_path, copy)
        schema = recorded_in_sqlite(copy)
    return Manifest(
        parley=parley.__version__,
        createdAt=now_ms(),
        engine="postgres" if config.sqlite_path is None else "sqlite",
        schema=schema,
        filesInside=not config.files_url.startswith("s3://"),
    )


class _Archive:
    """A tar archive as it grows."""

    def __init__(self, file: IO[bytes], about: Manifest, progress: Progress) -> None:
        self._file, self._about, self._progress = file, about, progress
        self._done = self._all = 0

    def write(self, config: Config, copy: Path, passphrase: str) -> None:
        folder = Path(config.files_url.removeprefix("file://"))
        inside = self._about.filesInside
        self._all = copy.stat().st_size + (
            sum(each.stat().st_size for each in _files(folder)) if inside else 0
        )
        with tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT) as tar:
            self._add(tar, copy, DATABASES[self._about.engine])
            for path in _files(folder) if inside else ():
                # Swept away since: no message names it any more.
                with contextlib.suppress(FileNotFoundError):
                    self._add(tar, Path(path), f"files/{path.path.removeprefix(f'{folder}/')}")
            about = self._about
            if passphrase and config.secret:
                about = manifest.seal(about, config.secret, passphrase)
            text = manifest.written(about)
            tar.addfile(_entry(manifest.NAME, len(text)), io.BytesIO(text))
        self._progress(self._all, self._all)

    def _add(self, tar: tarfile.TarFile, path: Path, name: str) -> None:
        with path.open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            hashing = _Hashing(source, self._told)
            tar.addfile(_entry(name, size), cast(IO[bytes], hashing))  # only `read` is asked
        tar.members.clear()  # type: ignore[attr-defined]  # kept only for listings, and would grow with the number of files
        self._about.pieces.append(Piece(name, size, hashing.sha256.hexdigest()))

    def _told(self, count: int) -> None:
        self._done += count
        self._progress(self._done, max(self._done, self._all))


class _Hashing:
    """A file that is hashed while tar reads it."""

    def __init__(self, source: IO[bytes], told: Callable[[int], None]) -> None:
        self.sha256 = hashlib.sha256()
        self._source, self._told = source, told

    def read(self, size: int) -> bytes:
        data = self._source.read(size)
        self.sha256.update(data)
        self._told(len(data))
        return data


def _files(folder: Path) -> Iterator[os.DirEntry[str]]:
    """The contents people attached, in the order of their names, without those being written."""
    if not folder.is_dir():
        return
    for below in sorted(each.path for each in os.scandir(folder) if len(each.name) == 2 and each.is_dir()):
        for entry in sorted(os.scandir(below), key=lambda each: each.name):
            wanted = manifest.PIECES.fullmatch(f"files/{Path(below).name}/{entry.name}")
            if wanted and entry.is_file(follow_symlinks=False) and not entry.name.endswith(".part"):
                yield entry


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, 0o600, now_ms() // 1000
    return entry


def _told(about: Manifest, target: Path, *, sealed: bool) -> list[str]:
    lines = [f"wrote {target}"]
    if not about.filesInside:
        lines.append(
            "attached files are in the bucket of FILES_URL and NOT in this file: keep copies of the bucket"
        )
    if sealed:
        lines.append("it holds the secret key under your passphrase: without the passphrase it is lost")
    else:
        lines.append(
            "the secret key is NOT in it (no passphrase was given): keep secret_key or PARLEY_SECRET_KEY"
            " apart, or provider keys must be entered again after a restore"
        )
    return lines
