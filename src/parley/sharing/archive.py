"""A ZIP that is sent while it is being made: no file on disk, no more in memory than one piece.

The format (PKWARE APPNOTE 4.3.9, 4.4.4 bit 3): where the sink cannot seek, sizes and sums stand behind each
entry, and the directory at the end. `zipfile` writes that by itself for a file object without `tell`.
"""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import IO, cast

from parley.lib.clock import now_ms

BLOCK = 65_536  # bytes; smaller ones are packed at once, larger ones in a thread


class _Sink:
    """Where the ZIP is written to; it cannot seek."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""


class ZipStream:
    """One archive. What `entry` and `end` yield, one after the other, are its bytes."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(cast(IO[bytes], self._sink), "w", allowZip64=True)
        self._at = datetime.fromtimestamp(now_ms() / 1000, UTC).timetuple()[:6]

    async def entry(
        self, name: str, data: AsyncIterator[bytes], *, packed: bool = True
    ) -> AsyncIterator[bytes]:
        """Add a file piece by piece. `packed` False stores what would not become smaller."""
        with self._opened(name, packed) as entry:
            async for piece in data:
                for start in range(0, len(piece), 16 * BLOCK):
                    block = piece[start : start + 16 * BLOCK]
                    if packed and len(block) > BLOCK:
                        await asyncio.to_thread(entry.write, block)
                    else:
                        entry.write(block)
                    if taken := self._taken():
                        yield taken
        yield self._taken()

    def end(self) -> bytes:
        """The directory; nothing can be added after it."""
        self._zip.close()
        return self._taken()

    @contextmanager
    def _opened(self, name: str, packed: bool) -> Iterator[IO[bytes]]:
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        info.external_attr = 0o600 << 16
        # Sizes are not known before: without this an entry over 2 GB would be refused when it ends.
        with self._zip.open(info, "w", force_zip64=True) as entry:
            yield entry

    def _taken(self) -> bytes:
        taken = b"".join(self._sink.parts)
        self._sink.parts.clear()
        return taken
