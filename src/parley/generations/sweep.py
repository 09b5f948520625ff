"""Finds what nobody was told, and what a dead worker left behind. The database is the queue."""

from __future__ import annotations

import asyncio
import time

import structlog

from parley.generations import queries, scripts
from parley.generations.runs import Runs
from parley.generations.scripts import Held, StoreAnswer
from parley.generations.service import tell_end
from parley.lib.clock import now_ms
from parley.lib.db import Database
from parley.lib.hub import Hub

log = structlog.get_logger()

TICK = 0.5  # seconds; while the hub is away, each tick sweeps
SWEEP_EVERY = 3.0  # seconds
LEFT_TO_THE_BELL = 1_000  # ms for which a queued generation waits to be rung for
PRUNE_EVERY = 60.0  # seconds
PRUNE_AFTER = 10 * 60 * 1_000  # ms after the end, in which a reader may still want single facts


class Sweeper:
    """Keeps every generation moving towards an end, with or without Redis."""

    def __init__(self, db: Database, hub: Hub, runs: Runs, store: StoreAnswer) -> None:
        self._db = db
        self._hub = hub
        self._runs = runs
        self._store = store

    async def run(self) -> None:
        """Sweep at once, then every 3 s (every 0.5 s without the hub); cancel to stop."""
        swept = pruned = float("-inf")
        patience = 0
        while True:
            now = time.monotonic()
            try:
                if not self._hub.connected or now - swept >= SWEEP_EVERY:
                    await self.sweep(patience)
                    swept = now
                if now - pruned >= PRUNE_EVERY:
                    await self.prune()
                    pruned = now
            except Exception as error:  # the database may be away for a while
                log.warning("not swept", error=str(error))
            await asyncio.sleep(TICK)
            patience = LEFT_TO_THE_BELL if self._hub.connected else 0

    async def sweep(self, patience: int = 0) -> None:
        """Start what has been queued for `patience` ms, and decide about dead leases."""
        now = now_ms()
        for found in await queries.waiting(self._db, now, now - patience):
            if self._runs.holds(found.generation):
                continue  # a stalled process is not dead: its next heartbeat counts
            if found.status == "running":
                await self._reap(Held(found.generation, found.attempt), now)
            elif found.stop_requested:
                stopping = await self._db.write(scripts.request_stop, found.generation, now)
                if stopping.end is not None:
                    tell_end(self._hub, found.generation, stopping.end)
            else:
                self._runs.start(found.generation)

    async def prune(self) -> None:
        """Delete the events of generations that ended long enough ago."""
        while generations := await queries.prunable(self._db, now_ms() - PRUNE_AFTER):
            await self._db.write_relaxed(scripts.prune, generations)

    async def _reap(self, held: Held, now: int) -> None:
        reaped = await self._db.write(scripts.reap, held, now, self._store)
        if reaped.end is not None:
            log.warning("generation was left behind", generation=held.generation, attempt=held.attempt)
            tell_end(self._hub, held.generation, reaped.end)
        elif reaped.requeued:
            log.warning("generation is tried again", generation=held.generation, attempt=held.attempt)
            self._runs.start(held.generation)
