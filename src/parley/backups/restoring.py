"""Putting a backup back. Everything is unpacked and checked beside; only then something is moved."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from parley.backups import manifest, postgres
from parley.backups.manifest import DATABASES, Manifest, Refused
from parley.backups.reading import unpack
from parley.backups.swapping import Move, is_cut_off, put_back, swap
from parley.lib.clock import now_ms
from parley.lib.config import Config
from parley.migrate import recorded_in_sqlite
from parley.web.i18n import N_

OTHER_ENGINE = N_("This backup is of %(there)s, and this Parley runs on %(here)s.")
NOT_EMPTY = N_("There is data here already. To put it aside and go on, add --replace.")
BUSY = N_("Another backup is being restored just now.")
NOT_MOVED = N_("The backup could not be put in place: %(why)s")
STAGED, READY, NOTE = "restore", "ready", "swap.xid"  # below the data directory
TAILS = ("-wal", "-shm")  # what SQLite keeps beside a database


def restore(config: Config, file: Path, passphrase: str = "", *, replace: bool = False) -> list[str]:
    """Put the backup `file` in place of an empty data directory, or of what is there with `replace`.

    The caller owns the data directory. Returns what to tell the operator. Raises Refused with
    nothing changed.
    """
    folder = config.data / STAGED
    back = recover(config)
    try:
        about = stage(config, file, passphrase, replace=replace)
        return back + install(config, folder, about, replace=replace)
    finally:
        if not is_cut_off(config.data):  # else the way back leads through it
            shutil.rmtree(folder, ignore_errors=True)


def stage(config: Config, file: Path, passphrase: str, *, replace: bool = False) -> Manifest:
    """Unpack and check a backup in `restore` below the data directory; `install` moves it from there.

    Raises Refused; then that folder is gone again and nothing else was touched.
    """
    folder = config.data / STAGED
    here = "sqlite" if config.sqlite_path is not None else "postgres"
    if not replace and not _is_empty(config):
        raise Refused(NOT_EMPTY)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    try:
        about = unpack(file, folder)
        if about.engine != here:
            raise Refused(OTHER_ENGINE, there=about.engine, here=here)
        if secret := manifest.opened(about, passphrase):
            _write_secret(folder / "secret_key", secret)
        if about.filesInside:
            (folder / "files").mkdir(mode=0o700, exist_ok=True)
        (folder / manifest.NAME).write_bytes(manifest.written(about))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return about


def stage_for_restart(config: Config, file: Path, passphrase: str, wanted: Callable[[], bool]) -> bool:
    """Unpack and check a backup so that the next `prepare` puts it in place. Raises Refused.

    False, with nothing left, when it is not `wanted` any more once it was checked.
    """
    with _one_at_a_time(config):
        stage(config, file, passphrase, replace=True)
        if not wanted():
            shutil.rmtree(config.data / STAGED, ignore_errors=True)
            return False
        (config.data / STAGED / READY).touch()
    return True


@contextlib.contextmanager
def _one_at_a_time(config: Config) -> Iterator[None]:
    """Whoever uploads while another's backup is unpacked, or waits for the start, is refused."""
    with (config.data / ".restore.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(BUSY) from None
        if (config.data / STAGED / READY).exists():
            raise Refused(BUSY)
        yield


def apply_staged(config: Config) -> Config:
    """Put in place what `stage_for_restart` left, keep aside what was there; the config with its secret."""
    folder = config.data / STAGED
    try:
        install(config, folder, manifest.read((folder / manifest.NAME).read_bytes()), replace=True)
    except (Refused, OSError):  # said once; the next start goes on with what is here
        (folder / READY).unlink(missing_ok=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    if not config.secret_path.exists():
        return config
    return dataclasses.replace(config, secret=config.secret_path.read_bytes().strip())


def install(config: Config, folder: Path, about: Manifest, *, replace: bool) -> list[str]:
    """Move a checked, unpacked backup into place; what was there goes to `replaced-<ms>`. Raises Refused.

    Killed in the middle, `recover` puts back what was there.
    """
    aside = config.data / f"replaced-{now_ms()}"
    moves: list[Move] = []
    load = None
    if config.sqlite_path is None:
        load = _loading(config, folder / DATABASES[about.engine], aside, replace=replace)
    else:
        moves += _database_moves(config.sqlite_path, folder / DATABASES[about.engine], aside)
    files = Path(config.files_url.removeprefix("file://"))
    if about.filesInside and not config.files_url.startswith("s3://"):
        moves += _moves(folder / "files", files, aside / "files")
    moves += _moves(folder / "secret_key", config.secret_path, aside / "secret_key")
    _swap(config, aside, moves, load)
    (config.data / NOTE).unlink(missing_ok=True)
    entries = "1 entry" if len(about.pieces) == 1 else f"{len(about.pieces)} entries"
    lines = [f"restored {entries} written by Parley {about.parley}"]
    if aside.exists():
        lines.append(f"what was here before is in {aside}")
    if about.key is None:
        lines.append("the secret key was not in it: provide the old secret_key, or enter provider keys again")
    return lines


def recover(config: Config) -> list[str]:
    """Put back what was here before a restore or rollback that was killed; what to tell the operator.

    The caller owns the data directory and has opened nothing in it. Raises Refused when it cannot be done.
    """
    of_server = config.sqlite_path is None
    is_done = partial(postgres.committed, config.database_url, config.data / NOTE) if of_server else None
    outcome = put_back(config.data, is_done)
    (config.data / NOTE).unlink(missing_ok=True)
    if not outcome:
        return []
    lines = ["a restore was cut off: what was here before is back in place"]
    if outcome == "done":
        lines = ["a restore was cut off at its very end: the backup is in place"]
        shutil.rmtree(config.data / STAGED, ignore_errors=True)
    elif (config.data / STAGED / READY).exists():
        lines.append("it is tried again now")
    else:
        shutil.rmtree(config.data / STAGED, ignore_errors=True)
    return lines


def roll_back(config: Config) -> list[str]:
    """Put the copy taken before the last update back; the file as it is now is kept aside.

    The caller owns the data directory. Raises Refused when there is none.
    """
    recover(config)
    path = config.sqlite_path
    copies = sorted((config.data / "snapshots").glob("before-*.db"), key=lambda each: each.stat().st_mtime_ns)
    if path is None or not copies:
        raise Refused(N_("There is no copy of the database from before an update."))
    recorded = recorded_in_sqlite(copies[-1])
    if not recorded:
        raise Refused(DAMAGED_COPY, name=copies[-1].name)
    aside = config.data / f"replaced-{now_ms()}"
    fresh = path.with_name(path.name + ".part")
    try:
        shutil.copyfile(copies[-1], fresh)
        fresh.chmod(0o600)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise Refused(NOT_MOVED, why=error.strerror or str(error)) from None
    try:
        _swap(config, aside, _database_moves(path, fresh, aside))
    finally:
        if not is_cut_off(config.data):  # else the next start would take the database for it
            fresh.unlink(missing_ok=True)
    return [
        f"{copies[-1].name} is the database again; it has the migrations up to {recorded[-1]}",
        f"what was there before is in {aside}",
        "start the version you updated from: this one would migrate it again",
    ]


DAMAGED_COPY = N_("The copy %(name)s cannot be used.")


def _is_empty(config: Config) -> bool:
    """Whether nothing of a Parley is here. PostgreSQL refuses by itself to make tables that are there."""
    if config.sqlite_path is not None and config.sqlite_path.exists():
        return False
    return not any((config.data / name).exists() for name in ("secret_key", "parley.db"))


def _swap(config: Config, aside: Path, moves: list[Move], last: Callable[[], None] | None = None) -> None:
    try:
        swap(config.data, aside, moves, last)
    except OSError as error:
        raise Refused(NOT_MOVED, why=error.strerror or str(error)) from None


def _database_moves(path: Path, source: Path, aside: Path) -> list[Move]:
    """With what SQLite keeps beside it: without its -wal the old file would have lost its last changes."""
    if not source.exists():
        return []
    beside = [path.with_name(path.name + tail) for tail in TAILS]
    return [
        *((each, aside / each.name) for each in beside if each.exists()),
        *_moves(source, path, aside / path.name),
    ]


def _moves(source: Path, place: Path, aside: Path) -> list[Move]:
    """What is at `place` goes aside, `source` comes there; nothing where there is no source."""
    if not source.exists():
        return []
    return [*([(place, aside)] if place.exists() else []), (source, place)]


def _loading(config: Config, source: Path, aside: Path, *, replace: bool) -> Callable[[], None]:
    """Keep a dump of the database aside that is replaced; how to load the other, all or nothing."""
    if replace:
        aside.mkdir(mode=0o700, exist_ok=True)
        postgres.dump(config.database_url, aside / "parley.dump")
    (config.data / NOTE).unlink(missing_ok=True)  # of another one
    return partial(postgres.load, config.database_url, source, config.data / NOTE, replace=replace)


def _write_secret(path: Path, secret: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret + b"\n")
        file.flush()
        os.fsync(file.fileno())
