"""SQLite for a server: one writer thread, three readers, and locks taken without SQLite's own waiting.

Figures behind the choices: with SQLite's busy handler the p99 of a write under load was 308 ms,
with `busy_timeout=0` and a retry each millisecond 82 ms; a transaction as one thread hop instead of
one hop per statement was 6-22 times faster than Piccolo's stock engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ParamSpec, TypeVar

from piccolo.engine.sqlite import SQLiteEngine, SQLiteTransaction, TransactionType
from piccolo.table import Table

from parley.lib.db.script import Many, Row, Script
from parley.lib.errors import StorageFull, Unavailable

T = TypeVar("T")
P = ParamSpec("P")

READERS = 3
LOCK_PATIENCE = 15.0  # seconds a writer waits for the lock before it gives up
PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=0",  # we retry ourselves: SQLite's handler sleeps up to 100 ms and is unfair
    "wal_autocheckpoint=0",  # one owner checkpoints, see checkpoint.py
    "temp_store=MEMORY",
    "cache_size=-8000",
    "mmap_size=134217728",
)
_FULL = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}


def connect(path: str, *, readonly: bool = False, patience: float = LOCK_PATIENCE) -> sqlite3.Connection:
    """A connection with our pragmas; times and texts come back as Piccolo expects them."""
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        detect_types=sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES,
        check_same_thread=False,
        cached_statements=512,
    )
    for pragma in PRAGMAS:
        _patiently(partial(connection.execute, f"PRAGMA {pragma}"), patience)
    if readonly:
        connection.execute("PRAGMA query_only=ON")
    # SQLite's own knows A to Z only; PostgreSQL's knows all letters.
    connection.create_function("LOWER", 1, _lower, deterministic=True)
    connection.row_factory = _as_dict
    return connection


def _lower(text: str | None) -> str | None:
    return None if text is None else str(text).lower()


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _patiently(step: Callable[[], T], patience: float) -> T:
    """Do `step` as soon as the lock is free; raise `Unavailable` after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return step()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > deadline:
                raise Unavailable("The database is busy. Try again in a moment.") from error
            time.sleep(0.001)


class Writer:
    """The one connection of this process that writes; every method runs in the writer thread."""

    def __init__(self, path: str, patience: float) -> None:
        self.db = connect(path, patience=patience)
        self._patience = patience
        self._durable: bool | None = None

    def run(self, make: Callable[[], Script[T]], durable: bool) -> T:
        """One IMMEDIATE transaction around one script."""
        if durable != self._durable:
            self.db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._durable = durable
        try:
            _patiently(partial(self.db.execute, "BEGIN IMMEDIATE"), self._patience)
            try:
                result = self._drive(make())
                self.db.execute("COMMIT")
                return result
            except BaseException:
                if self.db.in_transaction:  # a full disk rolls back by itself
                    self.db.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _FULL:
                raise StorageFull("The disk of the server is full. Nothing was stored.") from error
            raise

    def _drive(self, script: Script[T]) -> T:
        rows: list[Row] = []
        try:
            step = next(script)
            while True:
                if isinstance(step, Many):
                    self.db.executemany(step.sql, step.rows)
                    rows = []
                else:
                    rows = self.db.execute(step[0], step[1]).fetchall()
                step = script.send(rows)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]

    def close(self) -> None:
        """Let the planner keep its statistics, then close."""
        with contextlib.suppress(sqlite3.OperationalError):  # another process writes, or the disk is full
            self.db.execute("PRAGMA optimize")
        self.db.close()


class SQLiteDatabase:
    """`Database` over one SQLite file."""

    kind = "sqlite"

    def __init__(self, path: str, *, patience: float = LOCK_PATIENCE) -> None:
        """`patience`: seconds to wait for another process's lock."""
        self.path = path
        self._patience = patience
        self._engine = PooledEngine(path, self)
        self._writing: ThreadPoolExecutor | None = None
        self._reading: ThreadPoolExecutor | None = None
        self._writer: Writer
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []

    @property
    def engine(self) -> SQLiteEngine:
        """Piccolo on these connections."""
        return self._engine

    @property
    def is_open(self) -> bool:
        """Whether the connections exist; without them Piccolo opens one per query (migrations)."""
        return self._writing is not None

    async def open(self) -> None:
        """Start the writer thread first: it creates the file, so that readers find it."""
        self._writing = ThreadPoolExecutor(1, "sqlite-writer")
        self._writer = await self._hop(self._writing, Writer, self.path, self._patience)
        self._reading = ThreadPoolExecutor(READERS, "sqlite-reader")

    async def close(self) -> None:
        """Finish what is queued, then close every connection."""
        writing, reading = self._writing, self._reading
        if writing is None or reading is None:
            return
        await self._hop(writing, self._writer.close)
        writing.shutdown()
        reading.shutdown()
        for connection in self._readers:
            connection.close()
        self._readers.clear()
        self._local = threading.local()
        self._writing = self._reading = None

    async def write(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction with `synchronous=FULL`: what it stored survives power loss."""
        return await self._write(partial(script, *args, **kwargs), durable=True)

    async def write_relaxed(self, script: Callable[P, Script[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one transaction with `synchronous=NORMAL`."""
        return await self._write(partial(script, *args, **kwargs), durable=False)

    async def _write(self, make: Callable[[], Script[T]], *, durable: bool) -> T:
        assert self._writing is not None, "the database is not open"
        spoken = contextvars.copy_context()  # what a script refuses is a sentence in the caller's language
        return await self._hop(self._writing, spoken.run, self._writer.run, make, durable)

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        """Read with one statement on whichever reader is free."""
        assert self._reading is not None, "the database is not open"
        return await self._hop(self._reading, self._read, sql, values)

    def _read(self, sql: str, values: Sequence[Any]) -> list[Row]:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = connect(self.path, readonly=True, patience=self._patience)
            self._readers.append(connection)
        return _patiently(lambda: connection.execute(sql, values).fetchall(), self._patience)

    async def _hop(self, pool: ThreadPoolExecutor, fn: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, fn, *args)


def _single(sql: str, values: Sequence[Any]) -> Script[list[Row]]:
    return (yield sql, values)


class PooledEngine(SQLiteEngine):
    """Piccolo on our connections. Overrides a private method of 1.38: pinned, held by a contract test."""

    __slots__ = ("_database",)

    def __init__(self, path: str, database: SQLiteDatabase) -> None:
        super().__init__(path=path, timeout=LOCK_PATIENCE)
        self._database = database

    async def _run_in_new_connection(
        self,
        query: str,
        args: list[Any] | None = None,
        query_type: str = "generic",
        table: type[Table] | None = None,
    ) -> list[Row]:
        if not self._database.is_open:  # migrations and the command line
            rows: list[Row] = await super()._run_in_new_connection(query, args, query_type, table)
            return rows
        if query.lstrip()[:6].upper() == "SELECT":
            return await self._database.fetch(query, *(args or ()))
        return await self._database.write(_single, query, args or ())

    def transaction(
        self,
        transaction_type: TransactionType = TransactionType.immediate,
        allow_nested: bool = True,
    ) -> SQLiteTransaction:
        """Only for migrations: at run time a transaction is a script given to `Database.write`."""
        assert not self._database.is_open, "use Database.write: a transaction is a script here"
        return super().transaction(transaction_type, allow_nested)
