"""What settings about the whole site do to its pages, without a restart."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest

from parley.chat import streaming
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.settings import mirror, scripts
from parley.settings.keeping import HISTORY_DAYS
from parley.settings.queries import changes
from parley.settings.service import DAY_MS, forget_history
from parley.traces.assembling import zone_of
from parley.web.look import look
from tests.world import Person, World

pytestmark = pytest.mark.one_engine
API = "/api/settings/system"


async def put(person: Person, **settings: object) -> None:
    named = {key.replace("__", "."): value for key, value in settings.items()}
    answer = await person.api.put(API, json=named)
    assert answer.status_code == 200, answer.text


def run(sql: str, *values: object) -> Script[None]:
    yield sql, values


async def test_name_mark_and_words_are_on_the_pages(world: World) -> None:
    await put(world.admin, branding__name="Birchwood & Sons", branding__letter="樺")
    await put(world.admin, branding__login_text="For the family.", branding__footer="Call 112.")
    login = (await world.visitor.pages.get("/login")).text
    assert "<title>Sign in · Birchwood &amp; Sons</title>" in login
    for words in ("樺", "For the family.", "Call 112."):
        assert words in login
    partial = await world.member.pages.get("/chat", headers={"HX-Request-Type": "partial"})
    assert "Parley</title>" not in partial.text
    manifest = (await world.visitor.pages.get("/manifest.webmanifest")).json()
    assert manifest["name"] == "Birchwood & Sons"
    told = (await world.visitor.api.get("/api/settings/branding")).json()["data"]
    assert (told["name"], told["loginText"]) == ("Birchwood & Sons", "For the family.")


async def test_a_new_chat_greets_and_offers_as_decided(world: World) -> None:
    await put(world.admin, branding__greeting="Moin, {user}!", branding__starters="One?\n\nTwo?")
    page = (await world.member.pages.get("/chat")).text
    assert "Moin, member!" in page
    assert re.findall(r"data-starter>([^<]+)<", page) == ["One?", "Two?"]
    refused = await world.admin.api.put(API, json={"branding.starters": "1\n2\n3\n4\n5"})
    assert refused.json()["fields"] == {"branding.starters": "At most four lines."}


async def test_the_accent_is_a_stylesheet_of_its_own_address(world: World) -> None:
    assert "/branding/accent" not in (await world.visitor.pages.get("/login")).text
    await put(world.admin, branding__accent="#ffe000")
    page = (await world.visitor.pages.get("/login")).text
    address = re.search(r'href="(/branding/accent-[0-9a-f]{12}\.css)"', page)
    assert address is not None
    sheet = await world.visitor.pages.get(address[1])
    assert "--accent:light-dark(#" in sheet.text
    assert "immutable" in sheet.headers["cache-control"]
    assert (await world.visitor.pages.get("/branding/accent-000000000000.css")).status_code == 404
    card = (await world.admin.pages.get("/admin/settings/branding")).text
    assert "moved to the nearest" in card


async def test_a_notice_is_on_every_page_until_it_is_closed(world: World) -> None:
    await put(world.admin, banner__text="Away at ten.", banner__level="warn")
    for person, path in ((world.visitor, "/login"), (world.member, "/chat"), (world.member, "/nothing")):
        page = (await person.pages.get(path, headers={"Accept": "text/html"})).text
        assert "Away at ten." in page
        assert "notice--warn" in page
    banner = look().banner
    assert banner is not None
    form = {"_csrf": world.member.csrf, "notice": banner.id, "next": "/chat"}
    closed = await world.member.pages.post("/branding/notice/closing", data=form)
    assert closed.headers["location"] == "/chat"
    assert "Away at ten." not in (await world.member.pages.get("/chat")).text
    await put(world.admin, banner__text="Away at eleven.")
    assert "Away at eleven." in (await world.member.pages.get("/chat")).text


async def test_links_and_language_are_the_sites(world: World) -> None:
    await put(world.admin, general__origin="https://chat.example.org/team", general__language="zh")
    card = (await world.admin.pages.get("/admin/settings/general")).text
    assert "https://chat.example.org/team/s/" in card
    login = await world.visitor.pages.get("/login", headers={"Accept-Language": "en"})
    assert '<html lang="zh-Hans"' in login.text
    await world.member.pages.post("/preferences", data={"_csrf": world.member.csrf, "lang": "en"})
    choice = (await world.member.pages.get("/account/profile")).text
    assert ("Like the site" in choice, "Like the browser" in choice) == (True, False)
    session = (await world.member.api.post("/api/sessions", json={})).json()["data"]["session"]["id"]
    message = "INSERT INTO message (id, conversation, role, text, created_at) VALUES (?, ?, ?, 'Hi', 1)"
    await world.resources.db.write(run, message, 1, session, "user")
    await world.resources.db.write(run, "UPDATE conversation SET leaf = 1 WHERE id = ?", session)
    shared = await world.member.api.post("/api/shares", json={"sessionId": session})
    assert '"https://chat.example.org/team/s/' in shared.text
    refused = await world.admin.api.put(API, json={"general.origin": "chat.example.org/"})
    assert refused.status_code == 400


async def test_a_silent_stream_says_that_it_lives_as_often_as_decided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(world.admin, network__heartbeat=1)
    monkeypatch.setattr(streaming, "TICK", 0.5)
    assert world.member.actor is not None
    stream = streaming.news_for(world.resources, world.member.actor, lambda: False)
    async with asyncio.timeout(12):  # undecided it is every fifteen seconds
        assert [await anext(stream), await anext(stream)] == [b": open\n\n", b": keep-alive\n\n"]


async def test_the_level_of_the_logs_changes_at_once(world: World) -> None:
    was = logging.getLogger().level
    try:
        await put(world.admin, logging__level="error")
        assert logging.getLogger().level == logging.ERROR
        await put(world.admin, logging__level=None)
        assert logging.getLogger().level == getattr(logging, world.resources.config.log_level.upper())
    finally:
        logging.getLogger().setLevel(was)


async def test_another_process_hears_of_a_change(world: World) -> None:
    values = {"branding.name": "Elsewhere"}
    await world.resources.db.write(scripts.store, values, (), now_ms())
    assert look().name == "Parley"
    world.resources.hub.publish([("settings", b"")])
    async with asyncio.timeout(20):
        while look().name != "Elsewhere":  # noqa: ASYNC110 another task puts it there
            await asyncio.sleep(0.02)
    await mirror.refresh(world.resources)


async def test_the_history_is_forgotten_in_time(world: World) -> None:
    await put(world.admin, retention__settings=10, titles__longest=50)
    db = world.resources.db
    await db.write(
        run, "UPDATE setting_history SET at = ? WHERE key = 'titles.longest'", now_ms() - 11 * DAY_MS
    )
    assert await forget_history(world.resources) == 1
    assert [row.key for row in await changes(db, "")] == [HISTORY_DAYS.key]


async def test_the_days_of_the_site_begin_at_its_midnight(world: World) -> None:
    await put(world.admin, general__time_zone="Asia/Shanghai")
    assert world.member.actor is not None
    assert (await zone_of(world.resources, world.member.actor)).key == "Asia/Shanghai"
    refused = await world.admin.api.put(API, json={"general.time_zone": "Mars/Olympus"})
    assert "Europe/Vienna" in refused.json()["fields"]["general.time_zone"]
