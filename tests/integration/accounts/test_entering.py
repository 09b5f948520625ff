"""Who is let in: the modes of registration and invitation links."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from parley.accounts.inviting import service as inviting
from parley.accounts.service import Caller
from parley.lib.clock import now_ms
from parley.settings import service as settings
from tests.world import World

NEW = {"username": "new_one", "password": "quiet otter 47"}
HERE = Caller("192.0.2.7", "test")


async def register(world: World, **more: str) -> httpx.Response:
    return await world.visitor.api.post("/api/auth/register", json={**NEW, **more})


async def invited(world: World, *, uses: int = 1, role: str = "user", days: int = 7) -> str:
    """The token of a new invitation."""
    assert world.admin.actor is not None
    made = await inviting.create(
        world.resources, HERE, world.admin.actor, uses=uses, days=days, role=role, note="for the class"
    )
    return made.token


async def acts(world: World, like: str) -> list[str]:
    rows = await world.resources.db.fetch("SELECT act FROM audit_entry WHERE act LIKE ? ORDER BY seq", like)
    return [row["act"] for row in rows]


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("mode", "status", "code", "words"),
    [
        ("open", 201, None, "Your account can be used at once."),
        ("approval", 201, None, "An administrator approves new accounts"),
        ("invitation", 403, "invitation_needed", "Registration needs an invitation link."),
        ("closed", 403, "registration_closed", "Registration is closed."),
    ],
)
async def test_each_mode_says_what_it_does_and_does_it(
    world: World, mode: str, status: int, code: str | None, words: str
) -> None:
    await settings.change(world.resources, {"registration.mode": mode})
    page = await world.visitor.pages.get("/register")
    assert words in page.text
    assert ('name="password"' in page.text) is (status == 201)
    answer = await register(world)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    if status == 201:
        expected = {"open": "ACTIVE", "approval": "PENDING"}[mode]
        assert answer.json()["data"]["user"]["status"] == expected
        assert ("token" in answer.json()["data"]) is (mode == "open")


@pytest.mark.one_engine
async def test_the_first_is_the_administrator_even_when_registration_is_closed(
    client: httpx.AsyncClient, app: object
) -> None:
    resources = app.state.resources  # type: ignore[attr-defined]
    await settings.change(resources, {"registration.mode": "closed"})
    answer = await client.post("/api/auth/register", json=NEW)
    assert answer.json()["data"]["user"]["role"] == "ADMIN"


@pytest.mark.one_engine
async def test_an_invitation_lets_in_so_many_and_no_more(world: World) -> None:
    await settings.change(world.resources, {"registration.mode": "invitation"})
    token = await invited(world, role="admin")
    page = await world.visitor.pages.get("/register", params={"invite": token})
    assert "You are invited" in page.text
    assert token in page.text
    taken = await register(world, invite=token, username="member")  # a taken name uses nothing up
    assert taken.status_code == 409
    made = await register(world, invite=token)
    assert (made.json()["data"]["user"]["role"], made.json()["data"]["user"]["status"]) == ("ADMIN", "ACTIVE")
    again = await register(world, invite=token, username="another")
    assert (again.status_code, again.json()["code"]) == (403, "invitation_spent")
    spent = await world.visitor.pages.get("/register", params={"invite": token})
    assert "cannot be used any more" in spent.text
    assert await acts(world, "invitation.%") == ["invitation.created"]
    assert await acts(world, "user.registered") == ["user.registered"]


async def test_twenty_at_once_with_one_use_let_one_in(world: World) -> None:
    await settings.change(world.resources, {"registration.mode": "invitation"})
    token = await invited(world)
    answers = await asyncio.gather(*(register(world, invite=token, username=f"guest_{n}") for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [201] + [403] * 19
    rows = await world.resources.db.fetch("SELECT id FROM user_account WHERE username LIKE 'guest%'")
    assert len(rows) == 1  # who was refused left nothing behind


@pytest.mark.one_engine
async def test_a_revoked_or_expired_invitation_is_none(world: World) -> None:
    assert world.admin.actor is not None
    revoked, expired = await invited(world), await invited(world)
    rows = (await world.admin.pages.get("/admin/invitations")).text
    assert revoked not in rows  # it was shown once
    await inviting.revoke(world.resources, HERE, world.admin.actor, 1)
    await world.resources.db.write(_age)
    for token in (revoked, expired, "made up"):
        answer = await register(world, invite=token)
        assert answer.json()["code"] == "invitation_spent"


@pytest.mark.one_engine
async def test_names_follow_the_pattern_of_the_site(world: World) -> None:
    await settings.change(
        world.resources, {"registration.mode": "open", "registration.username": r"[a-z]+\.[a-z]+"}
    )
    refused = await register(world)
    assert "[a-z]+" in refused.json()["fields"]["username"]
    assert (await register(world, username="ann.lee")).status_code == 201
    login = {"username": "member", "password": "quiet otter 47 lamp"}  # named before the rule
    assert (await world.visitor.api.post("/api/auth/login", json=login)).status_code == 200


def _age():  # type: ignore[no-untyped-def]
    yield "UPDATE invitation SET expires_at = ? WHERE id = 2", (now_ms() - 1,)
