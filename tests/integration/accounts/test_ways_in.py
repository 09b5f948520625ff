"""What holds for every way in: who is shut out, what a visitor said, and the rules of registration."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from parley.accounts import service as accounts
from parley.accounts.controllers.security import PAGE as SECURITY
from parley.accounts.passkeys import service as passkeys
from parley.accounts.people.deciding import DISABLING, REJECTION, Officer
from parley.accounts.people.service import decide
from parley.accounts.queries import user_by_id
from parley.admin.leaving import scripts as leaving
from parley.admin.leaving.scripts import Leaving
from parley.lib.clock import now_ms
from parley.lib.db import Row, Script
from parley.lib.errors import AppError
from parley.settings.service import change
from parley.web import look
from tests.integration.accounts.provider import Provider
from tests.integration.accounts.test_entering import invited
from tests.integration.accounts.test_oidc import agree, people, sign_in
from tests.integration.accounts.test_oidc import idp as idp
from tests.integration.accounts.test_visiting import ON, a_chat, owner_of, post, token_in, visiting
from tests.world import PASSWORD, World

pytestmark = pytest.mark.one_engine


def given(owner: int, now: int) -> Script[None]:
    """A passkey, an identity at the provider, a second factor and a recovery code."""
    yield (
        "INSERT INTO passkey (owner, name, credential, public_key, created_at) VALUES (?, 'k', 'c', 'p', ?)",
        (owner, now),
    )
    yield (
        "INSERT INTO oidc_identity (owner, issuer, subject, created_at) VALUES (?, 'https://x', 's', ?)",
        (owner, now),
    )
    yield (
        "INSERT INTO second_factor (owner, secret, created_at, confirmed_at) VALUES (?, 's', ?, ?)",
        (owner, now, now),
    )
    yield "INSERT INTO recovery_code (owner, code_hash) VALUES (?, 'h')", (owner,)


def without_password(owner: int) -> Script[None]:
    yield "UPDATE user_account SET password_hash = '' WHERE id = ?", (owner,)


def unproven(owner: int) -> Script[None]:
    """No password, and signed in long ago."""
    yield from without_password(owner)
    yield "UPDATE login_session SET proved_at = NULL WHERE owner = ?", (owner,)


@pytest.fixture
def key_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Whose passkey every signature is of."""
    held: dict[str, Any] = {}

    async def known(resources: Any, *_proof: object) -> Row:
        user = await user_by_id(resources.db, held["owner"])
        assert user is not None
        passkeys.refuse_shut(user)
        return user

    monkeypatch.setattr(passkeys, "sign_in", known)
    return held


async def test_a_visitors_no_is_kept_with_a_passkey(world: World, key_of: dict[str, Any]) -> None:
    await change(world.resources, ON)
    key_of["owner"] = world.member.id
    for take, moved in (("1", True), ("", False)):
        visitor = await visiting(world)
        chat = await world.resources.db.write(a_chat, visitor.id, now_ms())
        answer = await post(visitor, "/login/passkey", "/login", credential="{}", visit="1", take=take)
        assert answer.status_code == 303
        assert await owner_of(world, chat) == (world.member.id if moved else visitor.id)


async def test_a_visitors_no_is_kept_on_the_way_to_the_provider(world: World, idp: Provider) -> None:
    await agree(world, idp)
    await change(world.resources, ON)
    for path, moved in (("/login/oidc", True), ("/login/oidc?left=1", False)):
        visitor = await visiting(world)
        assert "data-provider" in (await visitor.pages.get("/login")).text
        chat = await world.resources.db.write(a_chat, visitor.id, now_ms())
        assert (await sign_in(visitor.pages, path)).headers["location"] == "/chat"
        assert (await owner_of(world, chat) != visitor.id) is moved


async def test_a_visitors_no_outlives_a_wrong_password(world: World) -> None:
    await change(world.resources, ON)
    visitor = await visiting(world)
    typed = {"username": "member", "password": "not this one", "visit": "1"}
    page = (await post(visitor, "/login", "/login", **typed)).text
    switch = page.partition('name="take"')[2].partition(">")[0]
    assert "checked" not in switch


