"""Accounts that leave: what becomes of their things, and of the site when its first administrator goes."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from parley.accounts.people.deciding import Officer
from parley.accounts.queries import has_admin
from parley.accounts.reassuring import FRESH_MS
from parley.admin.leaving import scripts, service
from parley.admin.leaving.scripts import Leaving
from parley.lib.clock import now_ms
from parley.lib.db import Script
from tests.world import PASSWORD, Person, World

DELETION = "/admin/users/deletion"


async def post(person: Person, path: str, **form: Any) -> httpx.Response:
    """Somebody sends a form."""
    return await person.pages.post(path, data={"_csrf": person.csrf, **form})


def things(owner: int, chats: int, now: int) -> Script[None]:
    """Chats with a picture, a link and an answer that waits for a worker; one chat is temporary."""
    for at in range(7_000, 7_000 + chats):
        yield (
            "INSERT INTO conversation (id, leaf, owner, title, temporary, origin, created_at, updated_at)"
            " VALUES (?, ?, ?, 'private', ?, ?, ?, ?)",
            (at, at, owner, at == 7_000 + chats - 1, f"chatgpt:{at}", now, now),
        )
        yield (
            "INSERT INTO message (id, conversation, role, text, created_at)"
            " VALUES (?, ?, 'assistant', 's', ?)",
            (at, at, now),
        )
    yield (
        "INSERT INTO generation (id, owner, conversation, message, model, status, created_at)"
        " VALUES (7000, ?, 7000, 7000, 'demo', 'queued', ?)",
        (owner, now),
    )
    yield (
        "INSERT INTO share (id, owner, conversation, token, title, content, created_at)"
        " VALUES (7000, ?, 7000, 'x', 'private', '{}', ?)",
        (owner, now),
    )
    yield (
        "INSERT INTO stored_file (id, owner, sha256, mime, size, created_at)"
        " VALUES (7000, ?, 'x', 'x', 1, ?)",
        (owner, now),
    )
    yield "INSERT INTO message_file (message, file, position) VALUES (7000, 7000, 0)", ()
    yield (
        "INSERT INTO prompt (id, owner, shared, command, title, body, created_at, updated_at)"
        " VALUES (7000, ?, TRUE, 'mail', 'Mail', 'x', ?, ?)",
        (owner, now, now),
    )


async def owners(world: World, table: str) -> list[int]:
    """Whose the rows of a table are."""
    rows = await world.resources.db.fetch(f"SELECT owner FROM {table} ORDER BY id")
    return [row["owner"] for row in rows]


async def test_everything_goes(world: World) -> None:
    member, db = world.member.id, world.resources.db
    await db.write(things, member, 3, now_ms())
    page = (await world.admin.pages.get(f"{DELETION}?ids={member}")).text
    assert "3 chats" in page
    assert "1 file" in page
    assert (await post(world.admin, DELETION, ids=str(member), word="outsider")).status_code == 400
    gone = await post(world.admin, DELETION, ids=str(member), word="Member", data="delete")
    assert gone.headers["location"].endswith("done=deletion-1-0")
    for table in ("conversation", "share", "stored_file", "prompt"):
        assert await owners(world, table) == []
    assert await db.fetch("SELECT id FROM generation") == []
    assert await db.fetch("SELECT id FROM user_account WHERE id = ?", member) == []
    again = {"username": "member", "password": "another word 1"}
    assert (await world.visitor.api.post("/api/auth/register", json=again)).status_code == 201
    entry = (await db.fetch("SELECT * FROM audit_entry WHERE act = 'user.deleted'"))[0]
    assert '"username":"member"' in entry["before"]


async def test_chats_are_handed_over(world: World) -> None:
    admin, member, db = world.admin.id, world.member.id, world.resources.db
    await db.write(things, member, 3, now_ms())
    await post(world.admin, DELETION, ids=str(member), word="member", data="hand_over")
    assert await owners(world, "conversation") == [admin, admin]
    for table in ("share", "stored_file", "prompt"):
        assert await owners(world, table) == [admin]
    folder = (await db.fetch("SELECT id, name, owner FROM folder"))[0]
    assert (folder["name"], folder["owner"]) == ("member", admin)
    rows = await db.fetch("SELECT folder, origin FROM conversation")
    assert [tuple(row.values()) for row in rows] == [(folder["id"], None)] * 2
    assert (await db.fetch("SELECT status FROM generation"))[0]["status"] == "cancelled"
    shown = (await world.admin.pages.get("/chat/7000")).text
    assert "stopped because the account was deleted" in shown
    assert "You stopped this answer" not in shown


@pytest.mark.one_engine
async def test_what_was_not_finished_is_finished_later(world: World) -> None:
    member, db = world.member.id, world.resources.db
    await db.write(things, member, 8, now_ms())
    leaving = Leaving(member, Officer(world.admin.id, "keeper", ""))
    departed = await db.write(scripts.depart, leaving, now_ms())
    assert (departed.outcome, departed.running) == ("done", (7000,))
    assert (await world.member.pages.get("/chat")).headers["location"].startswith("/login")
    assert "member" not in (await world.admin.pages.get("/admin/users")).text.partition("<main")[2]
    assert (await world.admin.pages.get(f"/admin/users/{member}")).status_code == 404
    assert await db.write(scripts.clear, member, 3) is False
    assert len(await owners(world, "conversation")) == 5
    assert (await db.write(scripts.depart, leaving, now_ms())).outcome == "unknown"
    assert await service.clear_departed(world.resources) == 1
    assert await owners(world, "conversation") == []


async def test_the_first_administrator_may_go_and_the_site_stays_founded(world: World) -> None:
    db = world.resources.db
    second = await world.another("second", role="admin")

    def found(owner: int) -> Script[None]:
        yield "INSERT INTO bootstrap (id, owner) VALUES (1, ?) ON CONFLICT (id) DO NOTHING", (owner,)
        yield (
            "INSERT INTO stored_file (id, owner, sha256, mime, size, avatar, created_at)"
            " VALUES (9, ?, 'x', 'x', 1, TRUE, 1)",
            (owner,),
        )
        yield "INSERT INTO setting (key, value, updated_at) VALUES ('assistant.face', '9', 1)", ()

    await db.write(found, world.admin.id)
    wrong = await post(world.admin, "/account/deletion", password="not my password")
    assert (wrong.status_code, "password-error" in wrong.text) == (400, True)
    left = await post(world.admin, "/account/deletion", password=PASSWORD)
    assert left.headers["location"] == "/login"
    assert await has_admin(db)
    assert (await db.fetch("SELECT owner FROM stored_file"))[0]["owner"] == second.id
    assert (await world.visitor.pages.get("/setup")).headers["location"] != "/setup?step=2"
    rows = await db.fetch("SELECT act, actor_name FROM audit_entry WHERE act = 'account.deleted'")
    assert [row["actor_name"] for row in rows] == ["keeper"]


async def test_two_administrators_who_delete_each_other_leave_one(world: World) -> None:
    second = await world.another("second", role="admin")
    pairs = [(world.admin, second), (second, world.admin)] * 5
    db, now = world.resources.db, now_ms()
    outcomes = await asyncio.gather(
        *(
            db.write(scripts.depart, Leaving(whom.id, Officer(who.id, who.username, "")), now)
            for who, whom in pairs
        )
    )
    assert sorted(each.outcome for each in outcomes).count("done") == 1
    left = await db.fetch("SELECT id FROM user_account WHERE role = 'admin' AND status = 'active'")
    assert len(left) == 1


@pytest.mark.one_engine
async def test_an_account_without_a_password_is_deleted_by_its_owner(world: World) -> None:
    member, db, path = world.member, world.resources.db, "/account/deletion"
    assert (await post(member, path, password="")).status_code == 400

    def forget() -> Script[None]:
        yield "UPDATE user_account SET password_hash = '' WHERE id = ?", (member.id,)

    def proved(at: int) -> Script[None]:
        yield "UPDATE login_session SET proved_at = ?", (at,)

    await db.write(forget)
    await db.write(proved, now_ms() - FRESH_MS)
    page = (await member.pages.get(path)).text
    assert ("Sign in again to go on" in page, "Delete for good" in page) == (True, False)
    security = "/account/security"
    for place in (path, f"{security}/two-factor/setup", f"{security}/passkeys/options"):
        assert (await post(member, place)).status_code == 403, place
    await db.write(proved, now_ms())
    assert 'name="password"' not in (await member.pages.get(path)).text.partition("<main")[2]
    assert (await post(member, path, word="outsider")).status_code == 400
    assert (await post(member, path, word="Member")).status_code == 303
    assert await db.fetch("SELECT id FROM user_account WHERE id = ?", member.id) == []
