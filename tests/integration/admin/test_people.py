"""What administrators decide about people, as a browser without scripts and a program see it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import httpx
import pytest

from parley.accounts.oidc.scripts import follow_role
from parley.accounts.people import scripts
from parley.accounts.people.deciding import DEMOTION, DISABLING, Officer
from parley.accounts.people.service import decide_about_all
from parley.accounts.visiting import scripts as visiting
from parley.accounts.visiting.scripts import NewVisitor
from parley.admin.leaving.scripts import Leaving, depart
from parley.audit.entries import Entry
from parley.lib.clock import now_ms
from parley.lib.db import Script
from tests.world import PASSWORD, Person, World

LIMIT_S = 12.0  # on a busy machine; it would look by itself after fifteen
USERS = "/admin/users"


async def acts(world: World, subject: int | None = None) -> list[str]:
    """What the audit log says, about one person or all, in order."""
    rows = await world.resources.db.fetch("SELECT act, subject FROM audit_entry ORDER BY seq")
    return [row["act"] for row in rows if subject is None or row["subject"].startswith(f"user {subject} ")]


async def post(world: World, path: str, *, by: Person | None = None, **form: Any) -> httpx.Response:
    """The administrator, or somebody else, sends a form."""
    person = by or world.admin
    return await person.pages.post(path, data={"_csrf": person.csrf, **form})


def token_on(page: str) -> str:
    """The form token of a page."""
    found = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert found
    return found[1]


async def account(world: World, person: Person) -> dict[str, Any]:
    """The row of somebody's account."""
    rows = await world.resources.db.fetch("SELECT * FROM user_account WHERE id = ?", person.id)
    return rows[0] if rows else {}


@pytest.mark.one_engine
async def test_the_wire_contract(world: World) -> None:
    api, waiting = world.admin.api, f"/api/users/{world.pending.id}"
    page = (await api.get("/api/users")).json()["data"]
    assert (page["total"], page["page"], page["pageSize"]) == (4, 1, 50)
    assert page["users"][0]["username"] == "waiting"
    found = (await api.get("/api/users?search=OUT&status=active")).json()["data"]["users"]
    assert [user["username"] for user in found] == ["outsider"]
    assert (await api.get("/api/users?search=%25")).json()["data"]["total"] == 0
    assert (await api.get("/api/users?page=2")).json()["data"]["users"] == []
    assert (await api.get("/api/users?status=odd")).status_code == 400
    approved = (await api.post(f"{waiting}/approve")).json()["data"]["user"]
    assert approved["status"] == "ACTIVE"
    assert (await api.post(f"{waiting}/approve")).status_code == 200
    assert (await api.post(f"{waiting}/reject", json={"reason": "x"})).status_code == 409
    gone = await api.post(f"{waiting}/status", json={"status": "disabled", "reason": "Left"})
    assert (gone.json()["data"]["user"]["status"], gone.json()["data"]["user"]["reason"]) == (
        "DISABLED",
        "Left",
    )
    assert (await world.pending.api.get("/api/auth/me")).status_code == 403
    assert (await api.post(f"{waiting}/status", json={"status": "ACTIVE"})).status_code == 200
    assert (await world.pending.api.get("/api/auth/me")).status_code == 401
    assert (await api.post(f"{waiting}/status", json={"status": "PENDING"})).status_code == 400
    promoted = await api.put(f"{waiting}/role", json={"role": "ADMIN"})
    assert promoted.json()["data"]["user"]["role"] == "ADMIN"
    assert (await api.post("/api/users/999/approve")).status_code == 404
    too_long = await api.post(f"{waiting}/reject", json={"reason": "x" * 201})
    assert "reason" in too_long.json()["fields"]
    assert await acts(world, world.pending.id) == [
        "user.approved", "user.disabled", "user.enabled", "user.made_admin",
    ]  # fmt: skip


@pytest.mark.one_engine
async def test_it_is_for_administrators(world: World) -> None:
    id = world.outsider.id
    for person, status in ((world.member, 404), (world.pending, 423), (world.visitor, 401)):
        assert (await person.api.get("/api/users")).status_code == status
        assert (await person.api.post(f"/api/users/{id}/approve")).status_code == status
        assert (await person.api.put(f"/api/users/{id}/role", json={"role": "ADMIN"})).status_code == status
    for path in (f"{USERS}/{id}/disabling", f"{USERS}/{id}/reset", f"{USERS}/bulk", f"{USERS}/deletion"):
        refused = await post(world, path, by=world.member, ids=str(id))
        assert refused.status_code == 404
    assert (await world.member.pages.get(f"{USERS}/{id}")).status_code == 404
    assert (await world.member.pages.get("/admin/groups")).status_code == 404
    assert (await account(world, world.outsider))["status"] == "active"


