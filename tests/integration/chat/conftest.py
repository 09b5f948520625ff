"""A worker beside the application, answering from a script."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from parley.chat.jobs import prepare as real_prepare
from parley.chat.jobs import store_answer
from parley.generations.runner import Key, Prepared
from parley.providers.base import Fact, Finished, ModelInfo, Prompt, TextDelta
from parley.resources import Resources
from parley.worker import run_worker
from tests.world import Person, World


@dataclass
class ScriptedProvider:
    """Answers with `facts`; keeps what it was asked. `hold` pauses it before its last fact."""

    facts: list[Fact | Exception] = field(default_factory=lambda: [TextDelta("Hello."), Finished("stop")])
    hold: asyncio.Event | None = None
    prompts: list[Prompt] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        self.prompts.append(prompt)
        self.asked.set()
        for n, fact in enumerate(self.facts, 1):
            if n == len(self.facts) and self.hold is not None:
                await self.hold.wait()
            if isinstance(fact, Exception):
                raise fact
            yield fact

    async def models(self) -> list[ModelInfo]:
        return []


@pytest.fixture
def provider() -> ScriptedProvider:
    return ScriptedProvider()


@pytest.fixture
async def worker(world: World, provider: ScriptedProvider) -> AsyncIterator[None]:
    """Answers the world's generations with `provider`."""

    async def prepare(resources: Resources, generation: int) -> Prepared:
        prepared = await real_prepare(resources, generation)
        asks = tuple(replace(ask, keys=(Key("scripted", provider),)) for ask in prepared.asks)
        return replace(prepared, asks=asks)

    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(world.resources, prepare, store_answer, stop=stop, grace=0.5))
    yield
    stop.set()
    await running


async def ask(person: Person, text: str, *, session: int | None = None, cid: str = "c1") -> dict[str, Any]:
    """Ask through the JSON API and read the stream to its end."""
    if session is None:
        session = (await person.api.post("/api/sessions", json={})).json()["data"]["session"]["id"]
    body = {"sessionId": session, "content": text, "clientMessageId": cid}
    async with person.api.stream("POST", "/api/chat/stream", json=body) as response:
        if response.status_code != 200:
            await response.aread()
            return {"status": response.status_code, "session": session, **response.json()}
        events = [event async for event in events_of(response)]
    return {
        "status": 200,
        "session": session,
        "start": events[0],
        "text": "".join(event["content"] for event in events if event["type"] == "content"),
        "end": events[-1],
        "events": events,
    }


async def events_of(response: Any) -> AsyncIterator[dict[str, Any]]:
    """The JSON of each event, with its id under "seq"."""
    seq = None
    async for line in response.aiter_lines():
        if line.startswith("id: "):
            seq = int(line[4:])
        elif line.startswith("data: "):
            yield {"seq": seq, **json.loads(line[6:])}
