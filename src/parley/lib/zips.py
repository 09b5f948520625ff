"""How many files a ZIP says it has, asked before `zipfile` reads its table of contents as a whole.

`zipfile` makes an object of each entry it finds there, whatever the numbers at the end say: 20 MB of empty
entries are 200 MB of memory, and what the end says can be a lie. So the entries themselves are counted, where
`zipfile` will look for them (PKWARE APPNOTE 4.3.12 to 4.3.16).
"""

from __future__ import annotations

import struct
from typing import IO

ENTRY = b"PK\x01\x02"
_END, _END_SIZE = b"PK\x05\x06", 22
_END64, _END64_SIZE = b"PK\x06\x06", 56
_LOCATOR, _LOCATOR_SIZE = b"PK\x06\x07", 20
_TAIL = 66_000  # bytes; a comment has at most 65,535
_PIECE = 1 << 20


class NoZip(Exception):
    """It has no table of contents, or one where no program writes it."""


def entries_of(file: IO[bytes], most: int, most_bytes: int) -> int:
    """How many entries there are, `most` + 1 for more or for a table of over `most_bytes`. Raises NoZip."""
    start, length = _table(file)
    if length > most_bytes:
        return most + 1
    if start < 0:
        raise NoZip
    found, tail = 0, b""
    file.seek(start)
    while length > 0 and found <= most and (piece := file.read(min(_PIECE, length))):
        length -= len(piece)
        found += (tail + piece).count(ENTRY)
        tail = piece[1 - len(ENTRY) :]
    return min(found, most + 1)


def _table(file: IO[bytes]) -> tuple[int, int]:
    """Where the table begins, and its bytes."""
    size = file.seek(0, 2)
    begin = file.seek(max(0, size - _TAIL))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_SIZE > len(tail):
        raise NoZip
    end = begin + at
    (length,) = struct.unpack_from("<L", tail, at + 12)
    if _read(file, end - _LOCATOR_SIZE, 4) == _LOCATOR:
        place = end - _LOCATOR_SIZE - _END64_SIZE
        (said,) = struct.unpack("<Q", _read(file, end - _LOCATOR_SIZE + 8, 8))
        record = _read(file, place, _END64_SIZE)
        # One that says it lies elsewhere: readers disagree about which counts.
        if said != place or record[:4] != _END64:
            raise NoZip
        (length,) = struct.unpack_from("<Q", record, 40)
        end = place
    return end - length, length


def _read(file: IO[bytes], at: int, length: int) -> bytes:
    if at < 0:
        return b""
    file.seek(at)
    return file.read(length)
