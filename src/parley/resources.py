"""What a process holds open, as one context manager shared by web, worker and tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from parley.lib.background import Background
from parley.lib.config import Config
from parley.lib.db import Database, open_database
from parley.lib.http import HttpClient
from parley.lib.hub import Hub
from parley.lib.queue import ArqQueue, JobQueue
from parley.lib.ratelimit import Pace
from parley.lib.secretbox import SecretBox


class Resources:
    """Open things; verbs receive them as their first argument.

    Not a dataclass: Litestar builds a decoder for each field of an injected dataclass, which fails on the
    union of address types in `Config`; a plain class is only checked with isinstance.
    """

    def __init__(
        self, config: Config, db: Database, hub: Hub, queue: JobQueue, http: HttpClient, box: SecretBox
    ) -> None:
        self.config = config
        self.db = db
        self.hub = hub
        self.queue = queue
        self.http = http
        self.box = box
        self.background = Background()
        self.strangers = Pace(burst=120, interval_ms=500)  # views of shared pages, by address range


@contextlib.asynccontextmanager
async def open_resources(config: Config) -> AsyncIterator[Resources]:
    """Open everything in the running loop and close it on the way out."""
    db = open_database(config.database_url)
    await db.open()
    try:
        bind_tables(db)
        hub = Hub(config.redis_url)
        queue = ArqQueue(config.redis_url, hub)
        listening = asyncio.create_task(hub.run(), name="hub")
        http = HttpClient()
        resources = Resources(config, db, hub, queue, http, SecretBox(config.secret))
        try:
            yield resources
        finally:
            await resources.background.close()
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening
            await queue.close()
            await http.aclose()
    finally:
        await db.close()


def bind_tables(db: Database) -> None:
    """Let Piccolo's tables run on this database."""
    from parley.piccolo_app import APP_CONFIG

    for table in APP_CONFIG.table_classes:
        table._meta.db = db.engine