async def test_why_an_answer_came_out_like_that_can_still_be_asked_with_an_account(world: World) -> None:
    await change(world.resources, ON)
    visitor = await visiting(world)

    def noted() -> Script[None]:
        yield (
            "INSERT INTO trace (id, generation, owner, conversation, model, level, reason, most, started_at)"
            " VALUES (9, 9, ?, 9, 'demo', 'full', 'always', 9, 1)",
            (visitor.id,),
        )

    await world.resources.db.write(noted)
    await post(visitor, "/login", "/login", username="member", password=PASSWORD, visit="1", take="1")
    [row] = await world.resources.db.fetch("SELECT owner FROM trace")
    assert row["owner"] == world.member.id


async def test_who_left_comes_in_by_no_way(world: World, key_of: dict[str, Any]) -> None:
    member, db = world.member.id, world.resources.db
    await db.write(given, member, now_ms())
    before = await user_by_id(db, member)
    assert before is not None
    await db.write(leaving.depart, Leaving(member, Officer(world.admin.id, "keeper", "")), now_ms())
    for table in ("passkey", "oidc_identity", "second_factor", "recovery_code"):
        assert await db.fetch(f"SELECT 1 FROM {table} WHERE owner = ?", member) == []
    key_of["owner"] = member
    answer = await post(world.visitor, "/login/passkey", "/login", credential="{}")
    assert answer.status_code == 401
    with pytest.raises(AppError):
        await accounts.begin_session(world.resources, accounts.Caller("", ""), before)


async def test_who_is_shut_out_is_told_why_at_every_way_in(world: World, key_of: dict[str, Any]) -> None:
    said = ((world.pending, REJECTION, "No seat left"), (world.member, DISABLING, "Holidays"))
    for person, decision, reason in said:
        officer = Officer(world.admin.id, "keeper", "")
        await decide(world.resources, officer, person.id, decision, reason=reason)
        key_of["owner"] = person.id
        typed = {"username": person.username, "password": PASSWORD}
        by_name = await post(world.visitor, "/login", "/login", **typed)
        by_key = await post(world.visitor, "/login/passkey", "/login", credential="{}")
        for answer in (by_name, by_key, await person.pages.get("/pending")):
            assert reason in answer.text
        assert (by_name.status_code, by_key.status_code) == (403, 403)


async def test_the_last_way_in_stays(world: World) -> None:
    member, db = world.member, world.resources.db
    await db.write(given, member.id, now_ms())
    await db.write(without_password, member.id)
    [row] = await db.fetch("SELECT id FROM oidc_identity")
    assert (await member.pages.post(f"{SECURITY}/identities/{row['id']}/removal")).status_code == 303
    [row] = await db.fetch("SELECT id FROM passkey")
    path = f"{SECURITY}/passkeys/{row['id']}/removal"
    assert (await world.outsider.pages.post(path)).status_code == 404
    assert (await member.pages.post(path)).status_code == 409
    assert len(await db.fetch("SELECT id FROM passkey")) == 1


async def test_no_way_in_goes_without_a_proof(world: World) -> None:
    member, db = world.member, world.resources.db
    await db.write(given, member.id, now_ms())
    [identity], [key] = [await db.fetch(f"SELECT id FROM {table}") for table in ("oidc_identity", "passkey")]
    ways = {
        f"{SECURITY}/identities/{identity['id']}": {"password": "not this one"},
        f"{SECURITY}/passkeys/{key['id']}": {},
    }
    for way, typed in ways.items():  # somebody at a browser left open
        page = await member.pages.post(f"{way}/removal", data=typed)
        assert (page.status_code, "This is not your current password." in page.text) == (400, True)
        assert page.text.count('<details class="disclosure" open>') == 1
    await db.write(unproven, member.id)
    for way in ways:  # without a password to ask for
        page = await member.pages.post(f"{way}/removal", data={"password": PASSWORD})
        assert (page.status_code, "/removal" in page.text) == (403, False)
        assert "Sign in again to go on" in page.text
    assert [len(await db.fetch(f"SELECT id FROM {table}")) for table in ("passkey", "oidc_identity")] == [
        1,
        1,
    ]


