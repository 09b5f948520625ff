"""Lines of JSON out of bytes, however they are cut (github.com/ndjson/ndjson-spec).

Works on bytes for the same reasons as `eventstream`.
"""

from __future__ import annotations

from parley.lib.eventstream import BOM, LINE_CAP, TooLong


class LineSplitter:
    """Feed it bytes as they arrive; it gives the lines they complete, without blank ones."""

    def __init__(self, cap: int = LINE_CAP) -> None:
        self._cap = cap  # bytes of one line
        self._tail = bytearray()
        self._start = True  # a byte order mark may still come

    def feed(self, chunk: bytes) -> list[bytes]:
        """Lines completed by `chunk`, without their ends; raises TooLong over the cap."""
        if b"\n" not in chunk:
            self._keep(chunk)
            return []
        if self._tail:
            chunk = bytes(self._tail) + chunk
            self._tail.clear()
        lines = chunk.split(b"\n")
        self._keep(lines.pop())
        if self._start:
            self._start = False
            lines[0] = lines[0].removeprefix(BOM)
        return [self._whole(line) for line in lines if line and line != b"\r"]

    def rest(self) -> bytes:
        """What came after the last line end, b"" when nothing did: the last line, or half of one."""
        rest = bytes(self._tail).strip()
        return rest.removeprefix(BOM) if self._start else rest

    def _keep(self, start: bytes) -> None:
        self._tail += start
        if len(self._tail) > self._cap:
            raise TooLong("a line is too long")

    def _whole(self, line: bytes) -> bytes:
        if len(line) > self._cap:
            raise TooLong("a line is too long")
        return line[:-1] if line.endswith(b"\r") else line
