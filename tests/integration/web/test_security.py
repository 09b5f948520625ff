"""Headers, forged requests, proxies and cookies, over real sockets."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace

import httpx
import pytest

from parley.lib.config import Config
from parley.web.security import HEADERS
from tests.integration.accounts.conftest import accounts_app
from tests.world import PASSWORD, World, populated, served

pytestmark = pytest.mark.one_engine

ORIGINS = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
]
LOCAL = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/login", 200),
        ("/", 303),
        ("/nothing/here", 404),
        ("/api/nothing", 404),
        ("/api/auth/me", 401),
        ("/broken", 500),
        ("/static/nothing.css", 404),
    ],
)
async def test_every_answer_carries_the_headers(world: World, path: str, status: int) -> None:
    answer = await world.visitor.pages.get(path)
    assert answer.status_code == status
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" not in answer.headers


async def test_other_methods_and_refusals_carry_them_too(world: World) -> None:
    refused = [
        await world.visitor.pages.post("/login"),
        await world.visitor.pages.put("/login"),
        await world.visitor.pages.request("TRACE", "/login"),
        await world.visitor.api.post("/api/echo", content="x", headers={"content-type": "text/plain"}),
    ]
    assert [answer.status_code for answer in refused] == [403, 405, 405, 415]
    for answer in refused:
        assert answer.headers["content-security-policy"] == HEADERS["content-security-policy"]


async def test_nothing_private_is_kept_by_caches(world: World) -> None:
    for path in ("/account/sessions", "/api/auth/me", "/account/password", "/nothing"):
        assert (await world.member.pages.get(path)).headers["cache-control"] == "no-store"


async def test_no_inline_script_or_style_on_any_page(world: World) -> None:
    for path in ("/account/sessions", "/account/password", "/admin/users", "/nothing"):
        page = (await world.admin.pages.get(path)).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", page), path


@pytest.mark.parametrize("headers", ORIGINS)
async def test_another_site_cannot_use_the_cookie_even_with_the_token(
    world: World, headers: dict[str, str]
) -> None:
    answer = await world.member.pages.post("/logout", headers=headers)
    assert answer.status_code == 403
    assert (await world.member.pages.get("/chat")).status_code == 200


async def test_our_own_page_may(world: World) -> None:
    own = {"Origin": world.url, "Sec-Fetch-Site": "same-origin"}
    assert (await world.member.pages.post("/logout", headers=own)).status_code == 303


async def test_signing_in_cannot_be_forged(world: World) -> None:
    form = {"username": "member", "password": PASSWORD}
    assert (await world.visitor.pages.post("/login", data=form)).status_code == 403
    page = await world.visitor.pages.get("/login")
    token = re.search(r'name="_csrf" value="(\w+)"', page.text)
    assert token
    async with httpx.AsyncClient(base_url=world.url, trust_env=False) as victim:
        await victim.get("/login")
        answer = await victim.post("/login", data={**form, "_csrf": token[1]})
        assert answer.status_code == 403
    for late in ({"username": "member", "_csrf": token[1]}, {"x": "y" * 9_000, "_csrf": token[1]}):
        fields = {name: (None, value) for name, value in late.items()}
        multipart = await world.visitor.pages.post("/login", files=fields)
        assert multipart.status_code == 403  # there only the first field counts


async def test_a_get_changes_nothing(world: World) -> None:
    for path in ("/logout", "/account/sessions/revocation", f"/admin/users/{world.member.id}/approval"):
        assert (await world.admin.pages.get(path)).status_code == 405
    override = {"X-HTTP-Method-Override": "POST"}
    assert (await world.admin.pages.get("/logout?_method=POST", headers=override)).status_code == 405


async def test_a_failure_shows_a_reference_and_no_detail(world: World) -> None:
    page = await world.visitor.pages.get("/broken")
    assert page.status_code == 500
    assert "secret detail" not in page.text
    assert "Traceback" not in page.text
    program = await world.visitor.api.get("/broken", headers={"Accept": "application/json"})
    assert program.json()["code"] == "internal"
    assert program.json()["reference"]


async def test_an_error_speaks_the_form_its_sender_understands(world: World) -> None:
    page = await world.visitor.pages.get("/nothing", headers={"Accept": "text/html"})
    assert page.text.startswith("<!doctype html>")
    part = await world.visitor.pages.get(
        "/nothing", headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    )
    assert "<html" not in part.text
    assert 'class="notice' in part.text
    json = await world.visitor.pages.get("/api/nothing")
    assert json.json()["success"] is False
    assert json.json()["data"] is None


async def test_an_expired_login_does_not_take_a_part_of_the_page_away(world: World) -> None:
    htmx = {"HX-Request": "true", "HX-Request-Type": "partial"}
    part = await world.visitor.pages.get("/account/sessions", headers=htmx)
    assert part.status_code == 401
    assert 'href="/login"' in part.text


async def test_on_plain_http_the_cookie_is_readable_by_no_script(world: World) -> None:
    cookie = await signing_in(world, {})
    assert cookie.startswith("sid=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


async def test_https_is_believed_only_from_a_trusted_proxy(world: World) -> None:
    assert (await signing_in(world, {"X-Forwarded-Proto": "https"})).startswith("sid=")


async def test_behind_a_trusted_proxy_on_https_the_cookie_is_bound_to_the_host(config: Config) -> None:
    app = accounts_app(replace(config, trusted_proxies=LOCAL))
    async with served(app) as url, populated(app, url) as world:
        cookie = await signing_in(world, {"X-Forwarded-Proto": "https"})
        assert cookie.startswith("__Host-sid=")
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
        # The name without the prefix could have been planted by a neighbour: it opens nothing on https.
        planted = await world.member.pages.get("/chat", headers={"X-Forwarded-Proto": "https"})
        assert planted.status_code == 303


async def test_the_address_in_the_list_of_devices_comes_from_the_trusted_proxy(config: Config) -> None:
    app = accounts_app(replace(config, trusted_proxies=LOCAL))
    async with served(app) as url, populated(app, url) as world:
        await world.visitor.api.post(
            "/api/auth/login",
            json={"username": "member", "password": PASSWORD},
            headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"},
        )
        page = (await world.member.pages.get("/account/sessions")).text
        assert "203.0.113.7" in page
        assert "6.6.6.6" not in page


async def test_everything_works_below_a_path(config: Config) -> None:
    app = accounts_app(replace(config, root_path="/parley"))
    async with served(app) as url, populated(app, url) as world:
        assert (await world.visitor.pages.get("/parley/")).headers["location"] == "/parley/login"
        sent = await world.visitor.pages.get("/parley/account/sessions")
        assert sent.headers["location"] == "/parley/login?next=/parley/account/sessions"
        page = await world.visitor.pages.get(sent.headers["location"])
        token = re.search(r'name="_csrf" value="(\w+)"', page.text)
        assert token
        answer = await world.visitor.pages.post(
            "/parley/login",
            data={
                "_csrf": token[1],
                "username": "member",
                "password": PASSWORD,
                "next": "/parley/account/sessions",
            },
        )
        assert answer.headers["location"] == "/parley/account/sessions"
        assert "Path=/parley" in answer.headers["set-cookie"]
        assert (await world.visitor.api.get("/parley/api/nothing")).json()["code"] == "not_found"


async def signing_in(world: World, headers: dict[str, str]) -> str:
    """The Set-Cookie line of a browser's new login session."""
    async with httpx.AsyncClient(base_url=world.url, headers=headers, trust_env=False) as client:
        page = await client.get("/login")
        token = re.search(r'name="_csrf" value="(\w+)"', page.text)
        assert token
        visit = page.headers["set-cookie"].partition(";")[0]  # by hand: the client keeps Secure to itself
        answer = await client.post(
            "/login",
            data={"_csrf": token[1], "username": "member", "password": PASSWORD},
            headers={"Cookie": visit},
        )
        assert answer.status_code == 303
        return answer.headers.get_list("set-cookie")[0]
