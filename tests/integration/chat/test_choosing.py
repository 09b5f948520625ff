"""Choosing how a chat answers: models, marks, the panel, and a person's own defaults."""

from __future__ import annotations

import re

import pytest

from parley.lib.db import Script
from tests.integration.catalogue.conftest import connection, data
from tests.integration.chat.conftest import ask
from tests.world import Person, World

pytestmark = pytest.mark.one_engine

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
SEES = {"capabilities": ["vision", "reasoning"], "context_window": 64_000}


def options(html: str) -> list[str]:
    """The models a picker offers, in its order."""
    return re.findall(r'name="model" value="([^"]+)"', html)


async def session_of(person: Person, **body: object) -> int:
    made = await person.api.post("/api/sessions", json=body)
    return int(data(made, 201)["session"]["id"])


async def test_a_picker_says_what_models_can_do_and_which_connection_fails(world: World) -> None:
    await connection(world.resources.db, {"big": SEES}, failing_since=7, check_code="authentication")
    page = (await world.member.pages.get("/chat")).text
    assert "sees pictures" in page
    assert ">64k</span>" in page
    assert page.count("The provider refused the key.") >= 1
    assert "data-reasons" in page


async def test_two_thousand_models_do_not_make_the_page_long_and_are_found(world: World) -> None:
    id = await connection(world.resources.db, {f"m{n}": {} for n in range(2000)})
    page = (await world.member.pages.get("/chat")).text
    assert len(options(page)) < 60
    assert "more models: type to find them" in page
    found = await world.member.pages.get("/f/models", params={"q": "M1999", "current": "demo"})
    assert f"{id}:m1999" in options(found.text)
    assert re.search(r'value="demo"[^>]* checked hidden', found.text)
    none = await world.member.pages.get("/f/models", params={"q": "no such thing"})
    assert "No model has that name." in none.text


async def test_favourites_come_first_and_only_for_who_marked_them(world: World) -> None:
    id = await connection(world.resources.db, {"a": {}, "b": {}})
    marked = await world.member.pages.post("/f/models/marks", data={"star": f"{id}:b"}, headers=HTMX)
    assert marked.status_code == 204
    assert options((await world.member.pages.get("/chat")).text)[0] == f"{id}:b"
    assert options((await world.outsider.pages.get("/chat")).text)[0] == f"{id}:a"
    form = {"unstar": f"{id}:b", "next": "/chat"}
    without_scripts = await world.member.pages.post("/f/models/marks", data=form)
    assert (without_scripts.status_code, without_scripts.headers["location"]) == (303, "/chat")
    assert options((await world.member.pages.get("/chat")).text)[0] == f"{id}:a"


async def test_a_default_is_what_new_chats_begin_with(world: World) -> None:
    id = await connection(world.resources.db, {"a": {}, "b": {}})
    await world.member.pages.post("/f/models/marks", data={"default": f"{id}:b"}, headers=HTMX)
    page = (await world.member.pages.get("/chat")).text
    assert re.search(rf'value="{id}:b" form="composer" checked', page)
    gone = await world.member.pages.post("/f/models/marks", data={"default": "9:x"}, headers=HTMX)
    assert gone.status_code == 404
    elsewhere = {"default": "demo", "next": "//evil.example"}
    sent = await world.member.pages.post("/f/models/marks", data=elsewhere)
    assert sent.headers["location"] == "/chat"


@pytest.mark.usefixtures("worker")
async def test_what_was_used_is_recent_and_the_gauge_fits_the_chosen_model(world: World) -> None:
    small = await connection(world.resources.db, {"tiny": {"context_window": 5}})
    asked = await ask(world.member, "Hi")
    address = f"/chat/{asked['session']}"
    assert "Recent" in (await world.member.pages.get(address)).text
    chosen = await world.member.pages.post(f"{address}/model", data={"model": f"{small}:tiny"}, headers=HTMX)
    assert chosen.status_code == 200
    assert 'id="gauge"' in chosen.text
    assert 'data-level="full"' in chosen.text
    assert "older messages are left out" in chosen.text


