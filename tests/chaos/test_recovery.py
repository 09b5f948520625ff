"""Each part killed once, in peace: what a person who watches an answer experiences, and for how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from tests.chaos.history import Watched
from tests.chaos.load import Site, open_site, read_once
from tests.client import call
from tests.processes import Parley
from tests.servers import missing, redis_binary
from tests.upstream.script import text_of
from tests.upstream.server import Upstream, upstream

pytestmark = pytest.mark.chaos
PATIENCE = 120.0  # seconds; what is promised is printed, a busy machine may take longer


@pytest.fixture(scope="module")
def installation() -> Iterator[Parley]:
    """As it runs on one machine: one worker."""
    if redis_binary() is None:
        missing("redis-server or valkey-server")
    with Parley({"PARLEY_LOG_LEVEL": "warning"}) as parley:
        yield parley


@pytest.fixture
async def fake() -> AsyncIterator[Upstream]:
    async with upstream() as server:
        yield server


@pytest.fixture
async def chat(installation: Parley, fake: Upstream) -> Chat:
    return Chat(await open_site(installation.url, fake.url))


class Chat:
    """A program that asks and reads."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.conversation = 0

    async def ask(self, key: str, options: str) -> Watched:
        """A question in a new conversation; reading begins when it is acknowledged."""
        said = await self._json("POST", "/api/sessions", {})
        self.conversation = int(said["session"]["id"])
        seen = Watched(0, key)
        body = {
            "sessionId": self.conversation, "content": f"key={key} [[{options}]]", "clientMessageId": key,
            "modelId": self.site.model,
        }  # fmt: skip
        reading = asyncio.ensure_future(read_once(self.site, "POST", "/api/chat/stream", body, seen))
        await until(lambda: bool(seen.generation), f"{key} is acknowledged")
        reading.add_done_callback(lambda task: task.exception())
        return seen

    async def read_on(self, seen: Watched) -> float:
        """Follow to the end over as many connections as it takes; seconds until the first new event."""
        began, had, first = time.monotonic(), len(seen.events), 0.0
        target = f"/api/generations/{seen.generation}/stream"
        async with asyncio.timeout(PATIENCE):
            while not seen.ended:
                try:
                    await read_once(self.site, "GET", target, None, seen)
                except OSError:
                    await asyncio.sleep(0.1)
                if len(seen.events) > had and not first:
                    first = time.monotonic() - began
        return first

    async def answer(self) -> dict[str, Any]:
        """The last message as it is stored."""
        said = await self._json("GET", f"/api/sessions/{self.conversation}/messages")
        return dict(said["messages"][-1])

    async def settled(self) -> dict[str, Any]:
        """The last message once nothing runs any more."""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = await self.answer()
                if message["status"] not in ("queued", "streaming"):
                    return message
                await asyncio.sleep(0.1)

    async def continue_(self, message: int) -> None:
        """What the button does."""
        target = f"/messages/{message}/continuation"
        status, said = await call(
            self.site.url, "POST", target, self.site.token, None, {"HX-Request": "true"}
        )
        assert status == 200, said

    async def _json(self, method: str, target: str, payload: Any = None) -> Any:
        status, said = await call(self.site.url, method, target, self.site.token, payload)
        assert status in (200, 201), said
        return said["data"]


async def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for `condition`."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE:g} s: {what}"
        await asyncio.sleep(0.01)


def text_seen(seen: Watched) -> str:
    return "".join(text for _, kind, text in seen.events if kind == "content")


async def test_a_worker_killed_in_the_middle_leaves_what_was_shown_and_can_go_on(
    installation: Parley, chat: Chat, fake: Upstream
) -> None:
    seen = await chat.ask("middle", "tokens=120 speed=30")
    await until(lambda: len(seen.events) > 10, "some words are there")
    killed = time.monotonic()
    installation.kill("worker")
    await until(lambda: seen.ended, "the answer is marked interrupted")
    print(f"worker killed -> interrupted after {time.monotonic() - killed:.1f} s (promised: 15)")
    message = await chat.answer()
    assert message["status"] == "interrupted"
    assert message["content"] == text_seen(seen)
    assert len(fake.calls["middle"]) == 1
    await chat.continue_(message["id"])
    assert (await chat.settled())["content"] == text_of("middle", 120)


async def test_a_worker_killed_before_the_first_word_is_replaced_unnoticed(
    installation: Parley, chat: Chat, fake: Upstream
) -> None:
    seen = await chat.ask("before", "tokens=20 speed=100 slow=2500")
    await until(lambda: "before" in fake.calls, "the upstream was asked")
    killed = time.monotonic()
    installation.kill("worker")
    await until(lambda: seen.ended, "the answer is there")
    print(f"worker killed before the first word -> answered after {time.monotonic() - killed:.1f} s")
    assert (await chat.answer())["content"] == text_of("before", 20)
    assert len(fake.calls["before"]) == 2


async def test_a_killed_web_process_interrupts_only_the_line(installation: Parley, chat: Chat) -> None:
    seen = await chat.ask("line", "tokens=150 speed=30")
    await until(lambda: len(seen.events) > 10, "some words are there")
    killed = time.monotonic()
    installation.kill("web")
    waited = await chat.read_on(seen)
    print(f"web killed -> stream goes on after {waited:.1f} s, whole after {time.monotonic() - killed:.1f} s")
    assert text_seen(seen) == text_of("line", 150)
    assert (await chat.answer())["content"] == text_of("line", 150)


async def test_a_redis_killed_and_wiped_loses_nothing(installation: Parley, chat: Chat) -> None:
    before = await chat.ask("before-wipe", "tokens=90 speed=30")
    await until(lambda: len(before.events) > 5, "some words are there")
    installation.kill("redis")
    installation.wipe_redis()
    killed = time.monotonic()
    later = await chat.ask("after-wipe", "tokens=20 speed=100")
    await until(lambda: bool(later.events), "a new answer begins")
    print(f"Redis killed and wiped -> first word of the next answer after {time.monotonic() - killed:.1f} s")
    await until(lambda: before.ended and later.ended, "both answers are whole")
    assert text_seen(before) == text_of("before-wipe", 90)
    assert text_seen(later) == text_of("after-wipe", 20)


async def test_an_answer_nobody_watches_is_finished(chat: Chat, fake: Upstream) -> None:
    seen = await chat.ask("alone", "tokens=60 speed=30")
    # The reader is still there, as a closed laptop is: what counts is that a late one finds everything.
    await fake.ended("alone", within=20)
    late = Watched(seen.generation, "late")
    await chat.read_on(late)
    assert text_seen(late) == text_of("alone", 60)