@pytest.mark.one_engine
async def test_nobody_decides_about_themselves(world: World) -> None:
    own, api = world.admin.id, world.admin.api
    assert (await api.post(f"/api/users/{own}/status", json={"status": "DISABLED"})).status_code == 409
    refused = await api.put(f"/api/users/{own}/role", json={"role": "USER"})
    assert (refused.status_code, refused.json()["code"]) == (409, "own_account")
    assert (await world.admin.pages.get(f"{USERS}/deletion?ids={own}")).status_code == 404
    last = await post(world, "/account/deletion", password=PASSWORD)
    assert last.status_code == 409
    assert (await account(world, world.admin))["status"] == "active"


async def test_of_two_administrators_who_demote_each_other_one_remains(world: World) -> None:
    second = await world.another("second", role="admin")
    pairs = [(world.admin, second), (second, world.admin)] * 10
    now, db = now_ms(), world.resources.db
    outcomes = await asyncio.gather(
        *(
            db.write(scripts.decide, whom.id, Officer(who.id, who.username, ""), DEMOTION, "", now)
            for who, whom in pairs
        )
    )
    assert "done" in outcomes
    assert "no_admin" in outcomes
    left = await db.fetch("SELECT id FROM user_account WHERE role = 'admin' AND status = 'active'")
    assert len(left) == 1
    assert await acts(world) == ["user.made_user"]


async def test_whatever_administrators_do_to_each_other_at_once_one_remains(world: World) -> None:
    admins = [world.admin, await world.another("second", role="admin")]
    admins.append(await world.another("third", role="admin"))
    now, db = now_ms(), world.resources.db

    def known_elsewhere(owner: int) -> Script[int]:
        rows = yield (
            "INSERT INTO oidc_identity (owner, issuer, subject, made_account, created_at)"
            " VALUES (?, 'https://x', ?, TRUE, ?) RETURNING id",
            (owner, str(owner), now),
        )
        return int(rows[0]["id"])

    identities = [await db.write(known_elsewhere, each.id) for each in admins]
    own: list[Callable[[], Awaitable[object]]] = []
    others: list[Callable[[], Awaitable[object]]] = []
    entry = Entry(act="user.role_followed")
    for who in admins:
        officer = Officer(who.id, who.username, "")
        for whom in admins:
            (own if who is whom else others).extend(
                partial(db.write, scripts.decide, whom.id, officer, each, "", now)
                for each in (DISABLING, DEMOTION)
            )
            others.append(partial(db.write, depart, Leaving(whom.id, officer), now))
    others += [partial(db.write, follow_role, each, "user", entry, now) for each in identities]
    random.Random(7).shuffle(others)
    outcomes = await asyncio.gather(*(act() for act in own + others))
    assert "done" not in outcomes[: len(own)]
    left = await db.fetch("SELECT id FROM user_account WHERE role = 'admin' AND status = 'active'")
    assert len(left) == 1


@pytest.mark.one_engine
async def test_what_somebody_holds_open_ends_with_their_rights(world: World) -> None:
    second, third = await world.another("second", role="admin"), await world.another("third")
    for person, verb in (
        (world.member, "sign-out"),
        (second, "demotion"),
        (world.outsider, "disabling"),
        (third, "deletion"),
    ):
        async with person.pages.stream("GET", "/events") as stream:
            assert stream.status_code == 200
            if verb == "deletion":
                await post(world, f"{USERS}/deletion", ids=str(third.id), word="third")
            else:
                await post(world, f"{USERS}/{person.id}/{verb}", sure="1")
            async with asyncio.timeout(LIMIT_S):
                async for _bytes in stream.aiter_bytes():
                    pass
    assert (await third.api.get("/api/auth/me")).status_code == 401
    assert (await world.outsider.api.get("/api/auth/me")).status_code == 403
    assert (await world.member.pages.get("/chat")).headers["location"].startswith("/login")
    assert (await second.pages.get("/admin/users")).status_code == 404


