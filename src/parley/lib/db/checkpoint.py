"""The one owner of SQLite checkpoints.

SQLite up to 3.51.2 can corrupt a WAL file when one connection checkpoints while another writes. So
nobody checkpoints by itself (`wal_autocheckpoint=0`); here a second connection holds the write lock
while the first copies what it can, which never waits for readers.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from pathlib import Path

import structlog

log = structlog.get_logger()

EVERY = 1.0  # seconds
TRUNCATE_OVER = 64 * 1024 * 1024  # bytes of WAL that readers kept from being reused


class Checkpointer:
    """Keeps the WAL of one SQLite file short. Run it in exactly one process (web)."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._wal = Path(path + "-wal")
        self._seen = -1.0

    async def run(self) -> None:
        """Checkpoint about every second while the WAL changes; cancel to stop."""
        holder, copier = self._open()  # not in a thread: cancelled there, nobody would close them
        step: asyncio.Future[None] | None = None
        try:
            while True:
                await asyncio.sleep(EVERY)
                step = asyncio.ensure_future(asyncio.to_thread(self.step, holder, copier))
                try:
                    await asyncio.shield(step)
                except sqlite3.Error as error:
                    log.warning("checkpoint failed", error=str(error))
        finally:
            if step is not None:
                await asyncio.wait({step})  # a thread cannot be cancelled; it still uses the connections
            holder.close()
            copier.close()

    def _open(self) -> tuple[sqlite3.Connection, sqlite3.Connection]:
        pair = [
            sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=0.2)
            for _ in range(2)
        ]
        for connection in pair:
            connection.execute("PRAGMA wal_autocheckpoint=0")
            connection.execute("PRAGMA journal_size_limit=16777216")
        return pair[0], pair[1]

    def step(self, holder: sqlite3.Connection, copier: sqlite3.Connection) -> None:
        """One checkpoint if the WAL changed since the last."""
        try:
            state = self._wal.stat()
        except FileNotFoundError:
            return
        if state.st_mtime == self._seen:
            return
        with contextlib.suppress(sqlite3.OperationalError):  # a writer is faster: next second
            holder.execute("BEGIN IMMEDIATE")
            try:
                copier.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                self._seen = state.st_mtime
            finally:
                holder.execute("ROLLBACK")
        if state.st_size > TRUNCATE_OVER:
            copier.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
