"""A place to answer generations in: a scripted provider, workers that can be killed, rows to look at."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from parley.chat.scripts import store_answer
from parley.generations import scripts
from parley.generations.facts import Fact as Committed
from parley.generations.flusher import Flusher
from parley.generations.runner import Ask, Key, Prepared
from parley.generations.runs import Runs
from parley.generations.scripts import Part, Written
from parley.generations.service import NewGeneration, insert_generation
from parley.generations.sweep import Sweeper
from parley.lib.clock import now_ms
from parley.lib.db import Database, Row, Script
from parley.lib.hub import Hub
from parley.providers.base import Fact, Finished, ModelInfo, Prompt, Provider, TextDelta

Step = Fact | Exception | asyncio.Event | float
PATIENCE = 30.0  # seconds; a machine that others keep busy
ANY = Prompt("model", ())


class ScriptedProvider:
    """Plays steps: a fact is said, an error raised, an event or a number of seconds waited for."""

    def __init__(self, *takes: list[Step]) -> None:
        self.takes = list(takes)  # one per call; the last one is repeated
        self.calls = 0
        self.closed = 0

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        steps = self.takes[min(self.calls, len(self.takes) - 1)]
        self.calls += 1
        try:
            for step in steps:
                match step:
                    case Exception():
                        raise step
                    case asyncio.Event():
                        await step.wait()
                    case float():
                        await asyncio.sleep(step)
                    case _:
                        yield step
        finally:
            self.closed += 1

    async def models(self) -> list[ModelInfo]:
        return []


def words(text: str) -> list[Step]:
    """The text word by word, then a proper end."""
    return [*(TextDelta(word + " ") for word in text.split()), Finished("stop")]


def prepared(provider: Provider, prompt: Prompt = ANY) -> Prepared:
    """One model with one key."""
    return Prepared((Ask(model="1:m", name="M", prompt=prompt, keys=(Key("1:1", provider),)),))


class Worker:
    """A worker without a process. Killing it leaves everything as `kill -9` would."""

    def __init__(self, workshop: Workshop, *, sweeping: bool = False) -> None:
        self.db, self.hub = workshop.db, workshop.hub
        self.writes: list[bool] = []  # the durability of each
        self.refuse: Exception | None = None  # what the database says instead of storing
        self.flusher = Flusher(self._write, self.hub.publish)
        self.runs = Runs(self.db, self.hub, self.flusher, workshop.prepare)
        self.sweeper = Sweeper(self.db, self.hub, self.runs, store_answer)
        loops = [self.flusher.run(), self.runs.keep_alive()]
        if sweeping:
            loops.append(self.sweeper.run())
        self._loops = [asyncio.create_task(loop) for loop in loops]

    async def _write(self, parts: list[Part], durable: bool) -> Written:
        if self.refuse is not None:
            raise self.refuse
        self.writes.append(durable)
        commit = self.db.write if durable else self.db.write_relaxed
        return await commit(scripts.write_batch, parts, now_ms(), store_answer, scripts.row_lock(self.db))

    async def kill(self) -> None:
        """No farewell: claims stay as they are."""
        tasks = [*self._loops, *self.runs._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass
class Workshop:
    """Everything a test of generations needs."""

    db: Database
    hub: Hub
    provider: ScriptedProvider
    owner: int
    conversation: int
    workers: list[Worker] = field(default_factory=list)

    async def prepare(self, generation: int) -> Prepared:
        return prepared(self.provider)

    def worker(self, *, sweeping: bool = False) -> Worker:
        self.workers.append(Worker(self, sweeping=sweeping))
        return self.workers[-1]

    async def ask(self, *, prefix: str = "") -> int:
        """A queued generation with an empty answer (or one that already says `prefix`)."""
        return await self.db.write(_ask, self.owner, self.conversation, prefix)

    async def row(self, generation: int) -> Row:
        return (await self.db.fetch("SELECT * FROM generation WHERE id = ?", generation))[0]

    async def message(self, generation: int) -> Row:
        rows = await self.db.fetch(
            "SELECT m.* FROM message m JOIN generation g ON g.message = m.id WHERE g.id = ?", generation
        )
        return rows[0]

    async def facts(self, generation: int) -> list[Committed]:
        rows = await self.db.fetch(
            "SELECT seq, kind, data FROM generation_event WHERE generation = ? ORDER BY seq", generation
        )
        return [(row["seq"], row["kind"], row["data"]) for row in rows]

    async def until_ended(self, generation: int) -> Row:
        async def ended() -> bool:
            return (await self.row(generation))["finished_at"] is not None

        await until(ended, f"generation {generation} ends")
        return await self.row(generation)

    async def until_shown(self, generation: int) -> None:
        async def shown() -> bool:
            return bool((await self.row(generation))["shown"])

        await until(shown, f"generation {generation} shows something")

    async def expire_lease(self, generation: int) -> None:
        """Ten seconds without a heartbeat, in no time."""
        await self.db.write(_expire, generation)


async def until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until it holds."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await condition():  # noqa: ASYNC110 - most conditions are rows
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"not within {PATIENCE:g} s: {what}") from None


def someone(now: int) -> Script[tuple[int, int]]:
    """A user with one conversation."""
    user = yield (
        "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at)"
        " VALUES ('member', 'member', '', 'user', 'active', ?) RETURNING id",
        (now,),
    )
    conversation = yield (
        "INSERT INTO conversation (owner, created_at, updated_at) VALUES (?, ?, ?) RETURNING id",
        (user[0]["id"], now, now),
    )
    return user[0]["id"], conversation[0]["id"]


def _ask(owner: int, conversation: int, prefix: str) -> Script[int]:
    now = now_ms()
    message = yield (
        "INSERT INTO message (conversation, role, text, created_at)"
        " VALUES (?, 'assistant', ?, ?) RETURNING id",
        (conversation, prefix, now),
    )
    new = NewGeneration(owner, conversation, message[0]["id"], "demo", prefix)
    return (yield from insert_generation(new, now))


def _expire(generation: int) -> Script[None]:
    yield "UPDATE generation SET lease_until = 1 WHERE id = ?", (generation,)