async def test_the_panel_saves_and_says_what_is_wrong_with_which_field(world: World) -> None:
    id = await session_of(world.member)
    address = f"/chat/{id}/settings"
    wrong = await world.member.pages.post(address, data={"temperature": "9", "system_prompt": "Be brief."})
    assert wrong.status_code == 400
    assert "A number from 0 (sober) to 2 (wild)." in wrong.text
    assert "Be brief." in wrong.text
    form = {"temperature": "0.5", "system_prompt": "Be brief.", "effort": "low", "stops": "END\r\n"}
    saved = await world.member.pages.post(address, data=form)
    assert (saved.status_code, saved.headers["location"]) == (303, f"/chat/{id}")
    session = data(await world.member.api.get(f"/api/sessions/{id}"))["session"]
    assert session["systemPrompt"] == "Be brief."
    assert session["sampling"] == {"temperature": 0.5, "stop": ["END"]}
    assert session["reasoning"] == {"effort": "low"}
    panel = await world.member.pages.get(address, headers=HTMX)
    assert 'value="0.5"' in panel.text
    assert "<html" not in panel.text


async def test_a_chat_can_begin_with_its_settings(world: World) -> None:
    assert "System prompt" in (await world.member.pages.get("/chat/settings")).text
    made = await world.member.pages.post("/chat/settings", data={"system_prompt": "You are a pirate."})
    assert made.status_code == 303
    id = made.headers["location"].rpartition("/")[2]
    session = data(await world.member.api.get(f"/api/sessions/{id}"))["session"]
    assert session["systemPrompt"] == "You are a pirate."


async def test_the_quick_control_changes_the_effort_and_keeps_the_budget(world: World) -> None:
    id = await session_of(world.member)
    api, pages = world.member.api, world.member.pages
    await api.patch(f"/api/sessions/{id}", json={"reasoning": {"budget": 900}})
    done = await pages.post(f"/chat/{id}/reasoning", data={"effort": "high"}, headers=HTMX)
    assert done.status_code == 204
    session = data(await api.get(f"/api/sessions/{id}"))["session"]
    assert session["reasoning"] == {"effort": "high", "budget": 900}
    odd = await pages.post(f"/chat/{id}/reasoning", data={"effort": "wild"}, headers=HTMX)
    assert odd.status_code == 400


async def test_the_effort_travels_with_the_first_message_of_a_chat(world: World) -> None:
    form = {"text": "Why?", "client_message_id": "c1", "model": "demo", "effort": "high"}
    sent = await world.member.pages.post("/chat", data=form)
    id = sent.headers["location"].rpartition("/")[2]
    session = data(await world.member.api.get(f"/api/sessions/{id}"))["session"]
    assert session["reasoning"] == {"effort": "high"}
    assert '<option value="high" selected>' in (await world.member.pages.get(f"/chat/{id}")).text
    odd = await world.member.pages.post("/chat", data=form | {"client_message_id": "c2", "effort": "wild"})
    assert odd.status_code == 400


async def test_a_session_is_tuned_by_programs_as_a_whole_or_not_at_all(world: World) -> None:
    id = await session_of(world.member, title="First")
    api, address = world.member.api, f"/api/sessions/{id}"
    for body in (
        {"title": "Second", "sampling": {"temperature": 5}},
        {"title": "Second", "sampling": {"colour": 1}},
        {"title": "Second", "reasoning": {"mode": "maybe"}},
        {"title": "Second", "systemPrompt": "x" * 12_001},
        {"title": "Second", "systemPrompt": "x", "modelId": "gone"},
    ):
        refused = await api.patch(address, json=body)
        assert refused.status_code in (400, 404), body
    assert data(await api.get(address))["session"]["title"] == "First"
    kept = await api.patch(address, json={"systemPrompt": "Be kind.", "sampling": {"seed": 4}})
    assert data(kept)["session"]["sampling"] == {"seed": 4}
    emptied = await api.patch(address, json={"sampling": {}})
    session = data(emptied)["session"]
    assert (session["sampling"], session["systemPrompt"]) == ({}, "Be kind.")


