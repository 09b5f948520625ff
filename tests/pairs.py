"""Somebody who writes into Parley's database file while something else is looked at."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAIR = (
    "INSERT INTO login_throttle (key, failures, last_at, locked_until)"
    " VALUES (?, 0, 9e15, 0), (?, 0, 9e15, 0)"
)


@contextmanager
def pairs_written(path: Path, *, pause: float = 0.0) -> Iterator[list[int]]:
    """Pairs of rows a0 and b0, a1 and b1 …, each pair one transaction, with `pause` seconds between.

    Yields how many were acknowledged so far.
    """
    stop, written = threading.Event(), [0]

    def write() -> None:
        connection = sqlite3.connect(path, isolation_level=None, timeout=15)
        connection.execute("PRAGMA wal_autocheckpoint=0")  # the web process does that
        while not stop.wait(pause) if pause else not stop.is_set():
            connection.execute(PAIR, (f"a{written[0]}", f"b{written[0]}"))
            written[0] += 1
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        stop.set()
        thread.join(20)


def pairs_in(path: Path) -> tuple[list[int], list[int]]:
    """The numbers of the rows a… and b… in a database file, in order."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT key FROM login_throttle WHERE key GLOB '[ab][0-9]*'").fetchall()
    connection.close()
    left = sorted(int(key[1:]) for (key,) in rows if key[0] == "a")
    return left, sorted(int(key[1:]) for (key,) in rows if key[0] == "b")
