"""Log lines in files below the data directory, for the page that shows them.

Each process has a file of its own (`web.log`, then `web.log.1` … older), so nobody waits for anybody; another
process of one kind takes `web-2.log`. Only the standard library: the supervisor writes here too.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, Any

from parley.lib.scrubbing import scrubbed

LARGEST = 4_000_000  # bytes of one file
KEPT = 5  # files of one process, with the one that is written
MOST_PROCESSES = 16
BLOCK = 65_536
LONGEST = 16_384  # characters of one line
MOST_FIELDS = 32  # of a line that is longer
LEVELS = ("debug", "info", "warning", "error", "critical")
SHOWN_APART = ("event", "level", "timestamp", "process")


class RotatingFile:
    """Takes lines; begins a new file when this one is full. A full disk loses lines, never the process."""

    def __init__(self, folder: Path, process: str) -> None:
        """Raises OSError when the folder cannot be used."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock, self._path = _own(folder, process)
        self._file: IO[bytes] | None = None
        self._open()

    def write(self, line: str) -> None:
        """Keep one line, scrubbed and cut."""
        data = _fitting(scrubbed(line)).encode("utf-8", "replace") + b"\n"
        try:
            if self._size + len(data) > LARGEST:
                self._turn()
            if self._file is not None:
                self._file.write(data)
                self._size += len(data)
        except OSError:
            return

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._lock.close()

    def _open(self) -> None:
        self._file = open(  # noqa: SIM115  lives as long as the process
            os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0
        )
        self._size = self._path.stat().st_size

    def _turn(self) -> None:
        if self._file is not None:
            self._file.close()
        for number in range(KEPT - 2, -1, -1):
            older = _numbered(self._path, number)
            if older.exists():
                os.replace(older, _numbered(self._path, number + 1))
        self._open()


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the page shows it; `fields` is what it says beside, as text."""

    at: str  # ISO 8601, UTC
    level: str
    process: str
    event: str
    fields: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines somebody wants: from a level up, of a process, with a text, before a moment."""

    level: str = "debug"
    process: str = ""
    text: str = ""
    before: str = ""

    def fits(self, line: Line) -> bool:
        """Whether this line is one of them."""
        if _rank(line.level) < _rank(self.level) or (self.process and line.process != self.process):
            return False
        if self.before and line.at >= self.before:
            return False
        return not self.text or self.text.lower() in f"{line.event} {line.fields}".lower()


def newest(folder: Path, wanted: Wanted, *, limit: int, look_at: int = 100_000) -> list[Line]:
    """The newest lines that fit, of all processes by time; reads from the ends, at most `look_at` lines."""
    merged = heapq.merge(
        *(_lines_back(each) for each in _files(folder)), key=lambda line: line.at, reverse=True
    )
    found: list[Line] = []
    for number, line in enumerate(merged):
        if number >= look_at or len(found) >= limit:
            break
        if wanted.fits(line):
            found.append(line)
    return found


def everything(folder: Path) -> Iterator[bytes]:
    """All files as one stream of blocks, each process from its oldest line; for the download."""
    for path in _files(folder):
        for number in range(KEPT - 1, -1, -1):
            try:
                with _numbered(path, number).open("rb") as file:
                    while block := file.read(BLOCK):
                        yield block
            except FileNotFoundError:
                continue


class Tail:
    """What is written from now on."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._places = {path: _place(path) for path in _files(folder)}

    def news(self) -> list[Line]:
        """Complete lines since the last call, by time; at most some thousand of one file."""
        found: list[Line] = []
        for path in _files(self._folder):
            inode, start = self._places.get(path, (0, 0))
            now_inode, size = _place(path)
            start = start if inode == now_inode and start <= size else 0
            try:
                with path.open("rb") as file:
                    file.seek(start)
                    data = file.read(16 * BLOCK)
            except FileNotFoundError:  # turned over just now; the next call finds its successor
                continue
            whole = data[: data.rfind(b"\n") + 1]
            self._places[path] = (now_inode, start + len(whole))
            found += filter(None, map(parsed, whole.splitlines()))
        return sorted(found, key=lambda line: line.at)


def parsed(raw: bytes) -> Line | None:
    """One line of a file; None for what is none."""
    try:
        said: dict[str, Any] = json.loads(raw)
        fields = [f"{name}={_text(value)}" for name, value in said.items() if name not in SHOWN_APART]
        at, level = str(said["timestamp"]), str(said.get("level", "info"))
        return Line(at, level, str(said.get("process", "")), str(said.get("event", "")), " ".join(fields))
    except (ValueError, KeyError, AttributeError, RecursionError):
        return None


def processes(folder: Path) -> list[str]:
    """Those that have written, by name."""
    return sorted({path.stem.partition("-")[0] for path in _files(folder)})


def _fitting(line: str) -> str:
    """`line` with its texts cut where it is too long, so that it stays one JSON object."""
    if len(line) <= LONGEST:
        return line
    try:
        said = json.loads(line)
        cut = {
            str(name)[:40]: _text(value)[: LONGEST // 8] for name, value in list(said.items())[:MOST_FIELDS]
        }
    except (ValueError, AttributeError, RecursionError):
        return line[:LONGEST]
    return json.dumps(cut, ensure_ascii=False)


def _own(folder: Path, process: str) -> tuple[IO[bytes], Path]:
    """The first file of this kind that no other process holds."""
    for number in range(1, MOST_PROCESSES + 1):
        name = process if number == 1 else f"{process}-{number}"
        lock = (folder / f".{name}.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        return lock, folder / f"{name}.log"
    raise OSError(f"more than {MOST_PROCESSES} processes of one kind")


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log"))


def _numbered(path: Path, number: int) -> Path:
    return path if number == 0 else path.with_name(f"{path.name}.{number}")


def _place(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_ino, found.st_size


def _lines_back(path: Path) -> Iterator[Line]:
    parts = (_raw_back(_numbered(path, number)) for number in range(KEPT))
    return filter(None, map(parsed, chain.from_iterable(parts)))


def _raw_back(path: Path) -> Iterator[bytes]:
    """The lines of a file from its end, in blocks."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        place = file.seek(0, os.SEEK_END)
        tail = b""
        while place > 0:
            start = max(0, place - BLOCK)
            file.seek(start)
            lines = (file.read(place - start) + tail).split(b"\n")
            place, tail = start, lines[0]
            yield from (line for line in reversed(lines[1:]) if line)
        if tail:
            yield tail


def _rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 1


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
