"""Titles by a model, against the fake upstream: made in the background, never instead of the owner's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.chat.titling import scripts, service
from parley.chat.titling.wording import title_of
from parley.lib.clock import now_ms
from parley.lib.db import Row
from tests.integration.chat.conftest import ask
from tests.integration.connections.conftest import connect
from tests.integration.settings.test_settings import put
from tests.upstream import Upstream, upstream
from tests.upstream.script import text_of
from tests.world import World

pytestmark = [pytest.mark.one_engine, pytest.mark.usefixtures("worker")]
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    async with upstream() as running:
        yield running


async def titled_by(world: World, server: Upstream, model: str) -> str:
    """A model of the upstream makes the titles from now on; its public id."""
    connection = await connect(world.admin, server.url, models=[model])
    id = f"{connection['id']}:{model}"
    await put(world.admin, **{"titles.model": id, "titles.longest": 60})
    return id


async def chat(world: World, id: int) -> Row:
    rows = await world.resources.db.fetch(
        "SELECT title, title_due, title_tries, titled_by_owner FROM conversation WHERE id = ?", id
    )
    return rows[0]


async def test_after_the_first_answer_a_model_makes_the_title(world: World, server: Upstream) -> None:
    await titled_by(world, server, "titler,tokens=6,speed=0")
    asked = await ask(world.member, "key=t1 why is the backup slow?")
    assert (await chat(world, asked["session"]))["title"] == "key=t1 why is the backup slow?"
    told = asyncio.Event()
    await world.resources.hub.subscribe(
        f"user:{world.member.id}", lambda news: told.set() if b'"titled"' in (news or b"") else None
    )
    assert await service.make_due(world.resources) == 1
    wanted = title_of(text_of("t1", 6), 60)
    row = await chat(world, asked["session"])
    assert (row["title"], row["title_due"]) == (wanted, None)
    call = server.calls["t1"][-1]
    assert "<question>\nkey=t1 why is the backup slow?\n</question>" in call.prompt
    assert "<answer>\nHello.\n</answer>" in call.prompt
    async with asyncio.timeout(20):
        await told.wait()
    assert await service.make_due(world.resources) == 0
    assert len(server.calls["t1"]) == 1


async def test_a_failing_model_is_asked_twice_and_the_first_words_stay(
    world: World, server: Upstream
) -> None:
    await titled_by(world, server, "titler,fault=500")
    session = (await ask(world.member, "key=t2 lighthouses"))["session"]
    for tries in (1, 2):
        await service.make_due(world.resources)
        row = await chat(world, session)
        assert row["title_tries"] == tries
        if row["title_due"]:
            await world.resources.db.write(scripts.let_go, session, row["title_due"], now_ms())
    assert (row["title"], row["title_due"]) == ("key=t2 lighthouses", None)
    assert await service.make_due(world.resources) == 0


async def test_a_name_given_meanwhile_stays_and_so_does_one_given_before(
    world: World, server: Upstream
) -> None:
    await titled_by(world, server, "titler,tokens=6,slow=400")
    session = (await ask(world.member, "key=t3 pears"))["session"]
    making = asyncio.create_task(service.make_due(world.resources))
    await server.called("t3")
    await world.member.api.patch(f"/api/sessions/{session}", json={"title": "My own"})
    await making
    assert (await chat(world, session))["title"] == "My own"
    made = await world.member.api.post("/api/sessions", json={"title": "Mine before"})
    before = made.json()["data"]["session"]["id"]
    await ask(world.member, "key=t4 plums", session=before)
    assert await service.make_due(world.resources) == 0
    assert (await chat(world, before))["title"] == "Mine before"


async def test_whoever_dies_with_a_title_leaves_it_to_the_next(world: World, server: Upstream) -> None:
    await titled_by(world, server, "titler,tokens=6,speed=0")
    session = (await ask(world.member, "key=t5 figs"))["session"]
    due = (await chat(world, session))["title_due"]
    assert await world.resources.db.write(scripts.claim, session, due, now_ms() - 1) == 1
    await service.make_due(world.resources)
    row = await chat(world, session)
    assert (row["title"], row["title_tries"]) == (title_of(text_of("t5", 6), 60), 2)


async def test_nothing_is_asked_where_titles_are_off_or_only_the_demo_answers(
    world: World, server: Upstream
) -> None:
    session = (await ask(world.member, "key=t6 quinces"))["session"]
    await service.make_due(world.resources)
    assert (await chat(world, session))["title_due"] is None  # the demo makes no titles
    await titled_by(world, server, "titler,tokens=6,speed=0")
    page = (await world.member.pages.get(f"/chat/{session}")).text
    assert f'action="/chat/{session}/title"' in page
    answer = await world.member.pages.post(f"/chat/{session}/title", headers=HTMX)
    assert "on its way" in answer.text
    assert (await world.outsider.pages.post(f"/chat/{session}/title", headers=HTMX)).status_code == 404
    await put(world.admin, **{"titles.by_model": "off"})
    await service.make_due(world.resources)
    row = await chat(world, session)
    assert (row["title"], row["title_due"]) == ("key=t6 quinces", None)
    assert "t6" not in server.calls
    assert f'action="/chat/{session}/title"' not in (await world.member.pages.get(f"/chat/{session}")).text
