"""The people of a run: they ask one question after the other, with bad lines and two devices."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.chaos.history import Asked, History, Watched, now
from tests.chaos.page import Page
from tests.client import Connection, Event, OnEvent, ServerSentEvents, call, connect, json_headers

PASSWORD = "quiet otter 47 lamp"
PAUSE = (0.1, 0.4)  # seconds before a client tries again
PATIENCE = 20.0  # seconds in which a request has to be answered at all
ENDS = {"complete": "end", "error": "end"}
OnStart = Callable[[dict[str, Any]], None]


@dataclass
class Site:
    """Where everybody goes."""

    url: str
    token: str
    model: str


async def open_site(url: str, upstream: str) -> Site:
    """The first account (or its next sign-in), and a connection to the fake upstream."""
    body = {"username": "keeper", "password": PASSWORD}
    status, said = await call(url, "POST", "/api/auth/register", "", body)
    if status == 409:
        status, said = await call(url, "POST", "/api/auth/login", "", body)
    assert status in (200, 201), said
    token = said["data"]["token"]
    # Every call of the upstream is to be one for an answer.
    status, said = await call(url, "PUT", "/api/settings/system", token, {"titles.by_model": "off"})
    assert status == 200, said
    connection = {
        "name": "Fake", "provider": "openai", "baseUrl": upstream, "apiKey": "sk-chaos", "enabled": True,
    }  # fmt: skip
    status, said = await call(url, "POST", "/api/connections", token, connection)
    assert status == 201, said
    id = said["data"]["connection"]["id"]
    status, said = await call(url, "POST", f"/api/connections/{id}/verify", token, {})
    assert status == 200, said
    assert said["data"]["ok"], said
    _, said = await call(url, "GET", "/api/models", token)
    ours = (model for model in said["data"]["models"] if model["connectionId"] == id)
    model = next(model["id"] for model in ours if model["rawId"] == "fake")
    return Site(url, token, model)


class Lane:
    """One conversation that always has a question under way until told to stop."""

    def __init__(self, site: Site, history: History, number: int, seed: int) -> None:
        self._site = site
        self._history = history
        self._number = number
        self._chance = random.Random(f"{seed}:{number}")
        self._asked = 0

    async def run(self, until: float) -> None:
        """Ask and read to the end, again and again; the last question begins before `until`."""
        conversation = await self._conversation()
        while time.monotonic() < until:
            asked = self._question(conversation)
            self._history.asked.append(asked)
            self._asked += 1
            acknowledged = asyncio.Event()
            jobs = [self._ask_and_read(asked, acknowledged, "first device")]
            if self._chance.random() < 0.3:
                jobs.append(self._read_elsewhere(asked, acknowledged))
            if self._chance.random() < 0.25:
                jobs.append(self._open_page(asked, acknowledged))
            if self._chance.random() < 0.1:
                jobs.append(self._ask_and_read(asked, acknowledged, "impatient retry"))
            if self._chance.random() < 0.05:
                jobs.append(self._stop(asked, acknowledged))
            await asyncio.gather(*jobs)

    def _question(self, conversation: int) -> Asked:
        chance, stamped = self._chance, self._number % 2 == 0
        key = f"l{self._number}q{self._asked}"
        tokens = chance.randint(20, 200)
        slow = chance.choice((0, 50, 300, 1500))
        options = f"tokens={tokens} speed=30 slow={slow} stamp={int(stamped)}"
        return Asked(
            key=key,
            conversation=conversation,
            client_message_id=f"c-{key}",
            content=f"key={key} [[{options}]]",
            tokens=tokens,
            stamped=stamped,
            at=now(),
        )

    async def _conversation(self) -> int:
        while True:
            try:
                status, said = await call(self._site.url, "POST", "/api/sessions", self._site.token, {})
                if status == 201:
                    return int(said["data"]["session"]["id"])
                self._history.refuse(str(status))
            except OSError as error:
                self._history.refuse(type(error).__name__)
            await self._breathe()

    async def _ask_and_read(self, asked: Asked, acknowledged: asyncio.Event, device: str) -> None:
        """Send until acknowledged, then read to the end; each send may be the one that counts."""
        seen = Watched(generation=0, device=f"{device} of {asked.key}")
        body = {
            "sessionId": asked.conversation, "content": asked.content, "modelId": self._site.model,
            "clientMessageId": asked.client_message_id,
        }  # fmt: skip

        def on_start(start: dict[str, Any]) -> None:
            ack = (start["messageId"], start["assistantMessageId"], start["generationId"])
            asked.acks.append((int(ack[0]), int(ack[1]), int(ack[2])))
            asked.acked_at = asked.acked_at or now()
            seen.generation = int(ack[2])
            self._history.watched.append(seen)
            acknowledged.set()

        def on_text() -> None:
            asked.first_text_at = asked.first_text_at or now()

        while not seen.generation:
            asked.sends += 1
            await self._connection("POST", "/api/chat/stream", body, seen, on_start, on_text)
            if not seen.generation:
                await self._breathe()
        await self._resume(seen, on_text)

    async def _read_elsewhere(self, asked: Asked, acknowledged: asyncio.Event) -> None:
        """A second device joins at some moment, reads from the start, and loses its line too."""
        await acknowledged.wait()
        await asyncio.sleep(self._chance.uniform(0, 4))
        seen = Watched(generation=asked.acks[0][2], device=f"second device of {asked.key}")
        self._history.watched.append(seen)
        await self._resume(seen)

    async def _resume(self, seen: Watched, on_text: Any = None) -> None:
        target = f"/api/generations/{seen.generation}/stream"
        while not seen.ended:
            await self._breathe()
            await self._connection("GET", target, None, seen, lambda start: None, on_text)

    async def _connection(
        self, method: str, target: str, body: Any, seen: Watched, on_start: Any, on_text: Any = None
    ) -> None:
        """One connection of a watcher, until the end of the answer, of the line, or of its luck."""
        seen.connections += 1
        last = seen.events[-1][0] if seen.events else 0

        def heard(event: Event) -> None:
            take(event, seen, on_start, on_text)

        await self._line(method, target, body, last, heard)

    async def _open_page(self, asked: Asked, acknowledged: asyncio.Event) -> None:
        """A page that shows the answer as HTML, and connects again by itself."""
        await acknowledged.wait()
        await asyncio.sleep(self._chance.uniform(0, 2))
        page = Page(asked.acks[0][2], f"page of {asked.key}")
        self._history.pages.append(page)
        target = f"/generations/{page.generation}/events?after=0"
        while not page.ended:
            page.connections += 1
            await self._line("GET", target, None, page.ids[-1] if page.ids else 0, page.take)
            await self._breathe()

    async def _line(self, method: str, target: str, body: Any, last: int, take: OnEvent) -> None:
        """One connection, cut at random; `last` is what the client already has."""
        reader = ServerSentEvents(take)
        luck = self._chance.uniform(0.2, 5) if self._chance.random() < 0.6 else None
        connection: Connection | None = None
        try:
            async with asyncio.timeout(luck):
                connection = await connect(self._site.url)
                headers = json_headers(self._site.token)
                if last:
                    headers["Last-Event-ID"] = str(last)
                payload = json.dumps(body).encode() if body else b""
                async with asyncio.timeout(PATIENCE):
                    status = await connection.begin(method, target, headers, payload)
                if status == 200:
                    self._history.heads.append(now())
                else:
                    self._history.refuse(str(status))
                await connection.finish(reader.feed if status == 200 else None)
        except TimeoutError:
            pass
        except OSError as error:
            self._history.refuse(type(error).__name__)
        finally:
            if connection is not None:
                connection.close()

    async def _stop(self, asked: Asked, acknowledged: asyncio.Event) -> None:
        await acknowledged.wait()
        await asyncio.sleep(self._chance.uniform(0, 3))
        generation = asked.acks[0][2]
        self._history.stops.append(generation)
        try:
            body = {"generationId": generation}
            await call(self._site.url, "POST", "/api/chat/stream/cancel", self._site.token, body)
        except OSError as error:
            self._history.refuse(type(error).__name__)

    async def _breathe(self) -> None:
        await asyncio.sleep(self._chance.uniform(*PAUSE))


def take(event: Event, seen: Watched, on_start: OnStart, on_text: Callable[[], None] | None = None) -> None:
    """Remember one event of the JSON API."""
    said = json.loads(event.data)
    kind = said["type"]
    if kind == "start":
        on_start(said)
    elif kind != "keepalive":
        seen.events.append((event.id, ENDS.get(kind, kind), _told(said)))
        if kind == "content" and on_text:
            on_text()
        seen.ended = seen.ended or kind in ENDS


async def read_once(site: Site, method: str, target: str, body: Any, seen: Watched) -> None:
    """One good connection until the answer or the line ends; raises OSError when the line breaks."""

    def on_start(start: dict[str, Any]) -> None:
        seen.generation = int(start["generationId"])

    connection = await connect(site.url)
    try:
        headers = json_headers(site.token)
        if seen.events:
            headers["Last-Event-ID"] = str(seen.events[-1][0])
        status = await connection.begin(method, target, headers, json.dumps(body).encode() if body else b"")
        assert status == 200, status
        await connection.finish(ServerSentEvents(lambda event: take(event, seen, on_start)).feed)
    finally:
        connection.close()


def _told(said: dict[str, Any]) -> str:
    """What of an event the checker compares: text, or the status of the end."""
    if said["type"] in ("content", "reasoning"):
        return str(said["content"])
    return "error" if said["type"] == "error" else str(said.get("status", ""))
