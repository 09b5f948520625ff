"""An export taken off the wire: straight to its place on disk, whatever its size.

Multipart as in RFC 7578. files/receiving.py does the same for files that are looked at at once; an export
may be of gigabytes, which no temporary folder (often memory) should hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from parley.importing.container import NO_EXPORT, kind_of
from parley.importing.neutral import line
from parley.lib.config import Config
from parley.lib.errors import AppError, Invalid, StorageFull
from parley.web.i18n import _

AnyRequest = Request[Any, Any, Any]

AROUND = 64_000  # bytes of a body that are not the file
PIECE = 1_000_000  # bytes written at once
SPARE = 500_000_000  # bytes that stay free on the disk
LEFT = 60 * 60  # seconds
FIELD = "file"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in the folder of imports; `name` is what it was called, and only ever shown."""

    file: str
    name: str
    size: int


def folder_of(config: Config) -> Path:
    """Where uploads wait for the worker."""
    return config.data / "imports"


async def received(request: AnyRequest, config: Config, most: int) -> Upload:
    """Store the one file of the field `file`, at most `most` bytes.

    Raises Invalid (`too_large` before anything is read, when the request says its length), StorageFull.
    Nothing is left on disk then.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise _one_file()
    announced = request.content_length or 0
    if announced > most + AROUND:
        raise too_large(most)
    path = await asyncio.to_thread(_new_path, folder_of(config), announced)
    try:
        with path.open("xb") as file:
            writing = _Writing(PushMultipartParser(options["boundary"], max_segment_count=20), file, most)
            async for piece in _body(request):
                await asyncio.to_thread(writing.take, piece)
            name = writing.finished()
            await asyncio.to_thread(os.fsync, file.fileno())
        if not await asyncio.to_thread(kind_of, path):
            raise Invalid(_(NO_EXPORT), code="no_export")
        return Upload(path.name, line(name) or _("File"), writing.size)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, MultipartError):
            raise _one_file() from error
        if isinstance(error, OSError):
            raise _full() from error
        raise


def remove_idle(folder: Path, needed: Collection[str], now: int) -> int:
    """Remove what nobody needs and nobody has written to for LEFT; how many files. Blocking."""
    removed = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.name not in needed and path.stat().st_mtime < now / 1000 - LEFT:
                path.unlink()
                removed += 1
    return removed


class _Writing:
    """A body as far as it has come. Blocking."""

    def __init__(self, parser: PushMultipartParser, file: BinaryIO, most: int) -> None:
        self.size = 0
        self._name: str | None = None
        self._parser = parser
        self._file = file
        self._most = most
        self._around = AROUND
        self._segment: MultipartSegment | None = None

    def take(self, piece: bytes) -> None:
        """Write what of it belongs to the file."""
        for part in self._parser.parse(piece):
            if isinstance(part, MultipartSegment):
                self._begin(part)
            elif part is not None:
                self._keep(part)

    def finished(self) -> str:
        """The name of the file, once all has come."""
        self._parser.close()
        self._file.flush()
        if not self._name:
            raise Invalid(_("Choose a file first."), code="no_file")
        if not self.size:
            raise Invalid(_("This file is empty."), code="empty_file")
        return self._name

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        if segment.name == FIELD and segment.filename is not None:
            if self._name is not None:
                raise _one_file()
            self._name = segment.filename

    def _keep(self, part: bytes) -> None:
        segment = self._segment
        if segment is not None and segment.name == FIELD and segment.filename is not None:
            self.size += len(part)
            if self.size > self._most:
                raise too_large(self._most)
            if shutil.disk_usage(self._file.name).free < SPARE:  # others may be writing, too
                raise _full()
            self._file.write(part)
            return
        self._around -= len(part)
        if self._around < 0:
            raise _one_file()


async def _body(request: AnyRequest) -> AsyncIterator[bytes]:
    """The pieces of a body, gathered: each costs a thread."""
    pieces = bytearray()
    more = True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Invalid(_("The upload broke off. Try again."), code="broken_off")
        pieces += message["body"]
        more = bool(message.get("more_body"))
        if pieces and (len(pieces) >= PIECE or not more):
            yield bytes(pieces)
            pieces.clear()


def _new_path(folder: Path, announced: int) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < announced + SPARE:
        raise _full()
    return folder / secrets.token_hex(16)


def too_large(most: int) -> AppError:
    """What is said about a file above the limit."""
    return Invalid(
        _("This file is too large: an export may have at most %(most)s MB.", most=f"{most // 1_000_000:,}"),
        code="too_large",
    )


def _one_file() -> Invalid:
    return Invalid(_("Send one file at a time, as multipart/form-data in the field “file”."))


def _full() -> StorageFull:
    return StorageFull(_("The disk of the server is full. Nothing was stored."))
