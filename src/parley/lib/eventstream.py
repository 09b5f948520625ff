"""Server-sent events out of bytes, however they are cut (HTML standard, section 9.2.6).

Works on bytes because text would have to know where characters end, and because `str.splitlines`
breaks at U+2028 and others, which are ordinary characters inside an event.
"""

from __future__ import annotations

from typing import NamedTuple

LINE_CAP = 256 * 1024  # bytes of one line
EVENT_CAP = 4 * 1024 * 1024  # bytes of one event's data
BOM = b"\xef\xbb\xbf"


class TooLong(ValueError):
    """A line or an event grew beyond its cap."""


class Event(NamedTuple):
    """One event; `name` is "" where none was given, `data` is as sent, not yet text."""

    data: bytes
    name: bytes = b""


class EventParser:
    """Feed it bytes as they arrive; it gives the events they complete."""

    def __init__(self, line_cap: int = LINE_CAP, event_cap: int = EVENT_CAP) -> None:
        self._caps = (line_cap, event_cap)
        self._tail = bytearray()  # the start of a line
        self._data: list[bytes] = []
        self._size = 0
        self._name = b""
        self._after_cr = False  # the last byte was CR: a LF now belongs to it
        self._start = True  # a byte order mark may still come

    def feed(self, chunk: bytes) -> list[Event]:
        """Events completed by `chunk`; raises TooLong over the caps."""
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\n" not in chunk and b"\r" not in chunk:
            self._keep(chunk)
            return []
        if self._tail:
            chunk = bytes(self._tail) + chunk
            self._tail.clear()
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            lines = _lines_of(chunk)
        else:
            lines = chunk.split(b"\n")
        self._keep(lines.pop())
        if self._start:
            self._start = False
            lines[0] = lines[0].removeprefix(BOM)
        return self._events(lines)

    def _keep(self, start: bytes) -> None:
        self._tail += start
        if len(self._tail) > self._caps[0]:
            raise TooLong("a line is too long")

    def _events(self, lines: list[bytes]) -> list[Event]:
        events: list[Event] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._add(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data:
                    data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                    events.append(Event(data, self._name))
                    self._data, self._size = [], 0
                self._name = b""
            elif line.startswith(b"event:"):
                self._name = line[6:].removeprefix(b" ")
            elif line == b"data":
                self._add(b"")
        return events  # comments, id, retry and unknown fields mean nothing to us

    def _add(self, value: bytes) -> None:
        self._size += len(value) + 1
        if len(value) > self._caps[0] or self._size > self._caps[1]:
            raise TooLong("an event is too long")
        self._data.append(value)


def _lines_of(chunk: bytes) -> list[bytes]:
    """What CR LF, CR and LF part; replacing the first by the last would cost more than all the rest."""
    pieces = chunk.split(b"\n")
    last = pieces.pop()
    lines: list[bytes] = []
    for line in pieces:
        at = line.find(b"\r")
        if at < 0:
            lines.append(line)
        elif at == len(line) - 1:
            lines.append(line[:-1])
        else:
            lines += line.removesuffix(b"\r").split(b"\r")
    return lines + last.split(b"\r")
