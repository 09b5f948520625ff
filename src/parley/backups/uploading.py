"""A backup taken off the wire for the first run: straight to its place on disk, whatever its size.

Multipart as in RFC 7578; the parser is `multipart`, which Litestar uses, too.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from parley.lib.config import Config
from parley.lib.errors import Invalid, StorageFull
from parley.web.i18n import _

PIECE = 1_000_000  # bytes written at once
FIELDS = 4_096  # bytes of everything that is not the file


@contextlib.asynccontextmanager
async def received(request: Request[Any, Any, Any], config: Config) -> AsyncIterator[tuple[Path, str]]:
    """The file of the field `file` and the text of `passphrase`; the file is gone afterwards.

    Raises Invalid for any other body, StorageFull.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise Invalid(_("Choose a file first."), code="no_file")
    path = config.data / f".restore-{secrets.token_hex(8)}.part"
    try:
        with path.open("xb") as file:  # the umask of the process keeps it private
            reading = _Reading(PushMultipartParser(options["boundary"], max_segment_count=20), file)
            await reading.all_of(request)
        yield path, reading.passphrase.decode("utf-8", "replace")
    except MultipartError as error:
        raise Invalid(_("The upload broke off. Try again."), code="broken_off") from error
    except OSError as error:
        raise StorageFull(_("The disk of the server is full. Nothing was stored.")) from error
    finally:
        path.unlink(missing_ok=True)


class _Reading:
    """A body as far as it has come."""

    def __init__(self, parser: PushMultipartParser, file: BinaryIO) -> None:
        self.passphrase = bytearray()
        self._parser = parser
        self._file = file
        self._left = FIELDS
        self._name = ""
        self._files = 0

    async def all_of(self, request: Request[Any, Any, Any]) -> None:
        pieces, more = bytearray(), True
        while more:
            message = await request.receive()
            if message["type"] != "http.request":
                raise Invalid(_("The upload broke off. Try again."), code="broken_off")
            pieces += message["body"]
            more = bool(message.get("more_body"))
            if len(pieces) >= PIECE or not more:
                await asyncio.to_thread(self._take, bytes(pieces))
                pieces.clear()
        self._parser.close()
        if not self._files:
            raise Invalid(_("Choose a file first."), code="no_file")

    def _take(self, piece: bytes) -> None:
        for part in self._parser.parse(piece):
            if isinstance(part, MultipartSegment):
                self._name = part.name or ""
                self._files += self._name == "file" and bool(part.filename)
            elif part is not None and self._name == "file":
                self._file.write(part)
            elif part is not None:
                self._left -= len(part)
                if self._left < 0:
                    raise Invalid(_("Choose a file first."), code="no_file")
                if self._name == "passphrase":
                    self.passphrase += part
