"""Bodies that arrive compressed although nobody asked for it, under a cap that a bomb cannot jump."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from parley.lib.http.errors import TooLarge, Unreadable

STEP = 256 * 1024  # bytes inflated at once


class Capped:
    """Counts decoded bytes and inflates gzip and deflate; raises TooLarge over `limit`."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._left = limit
        self._zlib = self._inflater(encoding.strip().lower())

    def feed(self, chunk: bytes) -> bytes:
        """The decoded bytes of `chunk`."""
        return b"".join(self.pieces(chunk))

    def pieces(self, chunk: bytes) -> Iterable[bytes]:
        """The same in pieces of at most STEP bytes: a chunk may hold a thousand times its size."""
        if self._zlib is None:
            return (self._counted(chunk),)
        return map(self._counted, self._inflated(chunk))

    def _counted(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise TooLarge("the answer is too large")
        return piece

    @staticmethod
    def _inflater(encoding: str) -> zlib._Decompress | None:
        if encoding in ("", "identity"):
            return None
        if encoding in ("gzip", "x-gzip", "deflate"):
            return zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out which of the two headers it is
        raise Unreadable(f"the answer uses the compression {encoding[:20]!r}, which nobody asked for")

    def _inflated(self, chunk: bytes) -> Iterator[bytes]:
        assert self._zlib is not None
        try:
            while chunk and self._left >= 0:
                # One more than allowed shows that it is too much.
                yield self._zlib.decompress(chunk, min(STEP, self._left + 1))
                chunk = self._zlib.unconsumed_tail
        except zlib.error as error:
            raise Unreadable("the answer is compressed in a broken way") from error
