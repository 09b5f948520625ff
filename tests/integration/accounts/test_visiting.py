"""People without an account: coming in, what they may, becoming somebody, being forgotten."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from parley.accounts.visiting.service import forget_idle
from parley.chat.controllers import ROUTES as CHAT_ROUTES
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.settings import service as settings
from tests.world import PASSWORD, Person, World

assert CHAT_ROUTES  # the whole application is asked: chat is what a visitor is here for
DAY_MS = 86_400_000
ON = {"visitors.mode": "on", "models.access_visitor": "allow"}


@pytest.fixture
def app(config, built_apps):  # type: ignore[no-untyped-def]
    """The whole application instead of accounts alone."""
    from parley.app import create_app

    application = create_app(config)
    application.state.config = config
    return application


def token_in(page: httpx.Response) -> str:
    """The form token of a page."""
    found = re.search(r'name="_csrf" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


async def post(person: Person, path: str, page: str, **typed: str) -> httpx.Response:
    """Send a form as the page at `page` would."""
    token = token_in(await person.pages.get(page))
    return await person.pages.post(path, data={"_csrf": token, **typed})


async def visiting(world: World) -> Person:
    """Somebody new who presses the button."""
    person = await world.arrivals.visitor()
    answer = await post(person, "/visit", "/login")
    assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
    row = (await world.resources.db.fetch("SELECT MAX(id) AS id FROM user_account WHERE role = 'visitor'"))[0]
    person.id = row["id"]
    return person


def a_chat(owner: int, now: int) -> Script[int]:
    rows = yield (
        "INSERT INTO conversation (owner, title, created_at, updated_at)"
        " VALUES (?, 'mine', ?, ?) RETURNING id",
        (owner, now, now),
    )
    id = rows[0]["id"]
    yield (
        "INSERT INTO message (conversation, role, text, created_at) VALUES (?, 'user', 'remember me', ?)",
        (id, now),
    )
    return int(id)


async def owner_of(world: World, chat: int) -> int | None:
    rows = await world.resources.db.fetch("SELECT owner FROM conversation WHERE id = ?", chat)
    return rows[0]["owner"] if rows else None


@pytest.mark.one_engine
async def test_a_visitor_chats_and_sees_nothing_else(world: World) -> None:
    assert "Try it" not in (await world.visitor.pages.get("/login")).text
    assert (await post(world.visitor, "/visit", "/login")).status_code == 404
    await settings.change(world.resources, ON)
    nobody = await world.visitor.pages.get("/chat")
    assert "/login" in nobody.headers["location"]
    visitor = await visiting(world)
    page = await visitor.pages.get("/chat")
    assert "your chats are kept for 15 days" in page.text
    assert 'href="/register"' in page.text
    assert "/account/" not in page.text
    assert "data-prompts" not in page.text
    assert "data-prompts" in (await world.member.pages.get("/chat")).text
    for path in ("/account/password", "/account/shares", "/prompts", "/api/sessions", "/api/auth/me"):
        assert (await visitor.pages.get(path)).status_code == 403, path
    assert (await visitor.pages.get("/admin/users")).status_code == 404
    chat = await world.resources.db.write(a_chat, world.member.id, now_ms())
    assert (await visitor.pages.get(f"/chat/{chat}")).status_code == 404


@pytest.mark.one_engine
async def test_turned_off_visitors_are_out_and_turned_on_they_are_back(world: World) -> None:
    await settings.change(world.resources, ON)
    visitor = await visiting(world)
    chat = await world.resources.db.write(a_chat, visitor.id, now_ms())
    async with visitor.pages.stream("GET", "/events") as stream:
        assert stream.status_code == 200
        await settings.change(world.resources, {"visitors.mode": "off"})
        refused = await visitor.pages.get(f"/chat/{chat}")
        assert (refused.status_code, "/login" in refused.headers["location"]) == (303, True)
        async with asyncio.timeout(12):
            async for _bytes in stream.aiter_bytes():
                pass
    login = await visitor.pages.get("/login")
    assert "Try it" not in login.text
    await settings.change(world.resources, ON)
    assert (await visitor.pages.get(f"/chat/{chat}")).status_code == 200


@pytest.mark.one_engine
async def test_cookies_are_not_made_up_and_another_visitor_is_another(world: World) -> None:
    await settings.change(world.resources, ON)
    first = await visiting(world)
    chat = await world.resources.db.write(a_chat, first.id, now_ms())
    assert (await first.pages.get(f"/chat/{chat}")).status_code == 200
    right = first.pages.cookies["sid"]
    for forged in (
        str(first.id),
        right[:-1] + ("A" if right[-1] != "A" else "B"),
        right.swapcase(),
        "~" + right,
    ):
        first.pages.cookies.set("sid", forged, domain="127.0.0.1")
        assert (await first.pages.get(f"/chat/{chat}")).status_code == 303, forged
    second = await visiting(world)
    assert second.id != first.id
    assert (await second.pages.get(f"/chat/{chat}")).status_code == 404
    rows = await world.resources.db.fetch(
        "SELECT DISTINCT address_range FROM user_account WHERE role = 'visitor'"
    )
    assert [row["address_range"] for row in rows] == ["127.0.0.0/24"]  # the same pool for both


@pytest.mark.one_engine
async def test_no_more_than_twenty_visitors_an_hour_come_from_one_place(world: World) -> None:
    await settings.change(world.resources, ON)
    token = token_in(await world.visitor.pages.get("/login"))
    for _ in range(20):
        jar = httpx.Cookies({"visit": world.visitor.pages.cookies["visit"]})
        async with httpx.AsyncClient(base_url=world.url, cookies=jar, trust_env=False, verify=False) as one:
            assert (await one.post("/visit", data={"_csrf": token})).status_code == 303
    answer = await world.visitor.pages.post("/visit", data={"_csrf": token})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 3_000


async def test_registering_keeps_the_row_and_what_is_in_it(world: World) -> None:
    await settings.change(world.resources, {**ON, "registration.mode": "open"})
    visitor = await visiting(world)
    chat = await world.resources.db.write(a_chat, visitor.id, now_ms())
    answer = await post(visitor, "/register", "/register", username="new_one", password=PASSWORD)
    assert answer.headers["location"] == "/chat"
    assert await owner_of(world, chat) == visitor.id
    page = await visitor.pages.get(f"/chat/{chat}")
    assert "new_one" in page.text
    assert "You are a visitor" not in page.text
    row = (await world.resources.db.fetch("SELECT * FROM user_account WHERE id = ?", visitor.id))[0]
    assert (row["role"], row["status"], row["address_range"]) == ("user", "active", "")
    again = await visiting(world)
    taken = await post(again, "/register", "/register", username="NEW_ONE", password=PASSWORD)
    assert taken.status_code == 409


@pytest.mark.one_engine
async def test_who_has_to_be_approved_waits_with_their_chats(world: World) -> None:
    await settings.change(world.resources, ON)
    visitor = await visiting(world)
    chat = await world.resources.db.write(a_chat, visitor.id, now_ms())
    answer = await post(visitor, "/register", "/register", username="new_one", password=PASSWORD)
    assert answer.headers["location"] == "/pending"
    assert (await visitor.pages.get(f"/chat/{chat}")).headers["location"].endswith("/pending")
    assert await owner_of(world, chat) == visitor.id


async def test_signing_in_takes_the_chats_along_unless_told_not_to(world: World) -> None:
    await settings.change(world.resources, ON)
    for take, expected in (("1", world.member.id), ("", None)):
        visitor = await visiting(world)
        chat = await world.resources.db.write(a_chat, visitor.id, now_ms())
        expected = expected or visitor.id
        typed = {"username": "member", "password": PASSWORD, "visit": "1", "take": take}
        answer = await post(visitor, "/login", "/login", **typed)
        assert answer.status_code == 303
        assert await owner_of(world, chat) == expected
        seen = await visitor.pages.get(f"/chat/{chat}")
        assert seen.status_code == (200 if take else 404)


async def test_visitors_are_forgotten_when_they_stay_away_and_not_before(world: World) -> None:
    await settings.change(world.resources, {**ON, "visitors.retention_days": "20"})
    gone, here = await visiting(world), await visiting(world)
    chats = [await world.resources.db.write(a_chat, person.id, now_ms()) for person in (gone, here)]
    await world.resources.db.write(_age, gone.id, now_ms() - 21 * DAY_MS)
    await world.resources.db.write(_age, here.id, now_ms() - 19 * DAY_MS)
    assert await forget_idle(world.resources) == 1
    assert [await owner_of(world, chat) for chat in chats] == [None, here.id]
    assert (await gone.pages.get("/chat")).status_code == 303
    assert (await here.pages.get("/chat")).status_code == 200  # a week without a visit does not sign them out
    assert await forget_idle(world.resources) == 0


def _age(visitor: int, at: int) -> Script[None]:
    yield "UPDATE login_session SET seen_at = ?, created_at = ? WHERE owner = ?", (at, at, visitor)
    yield "UPDATE user_account SET created_at = ? WHERE id = ?", (at, visitor)
