"""Every address that changes something refuses a cookie without the form token; new ones are found here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from tests.world import World

ROOT = Path(__file__).parents[2]
SAFE = {"GET", "HEAD", "OPTIONS"}
VALUES = {"int": "1", "str": "x", "uuid": "00000000-0000-0000-0000-000000000000", "path": "x"}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Nothing here depends on the engine."""
    return sqlite_url


def writing_addresses(app: Litestar) -> Iterator[tuple[str, str]]:
    """Method and path of every route that is not only read, its parameters filled in."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        path = "".join(
            f"/{part}" if isinstance(part, str) else f"/{VALUES[part.full.partition(':')[2]]}"
            for part in route.path_components
        )
        for method in sorted(set(route.methods) - SAFE):
            yield method, path or "/"


async def snapshot(world: World) -> list[object]:
    """What the database holds, as far as a forged request could change it."""
    tables = ("user_account", "login_session", "connection", "model", "conversation", "message", "generation")
    return [await world.resources.db.fetch(f"SELECT * FROM {table} ORDER BY id") for table in tables]


async def test_no_address_writes_for_a_cookie_without_its_token(world: World) -> None:
    addresses = list(writing_addresses(world.app))
    assert ("POST", "/logout") in addresses
    await world.admin.pages.get("/account/sessions")
    world.admin.pages.headers.pop("x-csrf-token")
    before = await snapshot(world)
    for method, path in addresses:
        bodies: list[dict[str, str]] = [{}, {"content-type": "application/json"}]
        if not path.startswith("/api/"):
            bodies.append({"content-type": "application/x-www-form-urlencoded"})
        for headers in bodies:
            answer = await world.admin.pages.request(
                method, path, headers=headers, content=b"{}" if headers else b""
            )
            assert answer.status_code == 403, (method, path, headers)
    assert await snapshot(world) == before


async def test_a_token_of_another_browser_is_no_token(world: World) -> None:
    for method, path in writing_addresses(world.app):
        answer = await world.admin.pages.request(method, path, headers={"x-csrf-token": world.member.csrf})
        assert answer.status_code == 403, (method, path)


async def test_a_text_form_cannot_pose_as_json(world: World) -> None:
    for method, path in writing_addresses(world.app):
        if path.startswith("/api/"):
            answer = await world.visitor.api.request(
                method, path, content=b'{"a":"b"}', headers={"content-type": "text/plain"}
            )
            assert answer.status_code == 415, (method, path)


def test_no_token_stands_in_an_address() -> None:
    for path in (*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/js/**/*.js")):
        text = path.read_text()
        assert not re.search(r"[?&]_csrf", text), path
        for form in re.findall(r"<form\b[^>]*(?:method=\"get\"|hx-get).*?</form>", text, re.DOTALL):
            assert "csrf(" not in form, path
            assert "_csrf" not in form, path