async def test_where_passwords_are_off_nobody_registers(world: World, idp: Provider) -> None:
    await agree(world, idp, passwords="off")
    await change(world.resources, {"registration.mode": "open"})
    assert 'href="/register"' not in (await world.visitor.pages.get("/login")).text
    assert "Registration is closed." in (await world.visitor.pages.get("/register")).text
    body = {"username": "new_one", "password": PASSWORD}
    refused = await world.visitor.api.post("/api/auth/register", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "registration_closed")
    assert (await sign_in(world.visitor.pages)).headers["location"] == "/chat"


async def test_who_comes_from_the_provider_follows_its_own_switch(world: World, idp: Provider) -> None:
    for mode in ("closed", "invitation"):
        await change(world.resources, {"registration.mode": mode})
        for newcomers, place in (("auto", "/chat"), ("approval", "/pending"), ("no", "")):
            await agree(world, idp, accounts=newcomers)
            idp.claims = {"sub": f"{mode} {newcomers}"}
            answer = await sign_in((await world.arrivals.visitor()).pages)
            assert answer.headers.get("location", "") == place, (mode, newcomers)
            assert answer.status_code == (303 if place else 403)
    assert "turned away" in (await sign_in(world.admin.pages, "/admin/sign-in/test")).text


async def test_without_a_password_one_signs_in_again(world: World, idp: Provider) -> None:
    await agree(world, idp)
    pages, setup = world.visitor.pages, f"{SECURITY}/two-factor/setup"
    await sign_in(pages)  # the provider may have asked nothing
    page = (await pages.get(f"{SECURITY}/two-factor")).text
    assert ("Sign in again to go on" in page, 'name="password"' in page) == (True, False)
    way = page.partition('href="/login/oidc?')[2].partition('"')[0].replace("&amp;", "&")
    csrf = token_in(await pages.get("/account/password"))
    assert (await pages.post(setup, data={"_csrf": csrf})).status_code == 403
    assert "prompt=login" in (await pages.get(f"/login/oidc?{way}")).headers["location"]
    before = await people(world)
    for claims, status in (({"auth_time": 1}, 403), ({"sub": "u-2"}, 403), ({"auth_time": 2**40}, 303)):
        idp.claims = claims
        assert (await sign_in(pages, f"/login/oidc?{way}")).status_code == status
    assert await people(world) == before  # a stranger in between got no account
    fresh = await pages.get(f"{SECURITY}/two-factor")
    assert "that counts" in fresh.text
    assert (await pages.post(setup, data={"_csrf": token_in(fresh)})).status_code == 303
    assert "has no password" in (await pages.get("/account/password")).text


async def test_an_invitation_goes_along_to_the_provider(world: World, idp: Provider) -> None:
    await agree(world, idp, accounts="no", passwords="off", admin_rule="groups=bosses")
    await change(world.resources, {"registration.mode": "invitation"})
    token = await invited(world, role="admin")
    browser = world.visitor.pages
    page = (await browser.get(f"/register?invite={token}")).text
    assert ("You are invited" in page, 'name="password"' in page) == (True, False)
    way = page.partition('href="/login/oidc?invite=')[2].partition('"')[0]
    assert (await sign_in(browser, f"/login/oidc?invite={way}")).headers["location"] == "/chat"
    assert (await browser.get("/admin/sign-in")).status_code == 200
    again = (await world.arrivals.visitor()).pages
    await sign_in(again)  # the rule of claims would make them a member
    assert (await again.get("/admin/sign-in")).status_code == 200
    idp.claims = {"sub": "u-9"}
    before = await people(world)
    for wrong in (token, "made up"):
        refused = await sign_in((await world.arrivals.visitor()).pages, f"/login/oidc?invite={wrong}")
        assert (refused.status_code, "cannot be used any more" in refused.text) == (403, True)
        assert "link of your invitation again" not in refused.text
    late = await invited(world)
    await change(world.resources, {"registration.mode": "closed"})
    assert "/login/oidc?invite" not in (await browser.get(f"/register?invite={late}")).text
    shut = await sign_in((await world.arrivals.visitor()).pages, f"/login/oidc?invite={late}")
    assert (shut.status_code, "Registration is closed" in shut.text) == (403, True)
    assert await people(world) == before
    [row] = await world.resources.db.fetch("SELECT used FROM invitation WHERE role = 'user'")
    assert row["used"] == 0


