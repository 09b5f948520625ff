"""Every address of the application, asked by those who may not: nobody has to remember to write this test.

A new address is covered the moment it exists. Who may open which is in access.py, asked by
test_access_matrix.py; a body that is right in form goes into BODIES or FORMS here.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from parley.lib.clock import now_ms
from parley.lib.db import Script
from tests.world import Person, World

# Bodies that are right in form, so that what is refused is the person.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/connections"): {"name": "x", "provider": "demo"},
    ("PATCH", "/api/connections/{id:int}"): {"name": "x"},
    ("POST", "/api/connections/verify"): {"provider": "demo"},
    ("POST", "/api/connections/export"): {"passphrase": "long enough"},
    ("POST", "/api/connections/import"): {"file": "{}"},
    ("PATCH", "/api/sessions/{id:int}"): {"title": "mine now"},
    ("POST", "/api/chat/stream"): {"sessionId": "{id}", "content": "hello", "clientMessageId": "c1"},
    ("POST", "/api/chat/stream/cancel"): {"generationId": "{id}"},
    ("POST", "/api/users/{id:int}/reject"): {"reason": "no"},
    ("POST", "/api/users/{id:int}/status"): {"status": "DISABLED"},
    ("PUT", "/api/users/{id:int}/role"): {"role": "USER"},
    ("POST", "/api/shares"): {"sessionId": "{id}"},
}
FORMS: dict[tuple[str, str], dict[str, str]] = {
    ("PATCH", "/chat/{id:int}"): {"title": "mine now"},
    ("POST", "/chat/{id:int}/model"): {"model": "demo"},
    ("POST", "/chat/{id:int}/turns"): {"text": "hello", "client_message_id": "c1", "model": "demo"},
}
# Addresses with an id that are the asker's own affair, or ask by body: tested beside their domain.
OWN = {"/account/sessions/{id:int}/revocation"}

Address = tuple[str, str]


def addresses(app: Litestar) -> Iterator[Address]:
    for route in app.routes:
        methods = route.methods if isinstance(route, HTTPRoute) else {"GET"}
        yield from ((method, route.path) for method in sorted(methods - {"OPTIONS"}))


def a_members_things(owner: int, now: int) -> Script[int]:
    """One conversation with an answer under way; all its rows get the same id, which is returned."""
    at = 4_000
    yield (
        "INSERT INTO conversation (id, owner, title, created_at, updated_at) VALUES (?, ?, 'private', ?, ?)",
        (at, owner, now, now),
    )
    yield (
        "INSERT INTO message (id, conversation, role, text, created_at)"
        " VALUES (?, ?, 'assistant', 'secret', ?)",
        (at, at, now),
    )
    yield (
        "INSERT INTO generation (id, owner, conversation, message, model, status, created_at)"
        " VALUES (?, ?, ?, ?, 'demo', 'queued', ?)",
        (at, owner, at, at, now),
    )
    yield (
        "INSERT INTO share (id, owner, conversation, token, title, content, created_at)"
        " VALUES (?, ?, ?, 'x', 'private', '{}', ?)",
        (at, owner, at, now),
    )
    yield (
        "INSERT INTO stored_file (id, owner, sha256, mime, size, created_at) VALUES (?, ?, 'x', 'x', 1, ?)",
        (at, owner, now),
    )
    yield (
        "INSERT INTO folder (id, owner, name, position, created_at) VALUES (?, ?, 'private', 1, ?)",
        (at, owner, now),
    )
    yield (
        "INSERT INTO prompt (id, owner, shared, command, title, body, version, created_at, updated_at)"
        " VALUES (?, ?, FALSE, 'mine', 'private', 'secret', 1, ?, ?)",
        (at, owner, now, now),
    )
    yield (
        "INSERT INTO import_job (id, owner, name, status, size, created_at) VALUES (?, ?, 'x', 'done', 1, ?)",
        (at, owner, now),
    )
    yield (
        "INSERT INTO trace (id, generation, owner, conversation, model, level, reason, most, started_at)"
        " VALUES (?, ?, ?, ?, 'demo', 'explicit', 'asked', 100, ?)",
        (at, at, owner, at, now),
    )
    return at


async def ask(person: Person, address: Address, id: int) -> httpx.Response:
    """Ask as a browser would, or as a program where the address is the programs'."""
    method, path = address
    url = path.replace("{id:int}", str(id)).replace("{number:int}", "1")
    if path.startswith("/api/"):
        body = {k: str(id) if v == "{id}" else v for k, v in BODIES.get(address, {}).items()}
        json = body if method in ("POST", "PATCH", "PUT") else None
        return await person.api.request(method, url, json=json)
    headers = {"X-CSRF-Token": person.csrf} if person.csrf else {}
    return await person.pages.request(method, url, data=FORMS.get(address), headers=headers)


async def test_an_outsider_cannot_tell_that_anything_of_a_member_exists(world: World) -> None:
    assert world.member.actor is not None
    theirs = await world.resources.db.write(a_members_things, world.member.id, now_ms())
    assert (await ask(world.member, ("GET", "/api/sessions/{id:int}/messages"), theirs)).status_code == 200
    tellings, asked = [], 0
    for address in addresses(world.app):
        named = "{id:int}" in address[1] or "{id}" in BODIES.get(address, {}).values()
        if not named or address[1] in OWN:
            continue
        asked += 1
        there = await ask(world.outsider, address, theirs)
        nowhere = await ask(world.outsider, address, 999_999)
        if there.status_code != 404 or nowhere.status_code != 404 or shape(there) != shape(nowhere):
            tellings.append((address, there.status_code, nowhere.status_code, there.text[:80]))
    assert tellings == []
    assert asked > 10  # the member's things were really asked for


@pytest.mark.parametrize("id", [2**63, -(2**63) - 1, 10**25])
async def test_an_id_no_database_can_hold_is_just_not_there(world: World, id: int) -> None:
    broken = []
    for address in addresses(world.app):
        if "{id:int}" in address[1]:
            person = world.admin if address[1].startswith(("/admin", "/api/users")) else world.member
            answer = await ask(person, address, id)
            if answer.status_code != 404:
                broken.append((address, answer.status_code))
    assert broken == []


async def test_a_place_no_list_can_have_breaks_none(world: World) -> None:
    places = dict.fromkeys(("after", "at", "before", "current", "limit", "made", "page"), 10**25)
    broken = []
    for method, path in addresses(world.app):
        if method == "GET" and "{" not in path and not path.endswith("/health"):
            client = world.admin.api if path.startswith("/api/") else world.admin.pages
            async with client.stream("GET", path, params=places) as answer:  # some never end
                if answer.status_code >= 500:
                    broken.append((path, answer.status_code))
    assert broken == []


async def test_bodies_are_for_addresses_that_exist(app: Litestar) -> None:
    assert (set(BODIES) | set(FORMS)) - set(addresses(app)) == set()


def shape(answer: httpx.Response) -> str:
    """The body without what differs from request to request."""
    return (
        answer.text.replace("4000", "N").replace("999999", "N")
        if "json" in answer.headers["content-type"]
        else ""
    )


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One engine is enough: what is asked here is decided before SQL differs."""
    return sqlite_url
