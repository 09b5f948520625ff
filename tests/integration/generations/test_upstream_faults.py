"""The whole way at every kind of upstream: connection, worker, database, and what a person is told."""

from __future__ import annotations

import asyncio
import importlib
import itertools
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from parley.chat.jobs import prepare as real_prepare
from parley.chat.jobs import store_answer
from parley.generations.runner import Ask, Prepared
from parley.lib.db import Row
from parley.providers.base import SENTENCES
from parley.resources import Resources
from parley.settings.service import change
from parley.worker import run_worker
from tests.adapters.test_http import certificate, serving
from tests.integration.chat.conftest import ask
from tests.integration.connections.conftest import KEY, connect, data
from tests.integration.generations.workshop import until
from tests.upstream import Upstream, text_of, upstream
from tests.upstream.dialects import DIALECTS
from tests.world import World

# An upstream's fault looks the same from both engines, and each run of this file takes its time.
pytestmark = pytest.mark.one_engine

SHORT = {
    # Short for a test, long for a machine that others keep busy: thirty-six ask at once in one loop.
    "patience.connect": 5,
    "patience.headers": 2,
    "patience.first_token": 2,
    "patience.idle": 1.5,
    "patience.total": 30,
    "limits.per_minute": 0,  # one person asks all of this
    "limits.concurrent": 0,
}
KINDS = tuple(DIALECTS)
NUMBERS = itertools.count()


@dataclass
class Outcome:
    """How one question ended."""

    kind: str
    key: str
    row: Row
    text: str
    events: list[dict[str, Any]]
    calls: int

    @property
    def number(self) -> int:
        """Which of several questions it was."""
        return int(self.key.rpartition("-")[2])

    @property
    def says(self) -> str:
        """For a failing test."""
        return f"{self.key}: {self.row['status']} {self.row['error_code']} {self.row['error']} {self.notices}"

    @property
    def notices(self) -> list[str]:
        """The codes of what a person was told on the way."""
        return [event["code"] for event in self.events if event["type"] == "notice"]

    @property
    def ending(self) -> tuple[str, str, int]:
        """State, class of the failure, upstream calls."""
        return self.row["status"], self.row["error_code"] or "", self.calls


@dataclass
class Site:
    """A running Parley with a connection of every kind at one upstream."""

    world: World
    server: Upstream
    models: dict[str, str] = field(default_factory=dict)  # by kind
    waits: list[float] = field(default_factory=list)

    async def asked(self, kind: str, key: str, options: str) -> Outcome:
        """Ask, follow to the end, and look into the rows."""
        person, db = self.world.member, self.world.resources.db
        made = await person.api.post("/api/sessions", json={"modelId": self.models[kind]})
        session = int(data(made, 201)["session"]["id"])
        heard = await ask(person, f"key={key} [[{options}]]", session=session)
        assert heard["status"] == 200, heard
        rows = await db.fetch(
            "SELECT g.*, m.text AS message_text FROM generation g JOIN message m ON m.id = g.message"
            " WHERE m.conversation = ? ORDER BY g.id DESC LIMIT 1",
            session,
        )
        calls = len(self.server.calls.get(key, []))
        return Outcome(kind, key, rows[0], rows[0]["message_text"], heard["events"], calls)

    async def stop(self, kind: str) -> None:
        """Stop the answer of this kind as soon as something of it is shown."""
        db = self.world.resources.db
        shown: list[Row] = []

        async def seen() -> bool:
            shown[:] = await db.fetch(
                "SELECT id FROM generation WHERE model = ? AND shown", self.models[kind]
            )
            return bool(shown)

        await until(seen, f"{kind} shows something")
        stopped = {"generationId": shown[0]["id"]}
        data(await self.world.member.api.post("/api/chat/stream/cancel", json=stopped))

    async def everywhere(self, name: str, *options: str) -> list[Outcome]:
        """The same questions at every kind, all at once."""
        asks = [
            self.asked(kind, f"{name}-{kind}-{number}", each)
            for number, each in enumerate(options)
            for kind in KINDS
        ]
        return list(await asyncio.gather(*asks))


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    """Every kind connected; a worker with short patience that waits in no time."""
    importlib.import_module("anthropic")  # longer than this worker's patience
    async with upstream() as server:
        here = Site(world, server)
        await change(world.resources, SHORT)
        for kind in KINDS:
            await _connect(here, kind, server.url_of(kind))

        async def pause(seconds: float) -> None:
            here.waits.append(seconds)

        async def prepare(resources: Resources, generation: int) -> Prepared:
            prepared = await real_prepare(resources, generation)
            limits = replace(prepared.limits, pause=pause)
            return replace(prepared, limits=limits, asks=tuple(map(_unrested, prepared.asks)))

        stop = asyncio.Event()
        working = asyncio.create_task(
            run_worker(world.resources, prepare, store_answer, stop=stop, grace=0.5)
        )
        yield here
        stop.set()
        await working


