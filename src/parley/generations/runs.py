"""The generations this worker answers: claimed, run, kept alive, ended.

Whoever hears of a queued generation calls `Runs.start`; the claim in the database decides who gets
it. A run ends by itself, by a stop, by losing its lease, or by the worker leaving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import structlog

from parley.generations import scripts
from parley.generations.facts import CANCELLED, INTERRUPTED, Ending
from parley.generations.flusher import Flusher, Run
from parley.generations.policy import Breakers
from parley.generations.queries import stop_is_requested
from parley.generations.runner import Answering, Prepared
from parley.generations.taking import clean
from parley.generations.tracing import note_claim, note_context, watch_requests
from parley.lib.clock import now_ms, now_us
from parley.lib.db import Database
from parley.lib.errors import AppError
from parley.lib.hub import Hub
from parley.web.i18n import N_

log = structlog.get_logger()

LEASE = 10_000  # ms
BEAT_EVERY, BEAT_AWAY = 2.0, 0.5  # seconds; while the hub is away, only the heartbeat hears of a stop
CLOSE_WITHIN = 1.0  # seconds for an upstream request to close
MOST_RUNS = 500  # at once in this process; the rest stay queued
FAULT = N_("Something went wrong inside Parley. Try again; if it happens again, tell your administrator.")

Prepare = Callable[[int], Awaitable[Prepared]]


class Halt(Enum):
    """Why a run is ended from outside."""

    STOPPED = "stopped"  # a person asked
    LOST = "lost"  # another worker owns it, or it was deleted
    LEAVING = "leaving"  # this process ends


class Runs:
    """All runs of this worker."""

    def __init__(self, db: Database, hub: Hub, flusher: Flusher, prepare: Prepare) -> None:
        self._db = db
        self._hub = hub
        self._flusher = flusher
        self._prepare = prepare
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._active: dict[int, tuple[Run, asyncio.Future[Halt]]] = {}
        self._answering: dict[int, Answering] = {}
        self._breakers = Breakers()
        self._leaving = False

    def start(self, generation: int) -> bool:
        """Try to claim and run it; False when it is under way here already or there is no room.

        Safe to call twice, for anything, by anybody.
        """
        if self._leaving or generation in self._tasks or len(self._tasks) >= MOST_RUNS:
            return False
        task = asyncio.create_task(self._conduct(generation), name=f"generation {generation}")
        self._tasks[generation] = task
        task.add_done_callback(lambda _: self._tasks.pop(generation, None))
        return True

    def holds(self, generation: int) -> bool:
        """Whether it is under way here."""
        return generation in self._tasks

    async def keep_alive(self) -> None:
        """Prolong the leases of all runs in one transaction every 2 s; cancel to stop."""
        while True:
            await asyncio.sleep(BEAT_EVERY if self._hub.connected else BEAT_AWAY)
            if self._active:
                try:
                    await self.beat()
                except Exception as error:  # a run may outlive a short outage of the database
                    log.warning("leases not prolonged", error=str(error))

    async def beat(self) -> None:
        """Prolong the leases once; halt those that were lost or should stop."""
        active = dict(self._active)
        held = [run.held for run, _ in active.values()]
        ours = await self._db.write_relaxed(
            scripts.heartbeat, held, now_ms() + LEASE, scripts.row_lock(self._db)
        )
        for generation in active:
            if generation not in ours:
                self.halt(generation, Halt.LOST)
            elif ours[generation]:
                self.halt(generation, Halt.STOPPED)

    def halt(self, generation: int, why: Halt) -> None:
        """End a run from outside; nothing happens when it is not here or ends already."""
        if generation in self._active:
            halt = self._active[generation][1]
            if not halt.done():
                halt.set_result(why)

    async def leave(self, grace: float) -> None:
        """Start nothing more; give running answers `grace` seconds, then hand the rest over.

        One that has shown nothing goes back into the queue, another is marked interrupted.
        """
        self._leaving = True
        if self._tasks:
            log.info("finishing answers", runs=len(self._tasks), seconds=grace)
            await asyncio.wait(self._tasks.values(), timeout=grace)
        for generation in list(self._active):
            self.halt(generation, Halt.LEAVING)
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=CLOSE_WITHIN + 4)

    async def _conduct(self, generation: int) -> None:
        now = now_ms()
        try:
            claim = await self._db.write_relaxed(scripts.claim, generation, now, now + LEASE)
        except Exception as error:  # it stays queued, and the sweep comes back to it
            log.warning("not claimed", generation=generation, error=str(error))
            return
        if claim is None:
            return
        run = Run(claim, self._flusher)
        note_claim(run.trace, claim)
        halt: asyncio.Future[Halt] = asyncio.get_running_loop().create_future()
        self._active[generation] = run, halt
        run.on_lost = lambda: self.halt(generation, Halt.LOST)
        try:
            ending = await self._until_ended(run, halt)
            if ending is not None:
                run.end(ending)
                await run.ended.wait()
        finally:
            del self._active[generation]
            self._answering.pop(generation, None)
        _report(run, ending, now)

    async def _until_ended(self, run: Run, halt: asyncio.Future[Halt]) -> Ending | None:
        """Answer until the end or a halt; None when the run is not ours to end any more."""
        generation = run.held.generation

        def hear(payload: bytes | None) -> None:
            if payload is not None:  # after an outage the heartbeat looks
                self.halt(generation, Halt.STOPPED)

        listening = asyncio.create_task(self._listen(generation, hear))
        answering = asyncio.create_task(self._answer(run))
        try:
            either: set[asyncio.Future[Any]] = {answering, halt}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                return answering.result()
        finally:
            listening.cancel()
            self._hub.unsubscribe(f"stop:{generation}", hear)
            answering.cancel()  # closes the upstream request
        await asyncio.wait({answering}, timeout=CLOSE_WITHIN)
        return await self._halted(run, halt.result())

    async def _halted(self, run: Run, why: Halt) -> Ending | None:
        ending = CANCELLED if why is Halt.STOPPED else INTERRUPTED
        if run.trace is not None:
            run.trace.note("halt", why.value)
        if why is Halt.STOPPED or (why is Halt.LEAVING and run.began):
            answering = self._answering.get(run.held.generation)
            return answering.stopped(ending) if answering else ending
        run.lost = True  # whatever a slow upstream still says is dropped
        if why is Halt.LEAVING:
            try:
                await self._db.write(scripts.hand_back, run.held)
            except Exception as error:  # the lease runs out, then the sweep of another worker does it
                log.warning("not handed back", generation=run.held.generation, error=str(error))
        return None

    async def _answer(self, run: Run) -> Ending:
        watch_requests(run)
        try:
            began = now_us()
            prepared = await self._prepare(run.held.generation)
            note_context(run.trace, prepared, began)
            answering = Answering(prepared, run, self._breakers, run.trace)
            self._answering[run.held.generation] = answering
            return await answering.run()
        except AppError as error:
            return Ending("error", clean(error.message), error.code)
        except Exception:  # a fault of ours must end the answer, not leave it open
            log.exception("run failed", generation=run.held.generation)
            begun = self._answering.get(run.held.generation)
            ending = Ending("error", FAULT, "internal")
            return begun.stopped(ending) if begun else ending

    async def _listen(self, generation: int, hear: Callable[[bytes | None], None]) -> None:
        """Hear of a stop; one that came between claim and subscription is in the row."""
        try:
            await self._hub.subscribe(f"stop:{generation}", hear)
            if await stop_is_requested(self._db, generation):
                self.halt(generation, Halt.STOPPED)
        except Exception as error:  # the heartbeat looks too
            log.warning("not listening for a stop", generation=generation, error=str(error))


def _report(run: Run, ending: Ending | None, claimed_at: int) -> None:
    status = ending.status if ending is not None and not run.lost else "let go"
    log.info(
        "generation ended",
        generation=run.held.generation,
        attempt=run.held.attempt,
        status=status,
        code=ending.code if ending else "",
        waited_ms=claimed_at - run.claim.created_at,
        took_ms=now_ms() - claimed_at,
        facts=run.seq,
        tokens=ending.used.usage.completion_tokens if ending and ending.used.usage else None,
        model=ending.used.model if ending else None,
    )
