"""The bytes of files by content: `ab/<sha256>` in a folder or a bucket. Blocking: call in a thread.

Bytes are safe before a row names them, and go only when no row does. Whatever is cut off in between
leaves bytes without a row, which the sweep finds; never a row without bytes.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

import structlog

from parley.lib.bucket import Bucket
from parley.lib.clock import now_ms
from parley.lib.config import Config
from parley.lib.errors import NotFound, StorageFull, Unavailable
from parley.lib.storage import Folder, Storage, StorageError
from parley.web.i18n import _

log = structlog.get_logger()

GRACE = 60 * 60  # seconds; younger bytes may belong to a row that is about to be written
SHARDS = 256
PART = 1 << 20  # bytes handed out at a time
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Content:
    """One store of contents. Methods raise Unavailable when it cannot be reached."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    @classmethod
    def of(cls, config: Config) -> Content:
        """Where this copy of Parley keeps its files; raises Unavailable for a place it cannot use."""
        if config.files_url.startswith("s3://"):
            with _in_words():
                return cls(_bucket(config.files_url))
        named = config.files_url.removeprefix("file://")
        return cls(Folder(Path(named) if named else config.data / "files"))

    def keep(self, data: bytes) -> str:
        """Its sha256, once the bytes are safe; what is there already is not written again.

        Raises StorageFull. Call it again with the same bytes after the row was committed: a sweep that
        began before may have taken them away.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        with _in_words():
            if not self.storage.renew(_place(sha256), GRACE):
                self.storage.put(_place(sha256), data)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes; raises NotFound when somebody removed them."""
        for place in (_place(sha256), _aside(sha256)):
            with contextlib.suppress(FileNotFoundError), _in_words():
                return self.storage.get(place)
        raise _gone()

    def part(self, sha256: str, start: int, length: int = PART) -> bytes:
        """Some of the bytes, so that a large file is never in memory as a whole; raises NotFound."""
        for place in (_place(sha256), _aside(sha256)):
            with contextlib.suppress(FileNotFoundError), _in_words():
                return self.storage.part(place, start, length)
        raise _gone()

    def thumb(self, sha256: str) -> bytes | None:
        """The small picture made earlier, if there is one."""
        with contextlib.suppress(FileNotFoundError, StorageError):
            return self.storage.get(_place(sha256, ".thumb"))
        return None

    def keep_thumb(self, sha256: str, data: bytes) -> None:
        """Remember the small picture; it can be made again, so a full disk is no failure."""
        with contextlib.suppress(OSError, StorageError):
            self.storage.put(_place(sha256, ".thumb"), data)

    def idle(self, shard: int) -> Iterator[str]:
        """What lies in one of the SHARDS folders and is older than GRACE."""
        before = now_ms() / 1000 - GRACE
        with _in_words():
            for name, written in self.storage.listed(f"{shard:02x}"):
                if not name.endswith(".thumb") and written < before:
                    yield name

    def aside(self) -> set[str]:
        """What was put aside, also by a sweep that was cut off."""
        with _in_words():
            return {name for name, _written in self.storage.listed("aside")}

    def put_aside(self, names: Collection[str]) -> None:
        """Take contents that no row names out of the way; nothing is lost yet."""
        with _in_words():
            for name in names:
                if name.endswith(".part"):  # of a write that was cut off
                    self.storage.delete(_place(name))
                    continue
                with contextlib.suppress(FileNotFoundError):
                    self.storage.move(_place(name), _aside(name))

    def settle(self, names: Collection[str], named: Collection[str]) -> int:
        """Remove what was put aside, or put it back when `named` holds it; how many went."""
        removed = 0
        with _in_words():
            for name in names:
                if name in named:
                    with contextlib.suppress(FileNotFoundError):
                        self.storage.move(_aside(name), _place(name))
                    continue
                self.storage.delete(_aside(name))
                self.storage.delete(_place(name, ".thumb"))
                removed += 1
        return removed


def _place(sha256: str, suffix: str = "") -> str:
    return f"{sha256[:2]}/{sha256}{suffix}"


def _aside(sha256: str) -> str:
    return f"aside/{sha256}"


@lru_cache(maxsize=8)
def _bucket(url: str) -> Bucket:
    """One for the process: it keeps connections open."""
    return Bucket(url)


def _gone() -> NotFound:
    return NotFound(_("This file is not on the server any more."))


@contextlib.contextmanager
def _in_words() -> Iterator[None]:
    """Troubles of the store as sentences; FileNotFoundError goes through."""
    try:
        yield
    except StorageError as error:
        log.warning("file store", error=str(error))
        raise Unavailable(
            _("The place where files are kept does not answer. Try again in a minute.")
        ) from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull(_("The disk of the server is full. Nothing was stored.")) from error
        raise
