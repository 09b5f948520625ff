"""Where bytes lie under names like `ab/abcd…`: a folder here, a bucket in `lib/bucket.py`. Blocking."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol


class StorageError(Exception):
    """The store cannot be used now. The message is for the log, and names no secret."""


class Storage(Protocol):
    """What a store of bytes can do. Every method may raise StorageError or OSError."""

    def put(self, name: str, data: bytes) -> None:
        """Keep these bytes: whole or not at all, safe when this returns."""

    def get(self, name: str) -> bytes:
        """All bytes; raises FileNotFoundError."""

    def part(self, name: str, start: int, length: int) -> bytes:
        """Some bytes, fewer at the end; raises FileNotFoundError."""

    def renew(self, name: str, seconds: float) -> bool:
        """Whether it is there and will not count as older than `seconds` for that long; else put it again."""

    def move(self, name: str, to: str) -> None:
        """Give it another name, over whatever has that; raises FileNotFoundError."""

    def delete(self, name: str) -> None:
        """Remove it; nothing happens when it is not there."""

    def listed(self, folder: str) -> Iterator[tuple[str, float]]:
        """Names directly in `folder` (without it), and when each was last written: seconds of the epoch."""


class Folder:
    """A folder of this machine. Raises OSError as it comes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, data: bytes) -> None:
        """A part of its own, fsync, rename, fsync of the folders."""
        path = self.root / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with open(part, "xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        for folder in (path.parent, path.parent.parent):
            _sync(folder)

    def get(self, name: str) -> bytes:
        """All bytes."""
        return (self.root / name).read_bytes()

    def part(self, name: str, start: int, length: int) -> bytes:
        """Some bytes."""
        with open(self.root / name, "rb") as file:
            file.seek(start)
            return file.read(length)

    def renew(self, name: str, seconds: float) -> bool:
        """Its age begins anew."""
        try:
            os.utime(self.root / name)
        except FileNotFoundError:
            return False
        return True

    def move(self, name: str, to: str) -> None:
        """One rename."""
        (self.root / to).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.replace(self.root / name, self.root / to)

    def delete(self, name: str) -> None:
        """Remove it."""
        (self.root / name).unlink(missing_ok=True)

    def listed(self, folder: str) -> Iterator[tuple[str, float]]:
        """Names, with those of writes that were cut off (`….part`)."""
        with contextlib.suppress(FileNotFoundError):
            for path in list((self.root / folder).iterdir()):
                with contextlib.suppress(FileNotFoundError):
                    yield path.name, path.stat().st_mtime


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
