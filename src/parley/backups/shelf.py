"""The backups kept below the data directory: their names, what is known about each, which have to go."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from parley.backups import manifest
from parley.backups.manifest import Refused
from parley.backups.reading import verify
from parley.backups.writing import write_backup
from parley.lib.clock import now_ms
from parley.lib.config import Config

NAME = re.compile(r"parley-(auto-)?[0-9]{8}-[0-9]{6}-[0-9]{3}\.tar")
AUTO = "parley-auto-"
PROGRESS_EVERY_MS = 250
STALE_MS = 600_000  # a part nobody has written to for so long


class Note(msgspec.Struct, kw_only=True):
    """What was found when the backup was last opened; kept beside it."""

    checkedAt: int
    fault: str = ""
    parley: str = ""
    sealed: bool = False
    files: int = 0


class Progress(msgspec.Struct):
    """How far a backup is, in bytes."""

    done: int
    all: int
    at: int


@dataclass(frozen=True, slots=True)
class Kept:
    """One backup on the shelf; `note` is None until it was opened."""

    name: str
    size: int
    made_at: int  # ms
    note: Note | None

    @property
    def scheduled(self) -> bool:
        """Whether it was made by itself."""
        return self.name.startswith(AUTO)


def folder_of(config: Config) -> Path:
    """Where they are."""
    return config.data / "backups"


def path_of(config: Config, name: str) -> Path | None:
    """The file of this name; None when there is none."""
    path = folder_of(config) / name
    return path if NAME.fullmatch(name) and path.is_file() else None


def new_name(now: int, *, scheduled: bool) -> str:
    """A name by the time in UTC; later ones sort later."""
    when = datetime.fromtimestamp(now / 1000, UTC).strftime("%Y%m%d-%H%M%S")
    return f"{AUTO if scheduled else 'parley-'}{when}-{now % 1000:03d}.tar"


def kept(config: Config) -> list[Kept]:
    """All of them, the newest first."""
    found = []
    for path in folder_of(config).glob("parley-*.tar"):
        with contextlib.suppress(FileNotFoundError):
            stat = path.stat()
            if NAME.fullmatch(path.name):
                found.append(Kept(path.name, stat.st_size, stat.st_mtime_ns // 1_000_000, _note(path)))
    return sorted(found, key=lambda each: each.made_at, reverse=True)


def make(config: Config, name: str, passphrase: str) -> Note:
    """Write a backup, open it again, and note what was found; blocking. Raises Refused, nothing is left."""
    folder = folder_of(config)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    progress = folder / ".progress"
    last = 0

    def told(done: int, all: int) -> None:
        nonlocal last
        if (now := now_ms()) - last >= PROGRESS_EVERY_MS:
            last = now
            _write(progress, msgspec.json.encode(Progress(done, all, now)))

    try:
        write_backup(config, folder / name, passphrase, told)
        note = check(folder / name)
    finally:
        progress.unlink(missing_ok=True)
    if note.fault:
        delete(folder / name)
        raise Refused(manifest.DAMAGED, why=note.fault[:120])
    return note


def check(path: Path) -> Note:
    """Open a backup, compare every hash, and keep what was found beside it; blocking."""
    try:
        about = verify(path)
        note = Note(
            checkedAt=now_ms(), parley=about.parley, sealed=about.key is not None, files=len(about.pieces) - 1
        )
    except Refused as refused:
        note = Note(checkedAt=now_ms(), fault=str(refused)[:300])
    _write(path.with_suffix(".json"), msgspec.json.encode(note))
    return note


def progress_of(config: Config) -> Progress | None:
    """How far the one being made is; None when none is being written."""
    try:
        return msgspec.json.decode((folder_of(config) / ".progress").read_bytes(), type=Progress)
    except (OSError, msgspec.MsgspecError):
        return None


def delete(path: Path) -> None:
    """Remove a backup and what is known about it."""
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


def prune(config: Config, keep: int) -> list[str]:
    """Remove the oldest of those made by themselves; their names."""
    spare = [each.name for each in kept(config) if each.scheduled][keep:]
    for name in spare:
        delete(folder_of(config) / name)
    return spare


def _sweep(folder: Path) -> None:
    """What a killed process left half-written."""
    for path in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime * 1000 < now_ms() - STALE_MS:
                path.unlink()


def _note(path: Path) -> Note | None:
    try:
        return msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError):
        return None


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.new")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    part.rename(path)
