"""A thorough test of a connection."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.integration.connections.conftest import KEY, connect, data
from tests.upstream import Upstream
from tests.world import World

pytestmark = pytest.mark.one_engine

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
TWO_KEYS = [{"label": "first", "key": "sk-bad-0123456789abcd"}, {"label": "second", "key": KEY}]


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine is enough: what is asked here is what upstreams answer."""
    return sqlite_url


async def verified(world: World, id: int) -> dict[str, Any]:
    """What the test of a connection says."""
    found: dict[str, Any] = data(await world.admin.api.post(f"/api/connections/{id}/verify"))
    return found


async def test_it_says_what_was_asked_and_that_pieces_stream(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    found = await verified(world, connection["id"])
    [key] = found["keys"]
    assert key["list"]["asked"] == f"GET {server.url}/models"
    assert (key["list"]["error"], key["models"], key["hint"]) == (None, 4, KEY[-4:])
    question = key["question"]
    assert question["asked"] == f"POST {server.url}/chat/completions"
    assert (question["model"], question["streaming"], question["error"]) == ("fake", True, None)
    assert question["pieces"] > 1
    assert 0 < question["firstMs"] <= question["latencyMs"]
    shown = data(await world.admin.api.get(f"/api/connections/{connection['id']}"))["connection"]
    assert shown["verification"]["ok"] is True
    assert shown["verification"]["keys"] == found["keys"]


@pytest.mark.parametrize("kind", ["openai", "openai-responses", "azure", "anthropic", "gemini", "ollama"])
async def test_every_protocol_is_listed_asked_and_watched(world: World, server: Upstream, kind: str) -> None:
    url = server.url_of(kind)
    connection = await connect(world.admin, url, provider=kind)
    [key] = (await verified(world, connection["id"]))["keys"]
    for step, method in ((key["list"], "GET "), (key["question"], "POST ")):
        assert (step["error"], step["status"]) == (None, 200)
        assert step["asked"].startswith(method + f"http://127.0.0.1:{server.port}/")
        assert KEY not in step["asked"]
    assert key["models"] > 0
    assert key["question"]["streaming"] is True


async def test_an_answer_all_at_once_is_told_from_a_stream(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url_with("fault=json"))
    question = (await verified(world, connection["id"]))["keys"][0]["question"]
    assert (question["streaming"], question["error"]) == (False, None)


async def test_each_key_is_tried_and_the_first_that_works_finds_the_models(
    world: World, server: Upstream
) -> None:
    url = server.url_with("bad_key=sk-bad-0123456789abcd")
    connection = await connect(world.admin, url, apiKey="", apiKeys=TWO_KEYS)
    assert (connection["modelCount"], connection["error"]) == (4, None)
    found = await verified(world, connection["id"])
    bad, good = found["keys"]
    assert (bad["label"], good["label"]) == ("first", "second")
    assert "refused the key" in bad["list"]["error"]
    assert [cause["code"] for cause in bad["causes"]] == ["key"]
    assert (good["list"]["error"], good["question"]["error"], found["ok"]) == (None, None, False)
    assert "sk-bad" not in str(bad["list"]["error"])
    off = [{"id": key["id"], "enabled": key["label"] != "first"} for key in connection["keys"]]
    path = f"/api/connections/{connection['id']}"
    changed = data(await world.admin.api.patch(path, json={"apiKeys": off}))["connection"]
    assert [(key["label"], key["enabled"]) for key in changed["keys"]] == [("first", False), ("second", True)]
    assert changed["verification"] is None, "what an older test saw says nothing any more"
    assert len((await verified(world, connection["id"]))["keys"]) == 1


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        ("fault=401", "key", "Copy the key again"),
        ("fault=429", "rate", "Too many requests"),
        ("fault=html-502", "proxy", "A proxy in front"),
        ("fault=redirect", "redirect", "sends us to another address"),
    ],
)
async def test_a_failure_comes_with_its_likely_cause(
    world: World, server: Upstream, options: str, code: str, words: str
) -> None:
    connection = await connect(world.admin, server.url_with(options))
    found = await verified(world, connection["id"])
    assert [cause["code"] for cause in found["causes"]] == [code]
    assert words in found["causes"][0]["text"]


async def test_nobody_at_home_and_a_path_without_v1(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, "http://127.0.0.1:9/v1")
    found = await verified(world, connection["id"])
    assert found["causes"][0]["code"] in ("not_running", "container")
    connection = await connect(world.admin, f"http://127.0.0.1:{server.port}/nowhere")
    assert (await verified(world, connection["id"]))["causes"][0]["code"] == "add_v1"


async def test_listed_models_need_no_list_and_are_verified_by_a_question(
    world: World, server: Upstream
) -> None:
    connection = await connect(world.admin, server.url_with("fault=500"), models=["fake", " fake ", "other"])
    assert (connection["models"], connection["modelCount"]) == (["fake", "other"], 2)
    assert (connection["error"], connection["latencyMs"]) == (None, None)
    assert not server.requests, "nobody was asked"
    found = await verified(world, connection["id"])
    assert found["keys"][0]["list"] is None
    assert found["ok"] is False
    path = f"/api/connections/{connection['id']}"
    healed = data(await world.admin.api.patch(path, json={"baseUrl": server.url, "models": ["fake"]}))
    assert healed["connection"]["error"] is None
    assert (await verified(world, connection["id"]))["ok"] is True


async def test_a_form_is_verified_without_being_stored(world: World, server: Upstream) -> None:
    body = {"provider": "openai", "baseUrl": server.url, "apiKeys": TWO_KEYS, "options": {"auth": "bearer"}}
    found = data(await world.admin.api.post("/api/connections/verify", json=body))
    assert (found["ok"], len(found["keys"]), len(found["models"])) == (True, 2, 4)
    assert len(data(await world.admin.api.get("/api/connections"))["connections"]) == 1
    refused = await world.admin.api.post(
        "/api/connections/verify", json={"provider": "openai", "baseUrl": "x"}
    )
    assert refused.status_code == 400


async def test_the_button_shows_the_report_on_the_card(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    path = f"/admin/connections/{connection['id']}"
    form = {"_csrf": world.admin.csrf}
    card = (await world.admin.pages.post(f"{path}/verification", data=form, headers=HTMX)).text
    assert "testing …" in card
    async with asyncio.timeout(10):
        while "load delay" in card:
            await asyncio.sleep(0.05)
            card = (await world.admin.pages.get(path, headers=HTMX)).text
    assert "Test of" in card
    assert f"POST {server.url}/chat/completions · fake" in card
    assert "streams: " in card


async def test_a_question_that_fails_after_a_good_list_shows_as_failing(
    world: World, server: Upstream
) -> None:
    connection = await connect(world.admin, server.url, models=["fake,fault=quota"])
    found = await verified(world, connection["id"])
    assert (found["ok"], found["causes"][0]["code"]) == (False, "quota")
    card = (await world.admin.pages.get(f"/admin/connections/{connection['id']}", headers=HTMX)).text
    assert "no credit left" in card
