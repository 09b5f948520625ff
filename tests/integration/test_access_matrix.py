"""Every address times everybody: the route table, asked with the expectations of access.py."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from litestar import Litestar

from parley.accounts.scripts import NewSession, open_session
from parley.accounts.tokens import new_secret, secret_hash
from parley.accounts.visiting.scripts import NewVisitor, insert
from parley.accounts.visiting.service import LIFE_MS
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.settings import service as settings
from parley.web.perimeter import VISIT
from tests.integration.access import ACTORS, TABLE, expected
from tests.integration.test_every_route import BODIES, FORMS, Address, a_members_things, addresses
from tests.world import Person, World

pytestmark = pytest.mark.one_engine  # what is asked here is decided before SQL differs

THINGS = 4_000
# Whoever asks these is gone afterwards: they come last.
ENDS = [("POST", "/api/auth/logout"), ("POST", "/logout")]
# What an address wants to know before it looks who asks.
QUERIES = {("GET", "/admin/network/upgrade"): {"token": "a-test-of-it"}}
FILLED = {
    "{id:int}": str(THINGS),
    "{number:int}": "1",
    "{token:str}": "unknown",
    "{name:str}": "unknown",
    "{card:str}": "general",
    "{version:str}": "x",
    "{name:path}": "unknown",
    "{id:path}": "unknown",
}


def the_sites_things(now: int) -> Script[None]:
    """What administrators act on, all with the same id."""
    yield "DELETE FROM user_account WHERE id = ?", (THINGS,)
    yield (
        "INSERT INTO user_account (id, username, username_key, password_hash, role, status, created_at)"
        " VALUES (?, 'victim', 'victim', '', 'user', 'pending', ?)",
        (THINGS, now),
    )
    yield "DELETE FROM connection WHERE id = ?", (THINGS,)
    yield (
        "INSERT INTO connection (id, name, provider, created_at, updated_at) VALUES (?, 'x', 'demo', ?, ?)",
        (THINGS, now, now),
    )
    yield "DELETE FROM route WHERE id = ?", (THINGS,)
    yield (
        "INSERT INTO route (id, slug, name, created_at, updated_at) VALUES (?, 'x', 'x', ?, ?)",
        (THINGS, now, now),
    )
    yield "DELETE FROM user_group WHERE id = ?", (THINGS,)
    yield (
        "INSERT INTO user_group (id, name, name_key, created_at) VALUES (?, 'x', 'x', ?)",
        (THINGS, now),
    )
    yield "DELETE FROM invitation WHERE id = ?", (THINGS,)
    yield (
        "INSERT INTO invitation (id, token_hash, role, uses, created_at, expires_at)"
        " VALUES (?, 'x', 'user', 1, ?, ?)",
        (THINGS, now, now + 60_000),
    )


def afresh(owner: int, now: int) -> Script[None]:
    """The member's things and the site's, as they were before somebody asked."""
    for table in ("conversation", "stored_file", "folder", "prompt", "import_job", "trace"):
        yield f"DELETE FROM {table} WHERE id = ?", (THINGS,)
    yield from a_members_things(owner, now)
    yield "UPDATE trace SET metadata = '{}' WHERE id = ?", (THINGS,)
    yield from the_sites_things(now)


async def a_visitor(world: World) -> Person:
    """Somebody without an account, signed in as `POST /visit` does it."""
    await settings.change(world.resources, {"visitors.mode": "on"})
    secret = new_secret()

    def come() -> Script[tuple[int, int]]:
        row = yield from insert(NewVisitor("~test", ""), now_ms())
        yield from open_session(NewSession(row["id"], secret_hash(secret), "", "", LIFE_MS), now_ms())
        return row["id"], row["ver"]

    person = await world.arrivals.sign_in(*await world.resources.db.write(come), secret)
    person.api = person.pages  # they are given no token
    return person


async def outcome(person: Person, address: Address) -> str:
    """How the door answers; see access.py."""
    method, path = address
    for name, value in FILLED.items():
        path = path.replace(name, value)
    programs = path.startswith("/api/")
    sent: dict[str, Any] = {
        "json": {k: str(THINGS) if v == "{id}" else v for k, v in BODIES.get(address, {}).items()}
        if programs and method != "GET"
        else None,
        "params": QUERIES.get(address),
        "data": None if programs else FORMS.get(address),
        "headers": {"X-CSRF-Token": person.csrf} if person.csrf else {},
    }
    client = person.api if programs else person.pages
    async with client.stream(method, path, **sent) as answer:  # some never end
        if "event-stream" not in answer.headers.get("content-type", ""):
            await answer.aread()
        status, target = answer.status_code, answer.headers.get("location", "")
    if not person.id:  # nobody stays nobody, whatever a visit brought
        client.cookies = httpx.Cookies({VISIT: person.token})
    if status == 303 and target.partition("?")[0].endswith("/login"):
        return "login"
    if status == 303 and target.endswith("/pending"):
        return "wait"
    return {401: "login", 403: "refused", 404: "none", 423: "wait", 405: "405"}.get(
        status,
        "in" if status < 500 or status == 503 else str(status),  # 503: no worker runs here
    )


async def people_of(world: World) -> dict[str, Person]:
    """Everybody the table knows."""
    page = await world.visitor.pages.get("/login")
    world.visitor.token = world.visitor.pages.cookies[VISIT]
    world.visitor.csrf = page.text.partition('name="_csrf" value="')[2].partition('"')[0]
    everybody = (
        world.visitor, await a_visitor(world), world.pending, world.member, world.outsider, world.admin,
    )  # fmt: skip
    return dict(zip(ACTORS, everybody, strict=True))


async def test_every_door_answers_everybody_as_the_table_says(world: World) -> None:
    people = await people_of(world)
    await world.resources.db.write(afresh, world.member.id, now_ms())
    others = [address for address in addresses(world.app) if address not in ENDS]
    wrong = []
    for address in [*others, *ENDS]:
        cells = expected(*address) or dict.fromkeys(ACTORS, "a line in access.py")
        for actor, person in people.items():
            answer = await outcome(person, address)
            if answer == "in" and address[0] != "GET":  # it may have been done
                await world.resources.db.write_relaxed(afresh, world.member.id, now_ms())
            if answer != cells[actor]:
                wrong.append(f"{actor} {' '.join(address)}: {answer}, not {cells[actor]}")
    assert not wrong, "\n".join(wrong)


def test_every_line_is_about_something(app: Litestar) -> None:
    known = list(addresses(app))
    assert [each for each in TABLE if not any(each.fits(*address) for address in known)] == []
