"""The worker's loop that keeps the index true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from parley.chat.searching import changes
from parley.chat.searching.changes import Ready
from parley.lib.db import Database
from parley.lib.errors import AppError

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

EVERY = 1.0  # seconds between looks when there was nothing to do
SHORTEST_PAUSE = 0.005  # seconds in which others may write


async def keep_indexed(resources: Resources) -> None:
    """Index what was said within about a second, for ever; what fails is tried again."""
    while True:
        began = time.monotonic()
        try:
            busy = await index_some(resources.db)
        except Exception as error:  # the database may be away for a while
            log.warning("not indexed", error=str(error))
            busy = False
        took = time.monotonic() - began
        await asyncio.sleep(max(SHORTEST_PAUSE, min(took, EVERY)) if busy else EVERY)


async def index_some(db: Database) -> bool:
    """One small step; False when nothing is left to do."""
    older = await changes.older(db)
    due = await changes.due(db) if older != changes.ALL else []
    if due:
        ready = await asyncio.to_thread(changes.prepared, due)
        try:
            await db.write_relaxed(changes.apply, db.kind, ready)
        except (AppError, OSError):  # the database is busy, full or away
            raise
        except Exception:
            await _one_by_one(db, ready)
        return True
    return bool(older) and await db.write_relaxed(changes.note_older, db.kind)


async def _one_by_one(db: Database, ready: Sequence[Ready]) -> None:
    """A text the database refuses must not keep the others out: it is passed over, and the log says so."""
    for change, tokens in ready:
        try:
            await db.write_relaxed(changes.apply, db.kind, [(change, tokens)])
        except (AppError, OSError):
            raise
        except Exception as error:
            log.warning("text not searchable", source=change.source, error=str(error)[:200])
            await db.write_relaxed(changes.pass_over, change)


async def index_all(db: Database) -> None:
    """All of it now; for tests, measurements and the command line."""
    while await index_some(db):
        pass