def _unrested(ask: Ask) -> Ask:
    """With keys that no breaker has heard of: many faults at once would open it."""
    return replace(ask, keys=tuple(replace(key, id=f"{key.id}/{next(NUMBERS)}") for key in ask.keys))


async def _connect(site: Site, kind: str, url: str, name: str = "", **more: Any) -> None:
    terms = {"name": name or kind, "provider": kind, "models": ["fake"], **more}
    made = await connect(site.world.admin, url, **terms)
    site.models[name or kind] = f"{made['id']}:fake"


async def test_a_healthy_upstream_of_every_kind_is_heard_whole(site: Site) -> None:
    for outcome in await site.everywhere("well", "tokens=50,speed=0,reasoning=2"):
        assert outcome.ending == ("done", "", 1), outcome.says
        assert outcome.text == text_of(outcome.key, 50)
        assert outcome.row["completion_tokens"] == 52


# How it ends, and how many times the upstream is asked.
BEFORE_THE_FIRST_WORD = {
    "401": ("authentication", 1),
    "invalid": ("invalid_request", 1),
    "context": ("context_length", 1),
    "no-model": ("model_not_found", 1),
    "redirect": ("model_not_found", 1),
    "wrong-type": ("malformed", 1),
    "bad-json,at=first": ("malformed", 1),
    "429": ("rate_limit", 2),
    "500": ("server", 2),
    "503": ("overloaded", 2),
    "html-502": ("server", 2),
    "error-in-200": ("overloaded", 2),
    "hang-headers": ("timeout", 2),
    "hang-body,at=first": ("timeout", 2),
    "only-alive,at=first": ("timeout", 2),
    "drip,at=first": ("timeout", 2),
}


async def test_a_failure_before_the_first_word_is_told_plainly(site: Site) -> None:
    faults = list(BEFORE_THE_FIRST_WORD)
    ended = await site.everywhere("refused", *(f"fault={fault}" for fault in faults))
    for outcome in ended:
        code, calls = BEFORE_THE_FIRST_WORD[faults[outcome.number]]
        assert outcome.ending == ("error", code, calls), outcome.says
        assert outcome.text == ""
        assert KEY not in outcome.row["error"]
        assert outcome.row["error"].startswith(SENTENCES[code])


async def test_the_second_try_gets_the_whole_answer(site: Site) -> None:
    faults = ("429", "500", "503", "hang-headers", "reset,at=first", "truncated,at=first")
    for outcome in await site.everywhere(
        "again", *(f"fault={fault},failures=1,tokens=20,speed=0" for fault in faults)
    ):
        assert outcome.ending == ("done", "", 2), outcome.says
        assert outcome.text == text_of(outcome.key, 20)
        told = "not_streamed" if faults[outcome.number].startswith("truncated") else "waiting"
        if faults[outcome.number] != "reset,at=first":
            assert told in outcome.notices, outcome.says
    assert 3.0 in site.waits  # what the vendors of the 429 ask for


IN_THE_MIDDLE = {
    "hang-body": "timeout",
    "only-alive": "timeout",
    "drip": "timeout",
    "reset": "incomplete",
    "truncated": "incomplete",
    "bad-json": "malformed",
}


@pytest.mark.parametrize(("at", "said"), [("mid", 10), ("last", 25)])
async def test_a_break_after_words_keeps_them_and_asks_nobody_again(site: Site, at: str, said: int) -> None:
    faults = list(IN_THE_MIDDLE)
    ended = await site.everywhere(
        "broken", *(f"fault={fault},at={at},after=10,tokens=25,speed=0" for fault in faults)
    )
    for outcome in ended:
        assert outcome.ending == ("interrupted", IN_THE_MIDDLE[faults[outcome.number]], 1), outcome.says
        assert outcome.text == text_of(outcome.key, said)
        assert outcome.row["error"].strip()


async def test_an_error_in_the_middle_is_told_at_once_and_keeps_the_words_too(site: Site) -> None:
    await change(site.world.resources, {"patience.idle": 120})  # it is not silence that ends these
    async with asyncio.timeout(60):
        ended = await site.everywhere("failed", "fault=error-in-stream,after=10,tokens=25,speed=0")
    for outcome in ended:
        assert outcome.ending in (("error", "overloaded", 1), ("error", "server", 1)), outcome.says
        assert outcome.text == text_of(outcome.key, 10)


