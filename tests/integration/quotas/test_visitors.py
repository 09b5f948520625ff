"""Visitors: what each has, what they share, and what they keep when they register."""

from __future__ import annotations

import pytest

from parley.settings import service as settings
from tests.integration.accounts.test_visiting import ON, post, visiting
from tests.world import PASSWORD, Person, World

pytestmark = pytest.mark.one_engine


async def ask(person: Person, id: str) -> tuple[int, str]:
    answer = await post(person, "/chat", "/chat", text="hello", client_message_id=id, model="demo")
    return answer.status_code, answer.text


async def allowance(world: World, scope: str, limit: str) -> None:
    form = {"scope": scope, "limit": limit, "unit": "messages", "period": "day"}
    assert (await world.admin.pages.post("/admin/quotas", data=form)).status_code == 303


async def test_a_dropped_cookie_gives_no_fresh_share_of_the_site(world: World) -> None:
    await settings.change(world.resources, ON)
    await allowance(world, "range", "2")
    first = await visiting(world)
    assert [(await ask(first, f"c{n}"))[0] for n in range(2)] == [303, 303]
    second = await visiting(world)  # the same browser without its cookie, as far as the site can tell
    status, page = await ask(second, "c0")
    assert status == 429
    assert "Visitors from your network have used all of 2 messages a day." in page
    found = (await second.pages.get("/api/quota")).json()["data"]["quotas"]
    assert [(each["of"], each["limit"], each["used"]) for each in found] == [
        ("network", 2, 2),
        ("user", 20, 0),
    ]
    assert (await ask(world.member, "c0"))[0] == 303  # accounts have nothing to do with it


async def test_who_registers_has_what_users_have_and_what_was_used_stays(world: World) -> None:
    await settings.change(world.resources, {**ON, "registration.mode": "open"})
    await allowance(world, "visitors", "1")
    await allowance(world, "users", "2")
    person = await visiting(world)
    assert [(await ask(person, f"c{n}"))[0] for n in range(2)] == [303, 429]
    await post(person, "/register", "/register", username="newcomer", password=PASSWORD)
    found = (await person.pages.get("/api/quota")).json()["data"]["quotas"]
    assert [(each["of"], each["limit"], each["used"]) for each in found] == [("user", 2, 1)]
    assert [(await ask(person, f"d{n}"))[0] for n in range(2)] == [303, 429]
