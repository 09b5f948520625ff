"""One uploaded file taken off the wire: to a temporary file, within a limit, refused as early as possible.

Litestar's own reader keeps what is not a file in memory and knows one limit for each address; ours depends
on a setting. Multipart as in RFC 7578; the parser is `multipart`, which Litestar uses, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO, Any

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from parley.lib.errors import AppError, Invalid, StorageFull
from parley.web.i18n import _

AROUND = 64_000  # bytes of a body that are not the file
IN_MEMORY = 1_000_000  # bytes; a larger file goes to the disk
FIELD = "file"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent. What it says of its type is of no interest."""

    name: str
    file: IO[bytes]

    def read(self) -> bytes:
        """All of it; off the disk, so call it in a thread."""
        self.file.seek(0)
        return self.file.read()


@contextlib.asynccontextmanager
async def received(request: Request[Any, Any, Any], most: int, too_large: AppError) -> AsyncIterator[Upload]:
    """The one file in the field `file` of a multipart body, at most `most` bytes; it is gone afterwards.

    Raises `too_large` before anything was read when the request says its length, else at the first byte too
    many; Invalid for any other body, StorageFull.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise _one_file()
    if (request.content_length or 0) > most + AROUND:
        raise too_large
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        try:
            with PushMultipartParser(options["boundary"], max_segment_count=20) as parser:
                reading = _Reading(parser, file, most, too_large)
                async for chunk in _body(request):
                    await reading.take(chunk)
        except MultipartError as error:
            raise _one_file() from error
        except OSError as error:
            raise StorageFull(_("The disk of the server is full. Nothing was stored.")) from error
        if reading.name is None:
            raise _one_file()
        yield Upload(reading.name, file)


class _Reading:
    """A body as far as it has come."""

    def __init__(self, parser: PushMultipartParser, file: Any, most: int, too_large: AppError) -> None:
        self.name: str | None = None
        self._parser = parser
        self._file = file
        self._left = most
        self._around = AROUND
        self._too_large = too_large
        self._segment: MultipartSegment | None = None

    async def take(self, chunk: bytes) -> None:
        for part in self._parser.parse(chunk):
            if isinstance(part, MultipartSegment):
                self._begin(part)
            elif part is None or self._segment is None:
                self._segment = None
            elif self._segment.name == FIELD and self._segment.filename is not None:
                await self._keep(bytes(part))
            else:
                self._around -= len(part)
                if self._around < 0:
                    raise self._too_large

    def _begin(self, segment: MultipartSegment) -> None:
        self._segment = segment
        if segment.name == FIELD and segment.filename is not None:
            if self.name is not None:
                raise _one_file()
            self.name = segment.filename

    async def _keep(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise self._too_large
        await asyncio.to_thread(self._file.write, data)


async def _body(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    """The pieces of a body. Read by nobody before: the token of a multipart request is not in it."""
    pieces = bytearray()  # gathered, or every 64 kB would cost a thread
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Invalid(_("The upload broke off. Try again."), code="broken_off")
        pieces += message["body"]
        if len(pieces) >= IN_MEMORY or not message.get("more_body"):
            yield bytes(pieces)
            pieces.clear()
        if not message.get("more_body"):
            return


def _one_file() -> Invalid:
    return Invalid(_("Send one file at a time, as multipart/form-data in the field “file”."))
