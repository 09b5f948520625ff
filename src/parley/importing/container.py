"""An uploaded export, opened: a ZIP or a JSON file. Blocking: call in a thread.

Entry names are never used as paths; sizes are believed only as limits, which `zipfile` then holds to.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from parley.files.pictures import MOST_BYTES as MOST_PICTURE
from parley.importing.elements import Broken, Stream
from parley.importing.neutral import Attachment
from parley.lib.zips import NoZip, entries_of
from parley.web.i18n import N_

MOST_ENTRIES = 100_000  # files in a ZIP
MOST_DIRECTORY = 64_000_000  # bytes of a ZIP's table of contents, which is read as a whole
MOST_UNPACKED = 40_000_000_000  # bytes of all conversations in a ZIP
MOST_RATIO = 200  # of unpacked to packed; JSON of chats reaches about 20, deflate ends at 1,032
FREE_RATIO = 10_000_000  # bytes for which the ratio is of no interest
MOST_FILE = 100_000_000  # bytes of a document, the highest its setting goes

DAMAGED = N_("This ZIP is damaged or cut off. Download the export again and upload it once more.")
BOMB = N_("This ZIP unpacks to far more than its size. It was not read.")
CROWDED = N_("This ZIP has more than 100,000 files. It was not read.")
LOCKED = N_("This ZIP has a password. Unpack it, pack it again without one, and upload that.")
NO_EXPORT = N_("This is neither a ZIP nor a JSON file.")

_ASSET = re.compile("file[-_][A-Za-z0-9]+")
# Nothing else is in exports, and only of these `zipfile` unpacks no more than it is asked for.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Refused(Exception):
    """The file cannot be read at all; the message is an English sentence of ours."""


class Container:
    """One opened file. Use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip: zipfile.ZipFile | None = None
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._assets: dict[str, zipfile.ZipInfo] | None = None
        self._total = path.stat().st_size
        self._read = 0

    def __enter__(self) -> Container:
        """Open it; raises Refused."""
        kind = kind_of(self._path)
        if kind == "":
            raise Refused(NO_EXPORT)
        if kind == "zip":
            self._open_zip()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._zip is not None:
            self._zip.close()

    @property
    def names(self) -> list[str]:
        """The entries of a ZIP; [""] for a plain file, which is its own only entry."""
        return list(self._entries) if self._zip is not None else [""]

    @property
    def percent(self) -> int:
        """How much of what was announced by `announce` has been read."""
        return min(99, self._read * 100 // self._total) if self._total else 99

    def announce(self, names: list[str]) -> None:
        """Say which entries will be read; raises Refused when they unpack to too much."""
        if self._zip is None:
            return
        infos = [self._entries[name] for name in names]
        for info in infos:
            _check(info)
        self._total = sum(info.file_size for info in infos)
        if self._total > MOST_UNPACKED:
            raise Refused(BOMB)

    @contextmanager
    def stream(self, name: str) -> Iterator[Stream]:
        """The bytes of one entry. Reading raises Broken where the ZIP is damaged."""
        with self._opened(name) as file:
            yield _Counted(file, self._count)

    def picture(self, id: str, name: str = "") -> Attachment | None:
        """A picture by its path, or by the id that ChatGPT's pointers and file names share."""
        return self._attachment(id, name, "pictures", MOST_PICTURE)

    def file(self, id: str, name: str) -> Attachment | None:
        """A file of any kind, found like a picture."""
        return self._attachment(id, name, "files", MOST_FILE)

    def _attachment(self, id: str, name: str, kind: str, most: int) -> Attachment | None:
        info = self._entries.get(id) or self._asset(id)
        if info is None or info.file_size > most:
            return None
        return Attachment(lambda: self._bytes(info), name, kind)

    def _open_zip(self) -> None:
        _check_directory(self._path)
        try:
            self._zip = zipfile.ZipFile(self._path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Refused(DAMAGED) from error
        infos = [info for info in self._zip.infolist() if not info.is_dir()]
        if len(infos) > MOST_ENTRIES:
            raise Refused(CROWDED)
        if any(info.compress_type not in _METHODS for info in infos):
            raise Refused(DAMAGED)
        self._entries = {info.filename: info for info in infos if not _is_junk(info.filename)}

    def _asset(self, id: str) -> zipfile.ZipInfo | None:
        if self._assets is None:
            self._assets = {}
            for name, info in self._entries.items():
                if found := _ASSET.match(name.rpartition("/")[2]):
                    self._assets.setdefault(found[0], info)
        found = _ASSET.search(id.rpartition("://")[2])  # "file-service://…" has one too many
        return self._assets.get(found[0]) if found else None

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO | IO[bytes]]:
        if self._zip is None:
            with self._path.open("rb") as plain:
                yield plain
            return
        try:
            packed = self._zip.open(self._entries[name])
        except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
            raise Broken(str(error)) from error
        except RuntimeError as error:  # what zipfile says of a password
            raise Refused(LOCKED) from error
        with packed:
            yield packed

    def _bytes(self, info: zipfile.ZipInfo) -> bytes:
        assert self._zip is not None
        try:
            with self._zip.open(info) as file:
                return file.read(info.file_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
            raise OSError(str(error)) from error

    def _count(self, read: int) -> None:
        self._read += read


class _Counted:
    """A stream that says how far it is, and whose failures are ours."""

    def __init__(self, file: BinaryIO | IO[bytes], count: Callable[[int], None]) -> None:
        self._file = file
        self._count = count

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._file.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Broken(str(error)) from error
        self._count(len(data))
        return data


def kind_of(path: Path) -> str:
    """ "zip" or "json" by how the file begins, "" for anything else."""
    with path.open("rb") as file:
        head = file.read(512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    return "json" if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{") else ""


def _check(info: zipfile.ZipInfo) -> None:
    if info.flag_bits & 1:
        raise Refused(LOCKED)
    if info.file_size > FREE_RATIO and info.file_size > info.compress_size * MOST_RATIO:
        raise Refused(BOMB)


def _check_directory(path: Path) -> None:
    """Refuse a table of contents that would fill the memory before `zipfile` can be asked."""
    try:
        with path.open("rb") as file:
            crowded = entries_of(file, MOST_ENTRIES, MOST_DIRECTORY) > MOST_ENTRIES
    except NoZip as error:
        raise Refused(DAMAGED) from error
    if crowded:
        raise Refused(CROWDED)


def _is_junk(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")
