"""The bytes of files on disk, by content: `ab/<sha256>` under one folder. Blocking: call in a thread.

Bytes are on disk before a row names them, and go only when no row does. Whatever is cut off in between
leaves bytes without a row, which the sweep finds; never a row without bytes.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

from parley.lib.clock import now_ms
from parley.lib.config import Config
from parley.lib.errors import NotFound, StorageFull, Unavailable
from parley.web.i18n import _

GRACE = 60 * 60  # seconds; younger bytes may belong to a row that is about to be written
SHARDS = 256
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Content:
    """One folder of contents."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def of(cls, config: Config) -> Content:
        """Where this copy of Parley keeps its files; raises Unavailable for a place it cannot use yet."""
        if config.files_url.startswith("s3://"):
            raise Unavailable(_("FILES_URL names a bucket, and this version keeps files in a folder only."))
        named = config.files_url.removeprefix("file://")
        return cls(Path(named) if named else config.data / "files")

    def keep(self, data: bytes) -> str:
        """Its sha256, once the bytes are safe on disk; what is there already is not written again.

        Raises StorageFull. Call it again with the same bytes after the row was committed: a sweep that
        began before may have taken them away.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            if not self._touched(sha256):
                self._write(self._path(sha256), data)
        except OSError as error:
            if error.errno in _FULL:
                raise StorageFull(_("The disk of the server is full. Nothing was stored.")) from error
            raise
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes; raises NotFound when somebody removed them from the disk."""
        for path in (self._path(sha256), self._aside(sha256)):
            with contextlib.suppress(FileNotFoundError):
                return path.read_bytes()
        raise NotFound(_("This file is not on the server's disk any more."))

    def thumb(self, sha256: str) -> bytes | None:
        """The small picture made earlier, if there is one."""
        with contextlib.suppress(FileNotFoundError):
            return self._path(sha256, ".thumb").read_bytes()
        return None

    def keep_thumb(self, sha256: str, data: bytes) -> None:
        """Remember the small picture; it can be made again, so a full disk is no failure."""
        with contextlib.suppress(OSError):
            self._write(self._path(sha256, ".thumb"), data)

    def idle(self, shard: int) -> Iterator[str]:
        """What lies in one of the SHARDS folders and is older than GRACE."""
        before = now_ms() / 1000 - GRACE
        for path in self._listed(self.folder / f"{shard:02x}"):
            with contextlib.suppress(FileNotFoundError):
                if path.suffix != ".thumb" and path.stat().st_mtime < before:
                    yield path.name

    def aside(self) -> set[str]:
        """What was put aside, also by a sweep that was cut off."""
        return {path.name for path in self._listed(self.folder / "aside")}

    def put_aside(self, names: Collection[str]) -> None:
        """Take contents that no row names out of the way; nothing is lost yet."""
        for name in names:
            if name.endswith(".part"):  # of a write that was cut off
                (self.folder / name[:2] / name).unlink(missing_ok=True)
                continue
            self._aside(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):
                os.replace(self._path(name), self._aside(name))

    def settle(self, names: Collection[str], named: Collection[str]) -> int:
        """Remove what was put aside, or put it back when `named` holds it; how many went."""
        removed = 0
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                if name in named:
                    os.replace(self._aside(name), self._path(name))
                    continue
                self._aside(name).unlink()
                removed += 1
                self._path(name, ".thumb").unlink(missing_ok=True)
        return removed

    def _path(self, sha256: str, suffix: str = "") -> Path:
        return self.folder / sha256[:2] / (sha256 + suffix)

    def _aside(self, sha256: str) -> Path:
        return self.folder / "aside" / sha256

    def _touched(self, sha256: str) -> bool:
        try:
            os.utime(self._path(sha256))  # its grace begins anew
        except FileNotFoundError:
            return False
        return True

    def _write(self, path: Path, data: bytes) -> None:
        """Whole or not at all: a part of its own, fsync, rename, fsync of the folder."""
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
            self._sync(folder)

    def _sync(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _listed(self, folder: Path) -> list[Path]:
        return list(folder.iterdir()) if folder.is_dir() else []