async def test_an_outsider_finds_none_of_it(world: World) -> None:
    id = await session_of(world.member, title="private")
    stranger = world.outsider
    answers = [
        await stranger.api.get(f"/api/sessions/{id}"),
        await stranger.api.patch(f"/api/sessions/{id}", json={"systemPrompt": "mine"}),
        await stranger.pages.get(f"/chat/{id}/settings"),
        await stranger.pages.post(f"/chat/{id}/settings", data={"system_prompt": "mine"}),
        await stranger.pages.post(f"/chat/{id}/reasoning", data={"effort": "low"}),
        await stranger.pages.post(f"/chat/{id}/model", data={"model": "demo"}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    session = data(await world.member.api.get(f"/api/sessions/{id}"))["session"]
    assert (session["systemPrompt"], session["modelId"]) == ("", None)


async def test_a_person_has_a_prompt_and_a_model_of_their_own(world: World) -> None:
    id = await connection(world.resources.db, {"a": {}, "b": {}})
    api = world.member.api
    assert data(await api.get("/api/settings/personal"))["personalPrompt"] == ""
    habits = {"enter": "ctrl", "density": "snug", "reasoning": "closed", "notify": True, "aloud": False}
    habits["theme"] = "dark"
    body: dict[str, object] = {"personalPrompt": "Call me Ada.", "defaultModel": f"{id}:b"}
    body |= {"language": "zh", "timeZone": "Asia/Shanghai", "preferences": habits}
    saved = await api.put("/api/settings/personal", json=body)
    assert data(saved) == body
    assert (saved.cookies["lang"], saved.cookies["theme"]) == ("zh", "dark")
    assert data(await world.outsider.api.get("/api/settings/personal"))["personalPrompt"] == ""
    refused = [
        await api.put("/api/settings/personal", json={"personalPrompt": "x" * 12_001, "defaultModel": ""}),
        await api.put("/api/settings/personal", json={"personalPrompt": "y", "defaultModel": "9:none"}),
        await api.put("/api/settings/personal", json={"personalPrompt": "y", "timeZone": "Mars/Olympus"}),
        await api.put("/api/settings/personal", json={"preferences": {"enter": "shout"}}),
        await api.put("/api/settings/personal", json={"preferences": {"theme": "pink"}}),
    ]
    assert [answer.status_code for answer in refused] == [400, 404, 400, 400, 400]
    assert data(await api.get("/api/settings/personal")) == body


async def test_the_account_page_saves_the_same(world: World) -> None:
    pages = world.member.pages
    saved = await pages.post("/account/chat", data={"prompt": "Call me Ada.", "model": "demo"})
    assert saved.headers["location"] == "/account/chat?saved=true"
    page = (await pages.get("/account/chat?saved=true")).text
    assert "Call me Ada." in page
    assert "Saved." in page
    long = await pages.post("/account/chat", data={"prompt": "x" * 12_001, "model": ""})
    assert long.status_code == 400
    assert "At most 12,000 characters; this has 12,001." in long.text


async def test_the_page_asks_the_database_no_more_often_with_more_models(world: World) -> None:
    reads: list[str] = []
    fetch = world.resources.db.fetch

    async def counted(sql: str, *values: object) -> object:
        reads.append(sql)
        return await fetch(sql, *values)

    world.resources.db.fetch = counted  # type: ignore[method-assign, assignment]
    await world.member.pages.get("/chat")
    few = len(reads)
    await connection(world.resources.db, {f"m{n}": {} for n in range(300)})
    reads.clear()
    await world.member.pages.get("/chat")
    assert len(reads) == few


def _finish(generation: int, notices: str) -> Script[None]:
    yield (
        "UPDATE generation SET notices = ?, answered_by = '1:x', answered_name = 'Stand-in' WHERE id = ?",
        (notices, generation),
    )


@pytest.mark.usefixtures("worker")
async def test_what_stayed_with_an_answer_is_there_after_a_reload(world: World) -> None:
    asked = await ask(world.member, "Hi")
    notices = (
        '[{"code":"fallback","model":"Stand-in","instead_of":"Demo","reason":"rate_limit"},'
        '{"code":"left_out","count":3}]'
    )
    await world.resources.db.write(_finish, asked["start"]["generationId"], notices)
    page = (await world.member.pages.get(f"/chat/{asked['session']}")).text
    assert "Answered by “Stand-in” because “Demo” was rate-limited." in page
    assert "3 older messages were left out" in page
    assert re.search(r'<small id="g\d+-by">Stand-in</small>', page)
    messages = data(await world.member.api.get(f"/api/sessions/{asked['session']}/messages"))["messages"]
    assert [notice["code"] for notice in messages[1]["notices"]] == ["fallback", "left_out"]
    assert messages[1]["answeredName"] == "Stand-in"