@pytest.mark.one_engine
async def test_a_link_for_a_password_works_once(world: World) -> None:
    page = (await post(world, f"{USERS}/{world.member.id}/reset")).text
    link = re.search(r'value="http://[^"]+(/reset/[\w-]+)"', page)
    assert link
    token = link[1].rpartition("/")[2]
    stored = await world.resources.db.fetch("SELECT token_hash FROM password_reset")
    assert token not in str(stored)
    shown = await world.visitor.pages.get(link[1])
    assert "member" in shown.text
    assert shown.headers["referrer-policy"] == "same-origin"
    body = {"_csrf": token_on(shown.text), "password": "short"}
    assert (await world.visitor.pages.post(link[1], data=body)).status_code == 400
    body["password"] = "a brand new word"
    answers = await asyncio.gather(*(world.visitor.pages.post(link[1], data=body) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 404, 404, 404, 404]
    assert (await world.member.pages.get("/chat")).headers["location"].startswith("/login")
    login = {"username": "member", "password": "a brand new word"}
    assert (await world.visitor.api.post("/api/auth/login", json=login)).status_code == 200
    assert (await acts(world, world.member.id))[:2] == ["user.reset_link_made", "password.reset"]
    assert (await world.visitor.pages.get("/reset/" + "x" * 43)).status_code == 404


@pytest.mark.one_engine
async def test_a_link_ends_after_a_day_and_with_the_next(world: World) -> None:
    async def made() -> str:
        page = (await post(world, f"{USERS}/{world.member.id}/reset")).text
        return "/reset/" + str(re.findall(r"/reset/([\w-]+)", page)[0])

    first, second = await made(), await made()
    assert (await world.visitor.pages.get(first)).status_code == 404
    assert (await world.visitor.pages.get(second)).status_code == 200

    def a_day_passes() -> Script[None]:
        yield "UPDATE password_reset SET expires_at = expires_at - 86400000", ()

    await world.resources.db.write(a_day_passes)
    assert (await world.visitor.pages.get(second)).status_code == 404


@pytest.mark.one_engine
async def test_an_administrator_makes_an_account(world: World) -> None:
    made = await post(world, f"{USERS}/new", username="Grace", role="admin", status="active")
    assert made.status_code == 200
    link = "/reset/" + re.findall(r"/reset/([\w-]+)", made.text)[0]
    assert "Grace" in (await world.visitor.pages.get(link)).text
    taken = await post(world, f"{USERS}/new", username="grace", password="long enough 1")
    assert taken.status_code == 409
    assert "username-error" in taken.text
    odd = await post(world, f"{USERS}/new", username="x", password="short", role="king", status="gone")
    assert {"username-error", "password-error", "role-error"} <= set(
        re.findall(r'id="(\w+-error)"', odd.text)
    )
    plain = await post(world, f"{USERS}/new", username="henry", password="long enough 1", status="pending")
    assert plain.status_code == 303
    rows = await world.resources.db.fetch(
        "SELECT role, status FROM user_account WHERE username_key IN ('grace', 'henry') ORDER BY id"
    )
    assert [tuple(row.values()) for row in rows] == [("admin", "active"), ("user", "pending")]


@pytest.mark.one_engine
async def test_a_role_changes_after_a_question(world: World) -> None:
    here = f"{USERS}/{world.member.id}"
    assert f'href="{here}/promotion"' in (await world.admin.pages.get(here)).text
    for path in (here, USERS):  # from the page, and from the list as it was
        asked = await post(world, f"{here}/promotion", page="person" if path == here else "")
        assert (asked.status_code, asked.headers["location"]) == (303, f"{here}/promotion")
    page = (await world.admin.pages.get(f"{here}/promotion")).text
    assert "Make member an administrator?" in page
    assert 'name="sure" value="1"' in page
    assert (await account(world, world.member))["role"] == "user"
    done = await post(world, f"{here}/promotion", page="person", sure="1")
    assert done.headers["location"] == f"{here}?done=promotion"
    assert "Make member an ordinary user?" in (await world.admin.pages.get(f"{here}/demotion")).text
    for path in (f"{here}/promotion", f"{USERS}/{world.admin.id}/demotion"):  # nothing to ask
        assert (await world.admin.pages.get(path)).headers["location"] == path.rpartition("/")[0]
    assert (await world.outsider.pages.get(f"{here}/demotion")).status_code == 404
    assert (await world.admin.pages.get(f"{USERS}/999/demotion")).status_code == 404


@pytest.mark.one_engine
async def test_several_at_once(world: World) -> None:
    ids = [str(each.id) for each in (world.pending, world.member, world.admin)]
    nobody = await post(world, f"{USERS}/bulk", verb="disabling")
    assert nobody.status_code == 400
    visitor = await world.resources.db.write(visiting.insert, NewVisitor("~x", ""), now_ms())
    strange = [str(visitor["id"]), "999999"]  # whom no list of people shows
    chosen: dict[str, Any] = {"verb": "disabling", "ids": [*ids, *strange], "reason": "Holidays"}
    asked = await post(world, f"{USERS}/bulk", **chosen)
    assert "Disable 1 account?" in asked.text  # who waits has no rights to lose
    assert ("<p>member</p>" in asked.text, 'value="Holidays"' in asked.text) == (True, True)
    assert (await account(world, world.member))["status"] == "active"
    done = await post(world, f"{USERS}/bulk", **chosen, sure="1")
    assert done.headers["location"].endswith("done=disabling-1-4")
    assert (await world.admin.pages.get(f"{USERS}/deletion?ids={','.join(strange)}")).status_code == 404
    rows = await world.resources.db.fetch("SELECT status FROM user_account WHERE role = 'visitor'")
    assert [row["status"] for row in rows] == ["active"]
    page = (await world.admin.pages.get(done.headers["location"])).text
    assert "Done for 1 person." in page
    assert "Holidays" in page
    login = {"username": "member", "password": PASSWORD}
    assert "Holidays" in (await world.visitor.api.post("/api/auth/login", json=login)).text
    officer = Officer(world.admin.id, "keeper", "")
    assert await decide_about_all(world.resources, officer, [], DEMOTION) == (0, 0)
    asked = await post(world, f"{USERS}/bulk", verb="deletion", ids=ids[:2])
    page = (await world.admin.pages.get(asked.headers["location"])).text
    assert "member, waiting" in page
    joined = ",".join(ids[:2])
    wrong = await post(world, f"{USERS}/deletion", ids=joined, word="3")
    assert wrong.status_code == 400
    await post(world, f"{USERS}/deletion", ids=joined, word="2")
    assert await account(world, world.member) == {}
    assert await account(world, world.pending) == {}


@pytest.mark.one_engine
async def test_groups(world: World) -> None:
    assert (await post(world, "/admin/groups", name="Class  7b")).status_code == 303
    assert (await post(world, "/admin/groups", name="class 7B")).status_code == 400
    assert (await post(world, "/admin/groups", name=" ")).status_code == 400
    rows = await world.resources.db.fetch("SELECT id, name FROM user_group")
    assert [row["name"] for row in rows] == ["Class 7b"]
    group, member = rows[0]["id"], world.member.id
    assert (await post(world, f"{USERS}/{member}/group", group=str(group), page="person")).status_code == 303
    page = (await world.admin.pages.get(f"{USERS}?group={group}")).text
    assert "member" in page
    assert "outsider" not in page
    assert "1 person" in (await world.admin.pages.get("/admin/groups")).text
    assert (await post(world, f"/admin/groups/{group}", name="Class 8b")).status_code == 303
    assert (await post(world, f"{USERS}/{member}/group", group="999")).status_code == 404
    assert (await post(world, f"/admin/groups/{group}/deletion")).status_code == 303
    assert (await account(world, world.member))["group_id"] is None
    assert await acts(world) == ["group.created", "user.moved", "group.renamed", "group.deleted"]


@pytest.mark.one_engine
async def test_pages_of_the_list(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("parley.accounts.people.controllers.users.PAGE", 2)
    first = (await world.admin.pages.get(USERS)).text
    assert "outsider" in first
    assert "keeper" not in first.partition("<main")[2]
    more = re.search(r"/admin/users\?(before=\d+)", first)
    assert more
    second = (await world.admin.pages.get(f"{USERS}?{more[1]}")).text
    assert "keeper" in second.partition("<main")[2]
    assert "Waiting for approval" not in second
    found = (await world.admin.pages.get(f"{USERS}?q=MEM&role=user&status=active")).text
    assert "member" in found.partition("<main")[2]
    assert "Nobody found" in (await world.admin.pages.get(f"{USERS}?q=nobody")).text


@pytest.mark.one_engine
async def test_the_time_zone_is_one_of_the_worlds(world: World) -> None:
    async def keep(zone: str) -> int:
        answer = await post(world, "/account/profile", by=world.member, time_zone=zone)
        return int(answer.status_code)

    assert await keep("Asia/Shanghai") == 303
    assert await keep("Mars/Olympus") == 400
    assert await keep("../etc/passwd") == 400
    assert (await account(world, world.member))["time_zone"] == "Asia/Shanghai"
    assert "<option selected>Asia/Shanghai" in (await world.member.pages.get("/account/profile")).text
    assert await keep("") == 303
