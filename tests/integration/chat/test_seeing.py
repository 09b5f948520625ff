"""Pictures and models that cannot see: refused in time, or described by one that can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from parley.chat.jobs import prepare, store_answer
from parley.chat.seeing import UNSEEN
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.worker import run_worker
from tests.integration.chat.test_attachments import data_address, new_session, send
from tests.integration.connections.conftest import connect
from tests.unit.files.drawings import picture
from tests.upstream import Upstream, upstream
from tests.world import World

PICTURE = [{"data": data_address(picture())}]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine is enough: the statements are tested beside this."""
    return sqlite_url


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    async with upstream() as running:
        yield running


@pytest.fixture
async def real_worker(world: World) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(world.resources, prepare, store_answer, stop=stop, grace=0.5))
    yield
    stop.set()
    await running


async def a_blind_and_a_seeing_model(
    world: World, server: Upstream, *, blind: bool = True
) -> tuple[str, str]:
    """Two models of one upstream: what an administrator says of the first, and nothing of the second."""
    models = ["blind,tokens=5", "seer,tokens=7"]
    connection = await connect(world.admin, server.url, models=models)
    ids = [f"{connection['id']}:{raw}" for raw in models]
    said = {"capabilities": {"vision": not blind}}
    changed = await world.admin.api.patch(f"/api/models/{ids[0]}", json=said)
    assert changed.status_code == 200, changed.text
    return ids[0], ids[1]


def pictures_sent(server: Upstream, model: str) -> list[int]:
    """How many pictures each request to `model` held."""
    bodies = [request.json() for request in server.requests if request.path.endswith("/chat/completions")]
    return [str(body).count("'image_url', ") for body in bodies if body["model"].startswith(model)]


async def test_a_blind_model_is_refused_before_anything_is_stored(world: World, server: Upstream) -> None:
    blind, _seer = await a_blind_and_a_seeing_model(world, server)
    session = await new_session(world.member)
    refused = await send(world.member, session, "look", modelId=blind, images=PICTURE)
    assert (refused["status"], refused["code"]) == (400, "no_vision")
    assert "cannot see pictures. Choose a model that can, or remove the pictures." in refused["error"]
    assert await world.resources.db.fetch("SELECT id FROM message") == []
    assert (
        await world.member.pages.post("/chat", data={"text": "just words", "model": blind})
    ).status_code == 303


@pytest.mark.usefixtures("real_worker")
async def test_a_model_nobody_knows_about_is_sent_the_picture(world: World, server: Upstream) -> None:
    _, seer = await a_blind_and_a_seeing_model(world, server)
    await send(world.member, await new_session(world.member), "key=k1 look", modelId=seer, images=PICTURE)
    await server.ended("k1")
    assert pictures_sent(server, "seer") == [1]


@pytest.mark.usefixtures("real_worker")
async def test_a_blind_model_may_join_a_chat_with_pictures_but_not_answer_about_one(
    world: World, server: Upstream
) -> None:
    blind, seer = await a_blind_and_a_seeing_model(world, server)
    session = await new_session(world.member)
    events = await send(world.member, session, "key=k1 look", modelId=seer, images=PICTURE)
    form = {"model": blind}
    again = await world.member.pages.post(
        f"/messages/{events[0]['assistantMessageId']}/regenerations", data=form
    )
    assert again.status_code == 400
    assert "cannot see pictures" in again.text
    await send(world.member, session, "key=k2 thanks", cid="c2", modelId=blind)
    assert UNSEEN in str((await server.ended("k2")).messages)
    assert pictures_sent(server, "blind") == [0]


@pytest.mark.usefixtures("real_worker")
async def test_a_vision_model_describes_each_picture_once_for_a_blind_one(
    world: World, server: Upstream
) -> None:
    blind, seer = await a_blind_and_a_seeing_model(world, server)
    await world.resources.db.write(_set, "models.vision", f'"{seer}"')
    session = await new_session(world.member)
    events = await send(world.member, session, "key=k1 look", modelId=blind, images=PICTURE)
    told = [event for event in events if event["type"] == "notice"]
    assert [(each["code"], each["count"]) for each in told] == [("described", 1)]
    call = await server.ended("k1")
    assert call.model.startswith("blind")
    rows = await world.resources.db.fetch("SELECT description, described_by FROM stored_file")
    assert rows[0]["described_by"] == seer
    assert rows[0]["description"]
    assert rows[0]["description"] in str(call.messages)
    await send(world.member, session, "key=k2 and?", cid="c2", modelId=blind)
    assert rows[0]["description"] in str((await server.ended("k2")).messages)
    assert pictures_sent(server, "seer") == [1]
    assert pictures_sent(server, "blind") == [0, 0]


@pytest.mark.usefixtures("real_worker")
@pytest.mark.parametrize("trouble", ["seer,fault=401", "gone"])
async def test_a_description_that_fails_ends_the_answer_with_the_reason(
    world: World, server: Upstream, trouble: str
) -> None:
    connection = await connect(world.admin, server.url, models=["blind", "seer,fault=401"])
    blind = f"{connection['id']}:blind"
    await world.admin.api.patch(f"/api/models/{blind}", json={"capabilities": {"vision": False}})
    await world.resources.db.write(_set, "models.vision", f'"{connection["id"]}:{trouble}"')
    events = await send(
        world.member, await new_session(world.member), "key=k1 look", modelId=blind, images=PICTURE
    )
    assert events[-1]["type"] == "error"
    assert events[-1]["error"]
    assert "k1" not in server.calls
    assert (await world.resources.db.fetch("SELECT description FROM stored_file"))[0]["description"] == ""


def _set(key: str, value: str) -> Script[None]:
    yield "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?)", (key, value, now_ms())
