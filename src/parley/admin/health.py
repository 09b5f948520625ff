"""How well this copy works, in words a monitor can compare."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import parley
from parley.generations.queries import worker_seen_at
from parley.lib.clock import now_ms
from parley.lib.db import Database
from parley.lib.errors import AppError
from parley.resources import Resources

PATIENCE = 2.0  # seconds for the database to answer
BEAT_FRESH_MS = 10_000  # five missed beats: the worker is not doing its work

_started = time.monotonic()


@dataclass(frozen=True, slots=True)
class Health:
    """What was found. The worker's age is None when none was ever seen."""

    database: bool
    redis: bool
    worker_age_ms: int | None

    @property
    def worker(self) -> bool:
        """Whether a worker showed a sign of life lately."""
        return self.worker_age_ms is not None and self.worker_age_ms < BEAT_FRESH_MS

    @property
    def status(self) -> str:
        """healthy; degraded: people can read and send, answers may wait; unhealthy: nothing works."""
        if not self.database:
            return "unhealthy"
        return "healthy" if self.redis and self.worker else "degraded"

    def as_json(self) -> dict[str, Any]:
        """The wire form of `GET /api/settings/health`."""
        return {
            "status": self.status,
            "database": "connected" if self.database else "disconnected",
            "redis": "connected" if self.redis else "disconnected",
            "worker": "connected" if self.worker else "disconnected",
            "workerSeenMs": self.worker_age_ms,
            "version": parley.__version__,
            "uptimeSeconds": int(time.monotonic() - _started),
        }


async def database_answers(db: Database) -> bool:
    """Whether a trivial read works within PATIENCE."""
    return await _youngest_beat(db) is not None


async def look(resources: Resources) -> Health:
    """Ask everything once."""
    beat = await _youngest_beat(resources.db)
    return Health(
        database=beat is not None,
        redis=resources.hub.connected,
        worker_age_ms=max(0, now_ms() - beat) if beat else None,
    )


async def _youngest_beat(db: Database) -> int | None:
    """When a worker was last seen, 0 for never; None when the database does not answer."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await worker_seen_at(db) or 0
    except (AppError, OSError, TimeoutError):
        return None
