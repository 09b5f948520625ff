"""The second step: set up, asked for, spent once, lost, taken away."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
import pyotp
import pytest

from parley.accounts.twofactor import codes
from parley.lib.clock import now_ms
from parley.web.csrf import make_token
from tests.integration.accounts.test_pages import send
from tests.world import PASSWORD, Person, World

pytestmark = pytest.mark.one_engine

PAGE = "/account/security/two-factor"


def code_at(secret: str, steps: int = 0) -> str:
    """The code an app shows now, or so many steps later."""
    return pyotp.TOTP(secret).generate_otp(now_ms() // 1000 // codes.STEP_S + steps)


async def spend_nothing(world: World) -> None:
    """As if the codes used so far were long ago."""
    await world.resources.db.write(_forget)


def _forget() -> Any:
    yield "UPDATE second_factor SET last_step = 0", ()


async def set_up(person: Person) -> str:
    """The secret on the page, once the password was given."""
    answer = await person.pages.post(f"{PAGE}/setup", data={"password": PASSWORD})
    assert answer.headers["location"] == PAGE, answer.text
    shown = re.search(r'enrol__secret mono">([A-Z2-7 ]+)<', (await person.pages.get(PAGE)).text)
    assert shown
    return shown[1].replace(" ", "")


async def turned_on(person: Person) -> tuple[str, list[str]]:
    """Secret and recovery codes of somebody who has it on now."""
    secret = await set_up(person)
    answer = await person.pages.post(f"{PAGE}/confirmation", data={"code": code_at(secret)})
    assert answer.status_code == 200, answer.text
    return secret, re.findall(r"<li>([a-z0-9-]{19})</li>", answer.text)


async def first_step(world: World, client: httpx.AsyncClient, next: str = "") -> httpx.Response:
    return await send(client, "/login", username="member", password=PASSWORD, next=next)


async def acts(world: World) -> list[str]:
    return [row["act"] for row in await world.resources.db.fetch("SELECT act FROM audit_entry ORDER BY seq")]


async def test_setting_up_needs_the_password_and_a_code_and_signs_out_elsewhere(world: World) -> None:
    person = world.member
    wrong = await person.pages.post(f"{PAGE}/setup", data={"password": "nonsense"})
    assert wrong.status_code == 400
    assert "This is not your current password." in wrong.text
    secret = await set_up(person)
    assert (await world.resources.db.fetch("SELECT secret FROM second_factor"))[0]["secret"] != secret
    wrong = await person.pages.post(f"{PAGE}/confirmation", data={"code": "000000"})
    assert wrong.status_code == 400
    before = person.pages.cookies["sid"]
    answer = await person.pages.post(f"{PAGE}/confirmation", data={"code": code_at(secret)})
    assert len(re.findall(r"<li>[a-z0-9-]{19}</li>", answer.text)) == 10
    assert person.pages.cookies["sid"] != before
    token = re.search(r'name="_csrf" value="([0-9a-f]+)"', answer.text)
    assert token is None or token[1] != person.csrf  # forms of this page belong to the new login session
    assert (await person.pages.get("/chat")).status_code == 200
    assert (await person.api.get("/api/auth/me")).status_code == 401
    assert "twofactor.enabled" in await acts(world)


async def test_signing_in_takes_a_second_step_and_a_code_counts_once(world: World) -> None:
    secret, _recovery = await turned_on(world.member)
    browser = world.visitor.pages
    answer = await first_step(world, browser, next="/chat?x=1")
    assert answer.headers["location"] == "/login/code"
    assert "sid" not in browser.cookies
    spent = await send(browser, "/login/code", code=code_at(secret))
    assert spent.status_code == 401  # the code that turned it on
    answer = await send(browser, "/login/code", code=code_at(secret, 1))
    assert answer.headers["location"] == "/chat?x=1"
    assert (await browser.get("/chat")).text == "chat of member"
    assert "second" not in browser.cookies
    [row] = await world.resources.db.fetch(
        "SELECT after FROM audit_entry WHERE act = 'login.succeeded' ORDER BY seq DESC LIMIT 1"
    )
    assert row["after"] == '{"via":"password and code"}'


async def test_of_many_tries_with_one_code_one_gets_in(world: World) -> None:
    secret, _recovery = await turned_on(world.member)
    code = code_at(secret, 1)
    body = {"username": "member", "password": PASSWORD, "code": code}
    answers = await asyncio.gather(*(world.visitor.api.post("/api/auth/login", json=body) for _ in range(3)))
    assert sorted(each.status_code for each in answers) == [200, 401, 401]


async def test_the_second_step_belongs_to_one_browser_and_ends_after_five_wrong_codes(world: World) -> None:
    await turned_on(world.member)
    browser, other = world.visitor.pages, (await world.arrivals.visitor()).pages
    await first_step(world, browser)
    assert (await other.get("/login/code")).headers["location"] == "/login"
    token = await send(other, "/login", username="x", password="y" * 9)
    assert token.status_code == 401
    for _ in range(2):
        assert (await send(browser, "/login/code", code="123456")).status_code == 401
    await world.resources.db.write(_all_but_one)
    ended = await send(browser, "/login/code", code="123456")
    assert "Sign in again" in ended.text
    assert (await browser.get("/login/code")).headers["location"] == "/login"


def _all_but_one() -> Any:
    yield "UPDATE sign_in_challenge SET failures = 4", ()
    yield "DELETE FROM login_throttle", ()


async def test_wrong_codes_are_slowed_down_like_wrong_passwords(world: World) -> None:
    await turned_on(world.member)
    body = {"username": "member", "password": PASSWORD, "code": "123456"}
    statuses = [(await world.visitor.api.post("/api/auth/login", json=body)).status_code for _ in range(5)]
    assert statuses[:3] == [401, 401, 401]
    assert statuses[-1] == 429


async def test_a_new_password_ends_what_waits_for_its_second_step(world: World) -> None:
    secret, _recovery = await turned_on(world.member)
    browser = world.visitor.pages
    await first_step(world, browser)
    await world.resources.db.write(_moved_on)
    assert (await send(browser, "/login/code", code=code_at(secret, 1))).status_code == 401
    assert "sid" not in browser.cookies


def _moved_on() -> Any:
    yield "UPDATE user_account SET ver = ver + 1", ()


async def test_programs_are_asked_for_the_code(world: World) -> None:
    _secret, recovery = await turned_on(world.member)
    body = {"username": "member", "password": PASSWORD}
    asked = await world.visitor.api.post("/api/auth/login", json=body)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor")
    wrong = await world.visitor.api.post("/api/auth/login", json={**body, "code": "zzzz"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_code")
    for status in (200, 401):  # a recovery code counts once
        answer = await world.visitor.api.post("/api/auth/login", json={**body, "code": recovery[0].upper()})
        assert answer.status_code == status
    assert (await acts(world)).count("twofactor.recovered") == 1


async def test_recovery_codes_are_renewed_and_it_is_turned_off_with_both(world: World) -> None:
    _secret, recovery = await turned_on(world.member)
    pages = world.member.pages
    pages.headers["x-csrf-token"] = await _token(world, pages)
    both = {"password": PASSWORD, "code": recovery[0]}
    fresh = re.findall(r"<li>([a-z0-9-]{19})</li>", (await pages.post(f"{PAGE}/codes", data=both)).text)
    assert len(fresh) == 10
    assert not set(fresh) & set(recovery)
    for bad in ({**both, "code": recovery[1]}, {"password": "wrong one", "code": fresh[0]}):
        assert (await pages.post(f"{PAGE}/removal", data=bad)).status_code == 400
    before = pages.cookies["sid"]
    answer = await pages.post(f"{PAGE}/removal", data={"password": PASSWORD, "code": fresh[1]})
    assert answer.headers["location"] == "/account/security", answer.text
    assert pages.cookies["sid"] != before
    assert (await first_step(world, world.visitor.pages)).headers["location"] == "/chat"
    assert "twofactor.disabled" in await acts(world)


async def test_an_administrator_takes_a_lost_one_away(world: World) -> None:
    await turned_on(world.member)
    path = f"/admin/users/{world.member.id}/second-factor/removal"
    assert (await world.outsider.pages.post(path)).status_code == 404
    assert (await world.admin.pages.post(path)).status_code == 303
    assert (await world.admin.pages.post(path)).status_code == 404
    own = await world.admin.pages.post(f"/admin/users/{world.admin.id}/second-factor/removal")
    assert own.status_code == 409
    assert (await first_step(world, world.visitor.pages)).headers["location"] == "/chat"
    [row] = await world.resources.db.fetch(
        "SELECT actor, subject FROM audit_entry WHERE act = 'twofactor.removed'"
    )
    assert (row["actor"], row["subject"]) == (world.admin.id, f"user {world.member.id}")


async def _token(world: World, pages: httpx.AsyncClient) -> str:
    from parley.lib.keys import derive_key

    return make_token(derive_key(world.resources.config.secret, "csrf"), pages.cookies["sid"])
