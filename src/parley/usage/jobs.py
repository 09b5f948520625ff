"""The worker's loop that counts what ended."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from parley.lib.db import Database
from parley.usage.scripts import fold

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

EVERY = 20.0  # seconds; the pages count the rest by themselves
BATCH = 500
PAUSE = 0.05  # seconds in which others may write


async def keep_counted(resources: Resources) -> None:
    """Count what ended, for ever; what fails is tried again."""
    while True:
        try:
            busy = await resources.db.write_relaxed(fold, BATCH) == BATCH
        except Exception as error:  # the database may be away for a while
            log.warning("usage not counted", error=str(error))
            busy = False
        await asyncio.sleep(PAUSE if busy else EVERY)


async def count_all(db: Database) -> None:
    """All of it now; for tests, measurements and the command line."""
    while await db.write_relaxed(fold, BATCH):
        pass
