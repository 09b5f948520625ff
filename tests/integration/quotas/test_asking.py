"""What people meet when they ask more than they may, and what administrators do about it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.quotas.reckoning import Delivered
from parley.quotas.scripts import settle
from tests.world import Person, World

pytestmark = pytest.mark.one_engine


def set_to(key: str, value: int) -> Script[None]:
    yield (
        "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, 0)"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, str(value)),
    )


def all_over(now: int) -> Script[None]:
    """Every answer under way is complete."""
    yield "UPDATE generation SET status = 'done', finished_at = ? WHERE finished_at IS NULL", (now,)


async def give(world: World, **form: str) -> httpx.Response:
    """An allowance, as an administrator types it."""
    typed = {"scope": "users", "unit": "messages", "period": "day", **form}
    return await world.admin.pages.post("/admin/quotas", data=typed)


async def ask(person: Person, id: str, **headers: str) -> httpx.Response:
    form = {"text": "hello", "client_message_id": id, "model": "demo"}
    return await person.pages.post("/chat", data=form, headers=headers)


async def meter(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await person.api.get("/api/quota")).json()["data"]["quotas"]
    return found


async def test_what_is_beyond_an_allowance_is_refused_with_words(world: World) -> None:
    assert (await give(world, limit="2")).status_code == 303
    assert [(await ask(world.member, f"c{n}")).status_code for n in range(2)] == [303, 303]
    assert (await ask(world.member, "c1")).status_code == 303  # the same again is found, not charged
    page = await ask(world.member, "c2")
    assert page.status_code == 429
    assert "You have used all of your 2 messages a day. More from 00:00 on." in page.text
    assert int(page.headers["Retry-After"]) > 0
    part = await ask(world.member, "c2", **{"HX-Request": "true", "HX-Request-Type": "partial"})
    assert '<a href="/usage">See usage</a>' in part.text
    body = {"content": "hi", "modelId": "demo", "clientMessageId": "c3"}
    session = await world.member.api.post("/api/sessions", json={"title": "x", "modelId": "demo"})
    id = session.json()["data"]["session"]["id"]
    told = (await world.member.api.post("/api/chat/stream", json={**body, "sessionId": id})).json()
    assert (told["code"], told["quota"]["limit"], told["quota"]["used"]) == ("quota", 2, 2)
    assert told["resetsAt"] == told["quota"]["resetsAt"] > now_ms()
    assert [(each["limit"], each["used"], each["percent"]) for each in await meter(world.member)] == [
        (2, 2, 100)
    ]
    chat = (await world.member.pages.get("/chat")).text
    assert "You have used all of your 2 messages a day." in chat
    assert [each["used"] for each in await meter(world.outsider)] == [0]
    assert (await ask(world.outsider, "c0")).status_code == 303  # another person is another allowance
    assert (await ask(world.admin, "c0")).status_code == 303
    assert await meter(world.admin) == []


async def test_an_own_allowance_replaces_the_default_until_it_is_taken_back(world: World) -> None:
    await give(world, limit="1")
    address = f"/api/users/{world.member.id}/quota"
    own = {"unit": "messages", "period": "day", "limit": 5}
    changed = (await world.admin.api.put(address, json=own)).json()["data"]
    assert [each["limit"] for each in changed["quotas"]] == [5]
    assert changed["own"] == [{**own, "model": None}]
    assert (await world.admin.api.get(address)).json()["data"] == changed
    back = (await world.admin.api.put(address, json={**own, "limit": None})).json()["data"]
    assert ([each["limit"] for each in back["quotas"]], back["own"]) == ([1], [])
    wrong = [{**own, "unit": "hugs"}, {**own, "period": "year"}, {**own, "limit": -1}, {"unit": "tokens"}]
    assert [(await world.admin.api.put(address, json=body)).status_code for body in wrong] == [400] * 4
    assert (await world.admin.api.put("/api/users/99999/quota", json=own)).status_code == 404
    for person in (world.member, world.outsider):
        assert (await person.api.get(address)).status_code == 404
        assert (await person.api.put(address, json=own)).status_code == 404


async def test_administrators_see_who_used_what_and_let_them_begin_anew(world: World) -> None:
    await give(world, limit="1")
    await give(world, scope="user", person="outsider", limit="", unit="tokens")
    await give(world, scope="pool", limit="2.50", unit="money", period="month")
    await ask(world.member, "c0")
    page = (await world.admin.pages.get("/admin/quotas?person=member&period=day")).text
    for words in (
        "1 message a day",
        "without limit (Tokens, Day)",
        "$2.50 a month",
        "20 messages a day",
        "member",
    ):
        assert words in page, words
    assert (await ask(world.member, "c1")).status_code == 429
    await world.admin.pages.post("/admin/quotas/resets", data={"user": str(world.member.id)})
    assert [each["used"] for each in await meter(world.member)] == [0]
    assert (await ask(world.member, "c1")).status_code == 303
    await world.admin.pages.post("/admin/quotas/resets")
    assert (await ask(world.member, "c2")).status_code == 303
    await world.admin.pages.post("/admin/quotas/everyone")
    assert "Nobody was given something of their own" in (await world.admin.pages.get("/admin/quotas")).text
    acts = await world.resources.db.fetch(
        "SELECT act, subject FROM audit_entry WHERE act LIKE 'quota%' ORDER BY seq"
    )
    assert [f"{row['act']} {row['subject']}" for row in acts] == [
        "quota.changed users",
        f"quota.changed user {world.outsider.id}",
        "quota.changed pool",
        f"quota.reset user {world.member.id}",
        "quota.reset everyone",
        "quota.applied everyone",
    ]


async def test_an_allowance_that_makes_no_sense_is_refused_with_its_field(world: World) -> None:
    for form, field in [
        ({"limit": "many"}, "Type a whole number from 0 to 1,000,000,000,000,000."),
        ({"limit": "-1"}, "Type a whole number"),
        ({"limit": "1.5"}, "Type a whole number"),
        ({"limit": "NaN"}, "Type a whole number"),
        ({"limit": "1e999999", "unit": "money"}, "Type an amount from 0 to 1,000,000"),
        ({"limit": "2,50", "unit": "money"}, "Type an amount from 0"),  # never 250
        ({"scope": "user", "person": "nobody here", "limit": "1"}, "There is no account of this name."),
        ({"scope": "moon", "limit": "1"}, "This cannot be used here."),
    ]:
        answer = await give(world, **form)
        assert (answer.status_code, field in answer.text) == (400, True), form
    for scope in ("group 77", "group x", "group", "group " + "9" * 30):
        assert (await give(world, scope=scope, limit="1")).status_code == 404
    assert (await give(world, limit="2,500")).status_code == 303
    assert "2,500 messages a day" in (await world.admin.pages.get("/admin/quotas")).text
    await ask(world.member, "c0")
    for nobody in ("x", "9" * 30, " "):
        answer = await world.admin.pages.post("/admin/quotas/resets", data={"user": nobody})
        assert answer.status_code == 404  # and not everybody
    assert [each["used"] for each in await meter(world.member)] == [1]
    assert (await world.admin.pages.post("/admin/quotas/99999/deletion")).status_code == 404


async def test_asking_too_fast_waits(world: World) -> None:
    db = world.resources.db
    await db.write(set_to, "limits.per_minute", 2)
    await db.write(set_to, "limits.concurrent", 0)
    assert [(await ask(world.member, f"c{n}")).status_code for n in (0, 1, 1, 0)] == [303] * 4
    answer = await ask(world.member, "c2")
    assert answer.status_code == 429
    assert "You are asking too fast" in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert (await ask(world.outsider, "c2")).status_code == 303
    await db.write(set_to, "limits.per_minute", 0)
    assert (await ask(world.member, "c2")).status_code == 303


async def test_only_so_many_answers_are_written_at_once(world: World) -> None:
    db = world.resources.db
    assert [(await ask(world.member, f"c{n}")).status_code for n in range(3)] == [303] * 3  # the default
    answer = await ask(world.member, "c3")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
    assert "3 of your answers are being written" in answer.text
    assert (await ask(world.outsider, "c3")).status_code == 303
    await db.write(all_over, now_ms())
    assert (await ask(world.member, "c3")).status_code == 303
    await db.write(set_to, "limits.concurrent", 1)
    assert (await ask(world.member, "c4")).status_code == 429


async def test_tokens_are_set_aside_until_the_answer_has_ended(world: World) -> None:
    db = world.resources.db
    await give(world, limit="3000", unit="tokens")
    assert (await ask(world.member, "c0")).status_code == 303
    refused = await ask(world.member, "c1")  # the first may take 4,000
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "5")
    assert "What is left of 3,000 tokens a day (0 tokens used) is set aside for answers" in refused.text
    session = (await world.member.api.post("/api/sessions", json={"modelId": "demo"})).json()["data"]
    body = {"content": "hi", "clientMessageId": "c2", "sessionId": session["session"]["id"]}
    told = (await world.member.api.post("/api/chat/stream", json=body)).json()["quota"]
    [own] = await meter(world.member)
    for each in (told, own):
        assert (each["used"], each["remaining"], each["setAside"] > 3_000) == (0, 0, True)
    assert own["percent"] == 0
    assert "You have used" not in (await world.member.pages.get("/chat")).text
    await db.write(set_to, "limits.set_aside", 1000)
    assert [(await ask(world.outsider, f"c{n}")).status_code for n in range(4)] == [303, 303, 303, 429]
    charged = await db.fetch("SELECT reserved_tokens FROM charge ORDER BY id")
    assert [row["reserved_tokens"] // 1000 for row in charged] == [4, 1, 1, 1]


async def test_what_was_set_aside_before_a_reset_is_not_taken_off_what_is_used(world: World) -> None:
    db = world.resources.db
    await give(world, limit="3000", unit="tokens")
    await ask(world.member, "c0")  # this one goes on
    await world.admin.pages.post("/admin/quotas/resets", data={"user": str(world.member.id)})
    assert (await ask(world.member, "c1")).status_code == 303
    last = (await db.fetch("SELECT MAX(generation) AS id FROM charge"))[0]["id"]
    await db.write(settle, [Delivered(last, "done", True, 600)], now_ms())
    assert [each["used"] for each in await meter(world.member)] == [600]