async def test_nothing_is_offered_that_takes_a_proof_first(world: World, idp: Provider) -> None:
    await agree(world, idp)
    assert "Your organisation" in (await world.member.pages.get(SECURITY)).text
    await world.resources.db.write(unproven, world.member.id)
    page = (await world.member.pages.get(SECURITY)).text
    assert ("Add or remove a way to sign in" in page, "Your organisation" in page) == (True, False)


async def test_a_second_try_at_the_provider_is_for_the_same(world: World, idp: Provider) -> None:
    await agree(world, idp, accounts="approval")
    member, browser, token = world.member.pages, world.visitor.pages, await invited(world)
    for person, wish in ((member, "again=1"), (browser, f"invite={token}")):
        there = httpx.URL((await person.get(f"/login/oidc?{wish}")).headers["location"])
        state = there.params["state"]
        back = await person.get(f"/login/oidc/callback?error=access_denied&state={state}")
        assert back.status_code == 401
        if person is member:
            assert "/login/oidc?again=1&amp;next=" in back.text
        else:  # the button would make an account that waits, and waste the invitation
            assert ("link of your invitation again" in back.text, "/login/oidc?" in back.text) == (
                True,
                False,
            )
    await change(world.resources, {"signing.issuer": "http://127.0.0.1:9"})
    gone = await browser.get(f"/login/oidc?invite={token}")
    assert f"/login/oidc?invite={token}&amp;next=" in gone.text


async def test_disabling_stops_the_answers_under_way(world: World) -> None:
    member, db = world.member.id, world.resources.db
    chat = await db.write(a_chat, member, now_ms())
    told: list[bytes | None] = []

    def answering(now: int) -> Script[int]:
        rows = yield (
            "INSERT INTO generation (owner, conversation, message, model, status, created_at)"
            " SELECT ?, conversation, id, 'demo', 'running', ? FROM message WHERE conversation = ?"
            " RETURNING id",
            (member, now, chat),
        )
        return int(rows[0]["id"])

    id = await db.write(answering, now_ms())
    await world.resources.hub.subscribe(f"stop:{id}", told.append)
    await world.admin.api.post(f"/api/users/{member}/status", json={"status": "DISABLED"})
    [row] = await db.fetch("SELECT stop_requested FROM generation WHERE id = ?", id)
    assert row["stop_requested"]
    assert told
    world.resources.hub.unsubscribe(f"stop:{id}", told.append)


async def test_links_begin_with_the_address_an_administrator_gave(
    world: World, idp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agree(world, idp)
    monkeypatch.setattr(look, "_now", look.Look(origin="https://chat.example.org"))
    pages = world.admin.pages
    assert "https://chat.example.org/login/oidc/callback" in (await pages.get("/admin/sign-in")).text
    there = await world.visitor.pages.get("/login/oidc")
    assert "redirect_uri=https%3A%2F%2Fchat.example.org%2F" in there.headers["location"]
    shown = (await pages.post(f"/admin/users/{world.member.id}/reset")).text
    assert "https://chat.example.org/reset/" in shown
    shown = (await pages.post("/admin/invitations", data={"uses": "1", "days": "1"})).text
    assert "https://chat.example.org/register?invite=" in shown


async def test_odd_figures_and_letters_break_no_list(world: World) -> None:
    for path in ("/admin/users?q=%00", f"/admin/invitations?before=-{10**30}"):
        assert (await world.admin.pages.get(path)).status_code == 200, path


async def test_nobody_comes_from_the_provider_before_the_first_administrator(
    world: World, idp: Provider
) -> None:
    await agree(world, idp)  # as an environment may pin it before anybody registered

    def unfounded() -> Script[None]:
        yield "DELETE FROM bootstrap", ()

    await world.resources.db.write(unfounded)
    before = await people(world)
    assert (await sign_in(world.visitor.pages)).status_code == 403
    assert await people(world) == before
