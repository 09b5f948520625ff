"""A traced Parley: a connection to a local upstream, and a worker that waits in no time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from parley.chat.jobs import prepare as real_prepare
from parley.chat.jobs import store_answer
from parley.generations.runner import Prepared
from parley.resources import Resources
from parley.settings.service import change
from parley.worker import run_worker
from tests.integration.chat.conftest import events_of
from tests.integration.connections.conftest import connect, data
from tests.integration.generations.workshop import until
from tests.upstream import Upstream, upstream
from tests.world import Person, World


@dataclass
class Traced:
    """What a test of traces needs."""

    world: World
    server: Upstream
    model: str

    async def ask(self, person: Person, text: str, **more: Any) -> int:
        """Ask and read to the end; the session."""
        made = await person.api.post("/api/sessions", json={"modelId": self.model})
        session = int(data(made, 201)["session"]["id"])
        body = {"sessionId": session, "content": text, "clientMessageId": "c1", **more}
        async with person.api.stream("POST", "/api/chat/stream", json=body) as response:
            assert response.status_code == 200, await response.aread()
            async for _event in events_of(response):
                pass
        return session

    async def traces(self, person: Person, query: str = "") -> list[dict[str, Any]]:
        """What the API lists."""
        found: list[dict[str, Any]] = data(await person.api.get(f"/api/task-trace{query}"))["traces"]
        return found

    async def only(self, person: Person) -> int:
        """The one trace there is, once its reader is noted as gone."""

        async def noted() -> bool:
            rows = await self.world.resources.db.fetch("SELECT 1 FROM trace_event WHERE kind = 'page'")
            return bool(rows)

        await until(noted, "the reader is gone")
        (found,) = await self.traces(person)
        return int(found["id"])


@pytest.fixture
async def traced(world: World) -> AsyncIterator[Traced]:
    """Everybody may have traces taken."""
    async with upstream() as server:
        await change(world.resources, {"traces.who": "everybody"})
        made = await connect(world.admin, server.url_of("openai"), name="Nearby", models=["fake"])

        async def pause(seconds: float) -> None:
            """In no time."""

        async def prepare(resources: Resources, generation: int) -> Prepared:
            prepared = await real_prepare(resources, generation)
            return replace(prepared, limits=replace(prepared.limits, pause=pause))

        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker(world.resources, prepare, store_answer, stop=stop, grace=0.5)
        )
        yield Traced(world, server, f"{made['id']}:fake")
        stop.set()
        await working