async def test_stopping_hangs_up_on_every_kind_and_keeps_the_words(site: Site) -> None:
    async def stopped(kind: str) -> tuple[str, Row, str]:
        asking = asyncio.create_task(site.asked(kind, f"stop-{kind}", "tokens=4000,speed=40"))
        await site.server.called(f"stop-{kind}")
        await site.stop(kind)
        outcome = await asking
        call = await site.server.ended(f"stop-{kind}", within=10)  # of the hundred seconds it would talk
        return call.ended, outcome.row, call.sent[: len(outcome.text)]

    for ended, row, sent in await asyncio.gather(*map(stopped, KINDS)):
        assert (ended, row["status"]) == ("closed", "cancelled")
        assert row["message_text"] == sent != ""


async def test_one_that_hangs_does_not_hold_up_the_others(site: Site) -> None:
    await change(site.world.resources, {"patience.headers": 60, "patience.first_token": 60})
    hanging = asyncio.create_task(site.everywhere("hangs", "fault=hang-headers"))
    await asyncio.gather(*(site.server.called(f"hangs-{kind}-0") for kind in KINDS))
    async with asyncio.timeout(30):
        for outcome in await site.everywhere("swift", "tokens=20,speed=0"):
            assert outcome.ending == ("done", "", 1), outcome.says
    assert not hanging.done()
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging


async def test_an_address_where_nobody_listens_is_told(site: Site) -> None:
    for kind in KINDS:
        await _connect(site, kind, "http://127.0.0.1:1" + DIALECTS[kind].base, name=f"closed-{kind}")
    for kind in KINDS:
        outcome = await site.asked(f"closed-{kind}", f"nobody-{kind}", "tokens=1")
        assert outcome.ending == ("error", "network", 0)
        assert "connection refused" in outcome.row["error"]


async def test_a_certificate_nobody_signed_is_told(site: Site, tmp_path: Path) -> None:
    async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(*certificate(tmp_path, "127.0.0.1"))
    async with serving(talk, served) as port:
        for kind in KINDS:
            url = f"https://127.0.0.1:{port}" + DIALECTS[kind].base
            await _connect(site, kind, url, name=f"self-signed-{kind}")
        for kind in KINDS:
            outcome = await site.asked(f"self-signed-{kind}", f"tls-{kind}", "tokens=1")
            assert outcome.ending == ("error", "network", 0), outcome.says
            assert "certificate is not valid" in outcome.row["error"]


async def test_a_second_key_answers_for_one_that_is_refused(site: Site) -> None:
    good = "sk-another-0123456789abcdef"
    body = {
        "name": "pool", "provider": "openai", "baseUrl": site.server.url_with(f"bad_key={KEY}"),
        "enabled": True, "models": ["fake"],
        "apiKeys": [{"label": "bad", "key": KEY}, {"label": "good", "key": good}],
    }  # fmt: skip
    made = data(await site.world.admin.api.post("/api/connections", json=body), 201)["connection"]
    site.models["pool"] = f"{made['id']}:fake"
    for number in range(3):
        outcome = await site.asked("pool", f"pool-{number}", "tokens=5,speed=0")
        assert outcome.row["status"] == "done", outcome.says
        assert outcome.text == text_of(outcome.key, 5)
        assert site.server.calls[outcome.key][-1].credential == good


async def test_another_model_answers_for_one_that_cannot(site: Site) -> None:
    await _connect(site, "anthropic", site.server.url_of("anthropic", "fault=503"), name="poor")
    path = f"/api/models/{site.models['poor']}"
    data(await site.world.admin.api.patch(path, json={"fallbacks": [site.models["gemini"]]}))
    outcome = await site.asked("poor", "instead", "tokens=5,speed=0")
    assert outcome.ending == ("done", "", 3), outcome.says
    assert outcome.text == text_of("instead", 5)
    assert [call.dialect for call in site.server.calls["instead"]] == ["anthropic", "anthropic", "gemini"]
    told = next(event for event in outcome.events if event.get("code") == "fallback")
    assert told["reason"] == "overloaded"


@pytest.mark.parametrize("kind", ["openai", "openai-responses", "gemini", "ollama"])
async def test_a_picture_a_model_makes_is_kept_and_shown(site: Site, kind: str) -> None:
    outcome = await site.asked(kind, f"draws-{kind}", "tokens=3,speed=0,images=1,image_size=300KB")
    assert outcome.ending == ("done", "", 1), outcome.says
    shown = [event for event in outcome.events if event["type"] == "image"]
    assert len(shown) == 1
    assert (shown[0]["width"], shown[0]["height"]) == (1, 1)
