"""Signing in at a provider: there, back, and everything somebody could send instead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from parley.accounts.oidc import provider as client
from parley.lib.clock import now_ms
from parley.settings.service import change
from tests.integration.accounts.provider import CLIENT, SECRET, Provider, Signer, honest, rsa
from tests.integration.accounts.test_pages import send
from tests.world import PASSWORD, World

pytestmark = pytest.mark.one_engine


@pytest.fixture
def idp() -> Iterator[Provider]:
    made = Provider()
    made.start()
    yield made
    made.stop()


async def agree(world: World, idp: Provider, **more: str) -> None:
    """Set the provider up as an administrator does on the page."""
    typed = {"signing.issuer": idp.issuer, "signing.client_id": CLIENT, "signing.accounts": "auto"}
    typed |= {f"signing.{key}": value for key, value in more.items()}
    answer = await world.admin.pages.post("/admin/sign-in", data={**typed, "secret": SECRET})
    assert answer.status_code == 303, answer.text


async def leave(browser: httpx.AsyncClient, path: str = "/login/oidc") -> str:
    """The address the provider sends the browser back to, below our root."""
    there = await browser.get(path)
    assert there.status_code == 303, there.text
    async with httpx.AsyncClient(trust_env=False, verify=False) as outside:
        back = (await outside.get(there.headers["location"])).headers["location"]
    return str(httpx.URL(back).raw_path.decode())


async def sign_in(browser: httpx.AsyncClient, path: str = "/login/oidc") -> httpx.Response:
    return await browser.get(await leave(browser, path))


async def people(world: World) -> set[str]:
    return {row["username"] for row in await world.resources.db.fetch("SELECT username FROM user_account")}


async def acts(world: World) -> list[str]:
    return [row["act"] for row in await world.resources.db.fetch("SELECT act FROM audit_entry ORDER BY seq")]


async def test_somebody_comes_for_the_first_time_and_again(world: World, idp: Provider) -> None:
    await agree(world, idp)
    browser = world.visitor.pages
    answer = await sign_in(browser, "/login/oidc?next=/chat?x=1")
    assert answer.headers["location"] == "/chat?x=1", answer.text
    assert (await browser.get("/chat")).text == "chat of grace"
    assert "provider" not in browser.cookies
    other = await world.arrivals.visitor()
    idp.claims = {"email": "new@example.org", "preferred_username": "renamed"}  # the same subject
    await sign_in(other.pages)
    assert (await other.pages.get("/chat")).text == "chat of grace"
    assert {"user.registered", "oidc.linked", "login.succeeded"} <= set(await acts(world))
    rows = await world.resources.db.fetch("SELECT password_hash FROM user_account WHERE username = 'grace'")
    assert rows[0]["password_hash"] == ""
    for password in ("", "x" * 9):  # no password opens an account that has none
        body = {"username": "grace", "password": password}
        assert (await world.visitor.api.post("/api/auth/login", json=body)).status_code in (400, 401)


async def test_an_address_alone_never_opens_an_account(world: World, idp: Provider) -> None:
    await agree(world, idp)
    idp.claims = {"preferred_username": "member", "email": "member@example.org"}
    await sign_in(world.visitor.pages)
    assert (await world.visitor.pages.get("/chat")).text == "chat of member2"


async def test_two_first_sign_ins_at_once_make_one_account(world: World, idp: Provider) -> None:
    await agree(world, idp)
    browsers = [(await world.arrivals.visitor()).pages for _ in range(3)]
    answers = await asyncio.gather(*(sign_in(each) for each in browsers))
    assert [each.headers["location"] for each in answers] == ["/chat"] * 3
    assert {name for name in await people(world) if name.startswith("grace")} == {"grace"}


def with_none(idp: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": idp.kid})


def with_public_key_as_secret(idp: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(
        claims, str(idp.jwks()["keys"][0]["n"]) * 2, algorithm="HS256", headers={"kid": idp.kid}
    )


def with_stranger(idp: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, rsa("stranger"), algorithm="RS256", headers={"kid": idp.kid})


def with_unknown_key(idp: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, rsa("stranger"), algorithm="RS256", headers={"kid": "elsewhere"})


LIES: list[tuple[dict[str, Any], Signer]] = [
    ({"nonce": "another"}, honest),
    ({"aud": "another"}, honest),
    ({"aud": [CLIENT, "another"]}, honest),
    ({"azp": "another"}, honest),
    ({"exp": 1_000_000_000}, honest),
    ({"exp": "soon"}, honest),
    ({"iat": 4_000_000_000}, honest),
    ({"iss": "https://another.example"}, honest),
    ({"sub": ""}, honest),
    ({"sub": "x" * 256}, honest),
    ({}, with_none),
    ({}, with_public_key_as_secret),
    ({}, with_stranger),
    ({}, with_unknown_key),
    ({}, lambda _idp, _claims: "no token"),
]


async def test_a_false_proof_opens_nothing(world: World, idp: Provider) -> None:
    await agree(world, idp)
    before = await people(world)
    browser = world.visitor.pages
    for claims, sign in LIES:
        idp.claims, idp.sign = claims, sign
        answer = await sign_in(browser)
        assert answer.status_code == 401, (claims, sign, answer.text)
        assert "cannot be trusted" in answer.text
        assert SECRET not in answer.text
        assert "sid" not in browser.cookies
    assert await people(world) == before


async def test_the_way_back_is_for_one_browser_once(world: World, idp: Provider) -> None:
    await agree(world, idp)
    browser, victim = world.visitor.pages, (await world.arrivals.visitor()).pages
    back = await leave(browser)
    assert (await victim.get(back)).status_code == 401  # a code injected into another browser
    await leave(victim)
    assert (await victim.get(back)).status_code == 401  # which is on a trip of its own
    assert "sid" not in victim.cookies
    cookie = browser.cookies["provider"]
    assert (await browser.get(back)).headers["location"] == "/chat"
    again = (await world.arrivals.visitor()).pages
    again.cookies.set("provider", cookie, domain="127.0.0.1")
    assert (await again.get(back)).status_code == 401  # the state is spent
    odd = await leave(again)
    assert (await again.get(odd.replace("iss=http", "iss=https"))).status_code == 401
    refused = await again.get("/login/oidc/callback?error=access_denied&state=x")
    assert refused.status_code == 401


async def test_keys_change_and_are_asked_for_once_a_minute(
    world: World, idp: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    await agree(world, idp)
    await sign_in(world.visitor.pages)
    idp.kid = "two"
    browser = (await world.arrivals.visitor()).pages
    assert (await sign_in(browser)).status_code == 401  # asked less than a minute ago
    assert idp.asked.count("jwks") == 1
    later = now_ms() + client.AGAIN_MS
    monkeypatch.setattr(client, "now_ms", lambda: later)
    assert (await sign_in(browser)).headers["location"] == "/chat"
    assert idp.asked.count("jwks") == 2


async def test_who_becomes_what_follows_the_settings(world: World, idp: Provider) -> None:
    await agree(world, idp, admin_rule="realm.groups=bosses", domains="example.org", accounts="approval")
    idp.claims = {"email": "grace@elsewhere.org"}
    assert (await sign_in(world.visitor.pages)).status_code == 403
    idp.claims = {"email_verified": False}
    assert (await sign_in(world.visitor.pages)).status_code == 403
    idp.claims = {"sub": "u-2", "preferred_username": "名字 of them@x"}
    assert (await sign_in(world.visitor.pages)).headers["location"] == "/pending"
    await agree(world, idp, admin_rule="realm.groups=bosses", username_claim="nick", accounts="auto")
    boss = (await world.arrivals.visitor()).pages
    idp.claims = {"sub": "u-3", "nick": "boss", "realm": {"groups": ["staff", "bosses"]}}
    await sign_in(boss)
    assert (await boss.get("/admin/sign-in")).status_code == 200
    idp.claims = {"sub": "u-3", "realm": {"groups": ["staff"]}}
    await sign_in((await world.arrivals.visitor()).pages)
    assert (await boss.get("/admin/sign-in")).status_code in (303, 404)  # demoted, and signed out
    assert "user.role_followed" in await acts(world)
    await agree(world, idp, accounts="no")
    idp.claims = {"sub": "u-4"}
    assert (await sign_in((await world.arrivals.visitor()).pages)).status_code == 403


async def test_one_links_an_identity_to_the_account_one_has(world: World, idp: Provider) -> None:
    await agree(world, idp, accounts="no", admin_rule="sub=u-1")
    pages, path = world.member.pages, "/account/security/identities"
    assert (await pages.post(path, data={"password": "wrong one"})).status_code == 400
    leaving = await pages.post(path, data={"password": PASSWORD})
    address = leaving.text.split('class="btn btn--primary" href="')[1].split('"')[0].replace("&amp;", "&")
    async with httpx.AsyncClient(trust_env=False, verify=False) as outside:
        back = httpx.URL((await outside.get(address)).headers["location"]).raw_path.decode()
    assert (await pages.get(back)).headers["location"] == "/account/security?done=identity"
    await sign_in(world.visitor.pages)
    assert (await world.visitor.pages.get("/chat")).text == "chat of member"
    assert (await world.visitor.pages.get("/admin/sign-in")).status_code == 404  # the role stays one's own
    [row] = await world.resources.db.fetch("SELECT id FROM oidc_identity")
    assert (await world.outsider.pages.post(f"{path}/{row['id']}/removal")).status_code == 404
    assert (await pages.post(f"{path}/{row['id']}/removal", data={"password": PASSWORD})).status_code == 303
    assert (await sign_in((await world.arrivals.visitor()).pages)).status_code == 403
    assert {"oidc.linked", "oidc.unlinked"} <= set(await acts(world))


async def test_an_administrator_tries_it_without_signing_in(world: World, idp: Provider) -> None:
    await agree(world, idp, admin_rule="groups=bosses", label="Sign in with Example")
    idp.claims = {"groups": ["bosses"]}
    before = await people(world)
    answer = await sign_in(world.admin.pages, "/admin/sign-in/test")
    assert "grace@example.org" in answer.text
    assert "Administrator" in answer.text
    assert (await world.admin.pages.get("/chat")).text == "chat of keeper"
    assert await people(world) == before
    idp.sign = with_none
    assert "cannot be trusted" in (await sign_in(world.admin.pages, "/admin/sign-in/test")).text
    assert (await world.member.pages.get("/admin/sign-in/test")).status_code == 404
    shown = (await world.admin.pages.get("/admin/sign-in")).text
    assert SECRET not in shown
    wrong = await world.admin.pages.post(
        "/admin/sign-in", data={"secret": "x" * 501, "signing.scopes": "email"}
    )
    assert (wrong.status_code, "Use at most 500" in wrong.text) == (400, True)
    assert "Sign in with Example" in (await world.visitor.pages.get("/login")).text


async def test_where_passwords_are_off_administrators_break_the_glass(world: World, idp: Provider) -> None:
    browser, what_it_is = world.visitor.pages, "This form lets only administrators in"
    for path in ("/login", "/login?local=1"):
        assert "dministrator" not in (await browser.get(path)).text
    await agree(world, idp, passwords="off")
    page = (await browser.get("/login?next=/chat/5")).text
    assert ('name="password"' in page, "For administrators" in page) == (False, True)
    way = page.partition('href="/login?local=1')[2].partition('"')[0].replace("&amp;", "&")
    page = (await browser.get(f"/login?local=1{way}")).text
    assert ('name="next" value="/chat/5"' in page, what_it_is in page) == (True, True)
    body = {"username": "member", "password": PASSWORD}
    refused = await world.visitor.api.post("/api/auth/login", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "use_provider")
    shut = await send(browser, "/login", "/login?local=1", **body)
    assert (shut.status_code, what_it_is in shut.text) == (403, True)
    idp.stop()
    answer = await send(browser, "/login", "/login?local=1", username="keeper", password=PASSWORD)
    assert answer.headers["location"] == "/chat"
    idp.start()


async def test_a_secret_goes_to_no_other_issuer(world: World, idp: Provider) -> None:
    await agree(world, idp)
    stored = await world.resources.db.fetch("SELECT sealed FROM oidc_secret")
    assert SECRET not in stored[0]["sealed"]
    other = Provider()
    other.start()
    try:
        await change(world.resources, {"signing.issuer": other.issuer})
        answer = await sign_in(world.visitor.pages)
        assert answer.status_code == 502
        assert "invalid_grant" in answer.text  # the fake wants the secret, and did not get it
    finally:
        other.stop()
    await change(world.resources, {"signing.issuer": ""})
    assert (await world.visitor.pages.get("/login/oidc")).status_code == 404
