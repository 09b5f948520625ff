"""The verbs of generations: create, start, stop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from parley.generations import scripts
from parley.generations.facts import as_json, encode_facts
from parley.generations.scripts import Ended
from parley.lib.clock import now_ms
from parley.lib.db import Database, Script
from parley.lib.hub import Hub
from parley.lib.queue import BELL, JobQueue
from parley.traces import scripts as traces
from parley.traces.scripts import NewTrace

START_JOB = "start_generation"


class Needs(Protocol):
    """The part of Resources that is used here."""

    @property
    def db(self) -> Database: ...
    @property
    def hub(self) -> Hub: ...
    @property
    def queue(self) -> JobQueue: ...


@dataclass(frozen=True, slots=True)
class NewGeneration:
    """An answer to be produced into `message`; the prefixes are what the message already says."""

    owner: int
    conversation: int
    message: int
    model: str  # public id
    prefix: str = ""
    prefix_reasoning: str = ""
    trace: NewTrace | None = None  # begin one with it


def insert_generation(new: NewGeneration, now: int) -> Script[int]:
    """Queue a generation within the caller's transaction; returns its id. After commit call `start`."""
    rows = yield (
        "INSERT INTO generation (owner, conversation, message, model, status, prefix, prefix_reasoning,"
        " traced, created_at) VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?) RETURNING id",
        (
            new.owner, new.conversation, new.message, new.model, new.prefix, new.prefix_reasoning,
            new.trace is not None, now,
        ),
    )  # fmt: skip
    id = int(rows[0]["id"])
    if new.trace is not None:
        yield from traces.begin(new.trace, (id, new.owner, new.conversation, new.model), now)
    return id


async def start(resources: Needs, generation_id: int) -> None:
    """Wake a worker for a queued generation. Never raises; the sweep finds what nobody was told."""
    if await resources.queue.enqueue(START_JOB, generation_id, key=f"generation-{generation_id}"):
        resources.hub.publish([(BELL, b"")])


async def request_stop(resources: Needs, generation_id: int) -> None:
    """End it as cancelled: a queued one now, a running one within a second. Nothing after its end."""
    stopping = await resources.db.write(scripts.request_stop, generation_id, now_ms())
    if stopping.running:
        resources.hub.publish([(f"stop:{generation_id}", b"")])
    if stopping.end is not None:
        tell_end(resources.hub, generation_id, stopping.end)


def tell_end(hub: Hub, generation_id: int, ended: Ended) -> None:
    """Say to whoever follows, and to the owner's other tabs, that a generation is over."""
    hub.publish([(f"gen:{generation_id}", encode_facts([ended.fact])), news_of_end(ended)])


def news_of_end(ended: Ended) -> tuple[str, bytes]:
    """The message for the owner's tabs; a hint only."""
    return f"user:{ended.owner}", as_json({"kind": "ended", "conversation": ended.conversation}).encode()
