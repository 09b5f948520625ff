"""What the worker does for imports: look for one, run it, look again."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from parley.importing import queries, scripts, service
from parley.importing.running import LEASE, Import
from parley.lib.clock import now_ms
from parley.lib.waiting import within

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

LOOK_EVERY = 2.0  # seconds; the bell rings earlier
SWEEP_EVERY = 600.0  # seconds


async def run_imports(resources: Resources) -> None:
    """Run one import after the other, for ever; cancel to stop, and the job goes back into the queue."""
    rung = asyncio.Event()
    await resources.hub.subscribe(service.BELL, lambda _payload: rung.set())
    swept = float("-inf")
    while True:
        rung.clear()
        try:
            swept = await _swept(resources, swept)
            if await run_next(resources):
                continue
        except Exception as error:  # the database may be away for a while
            log.warning("imports wait", error=str(error))
        await within(rung, LOOK_EVERY)


async def _swept(resources: Resources, last: float) -> float:
    if time.monotonic() - last < SWEEP_EVERY:
        return last
    await service.sweep(resources)
    return time.monotonic()


async def run_next(resources: Resources) -> bool:
    """Run the oldest job that waits; False when there is none."""
    now = now_ms()
    row = await queries.next_open(resources.db, now)
    if row is None:
        return False
    claim = await resources.db.write(scripts.claim, row["id"], now, now + LEASE)
    if claim is not None:
        await Import(resources, claim).run()
    return True
