"""Bodies that arrive compressed although nobody asked for it, under a cap that a bomb cannot jump."""

from __future__ import annotations

import zlib

from parley.lib.http.errors import TooLarge, Unreadable

STEP = 256 * 1024  # bytes inflated at once


class Capped:
    """Counts decoded bytes and inflates gzip and deflate; raises TooLarge over `limit`."""

    def __init__(self, encoding: str, limit: int) -> None:
        self._left = limit
        self._zlib = self._inflater(encoding.strip().lower())

    def feed(self, chunk: bytes) -> bytes:
        """The decoded bytes of `chunk`."""
        decoded = chunk if self._zlib is None else self._inflate(chunk)
        self._left -= len(decoded)
        if self._left < 0:
            raise TooLarge("the answer is too large")
        return decoded

    @staticmethod
    def _inflater(encoding: str) -> zlib._Decompress | None:
        if encoding in ("", "identity"):
            return None
        if encoding in ("gzip", "x-gzip", "deflate"):
            return zlib.decompressobj(zlib.MAX_WBITS | 32)  # finds out which of the two headers it is
        raise Unreadable(f"the answer uses the compression {encoding[:20]!r}, which nobody asked for")

    def _inflate(self, chunk: bytes) -> bytes:
        assert self._zlib is not None
        parts: list[bytes] = []
        room = self._left + 1  # one more than allowed shows that it is too much
        try:
            while chunk and room > 0:
                parts.append(self._zlib.decompress(chunk, min(STEP, room)))
                room -= len(parts[-1])
                chunk = self._zlib.unconsumed_tail
        except zlib.error as error:
            raise Unreadable("the answer is compressed in a broken way") from error
        return b"".join(parts)
