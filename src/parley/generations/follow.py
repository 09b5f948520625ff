"""One generation as this process sees it: every committed fact, in order, once.

Any number of clients read one `Live`, each with its own index into it. There is no queue per
client: a slow one falls behind in a shared list and later gets more at once, so nothing overflows.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import structlog

from parley.generations.facts import END, Fact, decode_facts
from parley.generations.queries import facts_after
from parley.lib.db import Database
from parley.lib.hub import Hub

log = structlog.get_logger()

LOOK_EVERY = 0.5  # seconds between reads of the database while the hub is away
SILENT_AFTER = 3.0  # seconds without news after which a live copy may have been lost


class Live:
    """The facts of one generation so far: `facts[n - 1]` has seq n.

    `change` is set at the next news and replaced by a fresh event: take it, then look at `facts`,
    then wait for it. `view` belongs to whoever draws the facts.
    """

    def __init__(self, generation: int, catch_up: Callable[[Live], None]) -> None:
        self.id = generation
        self.facts: list[Fact] = []
        self.done = False
        self.change = asyncio.Event()
        self.view: object | None = None
        self.watchers = 0
        self.ready = asyncio.Event()  # the database was read once, or everything was heard
        self.heard = _monotonic()
        self._catch_up = catch_up

    def hear(self, payload: bytes | None) -> None:
        """Take what the hub says; a hub listener, called thousands of times a second."""
        if payload is None or not self.take(decode_facts(payload)):
            self._catch_up(self)

    def take(self, facts: list[Fact]) -> bool:
        """Append what is new; False when something before it is missing."""
        before = len(self.facts)
        for fact in facts:
            if fact[0] > len(self.facts) + 1:
                return False
            if fact[0] == len(self.facts) + 1 and not self.done:
                self.facts.append(fact)
                self.done = fact[1] == END
        if self.done:
            self.ready.set()  # heard whole before the first read began: that read then does nothing
        if len(self.facts) > before:
            self.heard = _monotonic()
            change, self.change = self.change, asyncio.Event()
            change.set()
        return True


class Follower:
    """All generations that somebody watches in this process; `run` it for the life of the process."""

    def __init__(self, hub: Hub, db: Database) -> None:
        self._hub = hub
        self._db = db
        self._lives: dict[int, Live] = {}
        self._reading: dict[Live, bool] = {}  # True: asked again meanwhile
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Look into the database for those who may have missed something; cancel to stop."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            now = _monotonic()
            for live in list(self._lives.values()):
                if not self._hub.connected or now - live.heard > SILENT_AFTER:
                    self._catch_up(live)

    @contextlib.asynccontextmanager
    async def watch(self, generation: int) -> AsyncIterator[Live]:
        """Its facts so far and from now on, after the first read of the database.

        A generation that does not exist ends at once with status `error`, code `gone`.
        """
        live = self._lives.get(generation)
        if live is None:
            live = self._lives[generation] = Live(generation, self._catch_up)
            self._spawn(self._open(live))  # its own task: the client that came first may leave first
        live.watchers += 1
        try:
            await live.ready.wait()
            yield live
        finally:
            live.watchers -= 1
            if not live.watchers:
                del self._lives[generation]
                self._hub.unsubscribe(f"gen:{generation}", live.hear)

    async def _open(self, live: Live) -> None:
        self._catch_up(live)  # most of the text, without waiting for Redis
        await self._hub.subscribe(f"gen:{live.id}", live.hear)
        if live.watchers:
            self._catch_up(live)  # what came before the subscription was in force
        else:
            self._hub.unsubscribe(f"gen:{live.id}", live.hear)

    def _catch_up(self, live: Live) -> None:
        """Read the database: never twice at once, never missing a call that came during a read."""
        if live in self._reading:
            self._reading[live] = True
        elif not live.done:
            self._reading[live] = False
            self._spawn(self._read(live))

    async def _read(self, live: Live) -> None:
        try:
            again = True
            while again and not live.done:
                self._reading[live] = False
                live.take(await facts_after(self._db, live.id, live.facts))
                live.ready.set()
                again = self._reading[live]
        except Exception as error:  # whatever the store says, watchers stay and `run` looks again
            log.warning("facts not read", generation=live.id, error=str(error))
        finally:
            del self._reading[live]
            live.heard = _monotonic()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
