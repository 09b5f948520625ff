"""The pages of the audit log and the system log, and what is recorded on the way."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest

from parley.audit.queries import Wanted, newest
from parley.audit.verifying import verify
from parley.lib.db import Script
from parley.lib.logfiles import RotatingFile
from tests.world import PASSWORD, World

pytestmark = pytest.mark.one_engine


def tampered() -> Script[None]:
    yield "UPDATE audit_entry SET actor_name = 'nobody' WHERE seq = 2", ()


async def recorded(world: World) -> list[tuple[str, str, str]]:
    links = await newest(world.resources.db, Wanted(), limit=100)
    return [(link.act, link.actor_name, link.subject) for link in reversed(links)]


async def test_what_administrators_and_people_do_is_recorded_with_who(world: World) -> None:
    admin, member = world.admin, world.member
    made = await admin.api.post(
        "/api/connections", json={"name": "Lab", "provider": "ollama", "baseUrl": "http://127.0.0.1:9"}
    )
    id = made.json()["data"]["connection"]["id"]
    await admin.api.patch(f"/api/connections/{id}", json={"name": "Lab 2"})
    await admin.api.delete(f"/api/connections/{id}")
    for _try in range(2):
        await member.pages.post("/login", data={"username": "member", "password": "not it at all"})
        await member.pages.post("/login", data={"username": "My-Secret-Pass1", "password": "not it at all"})
    await member.pages.post("/account/password", data={"current": PASSWORD, "new": "another otter 48 lamp"})
    found = await recorded(world)
    subject = f"connection {id}"
    changed = next(
        link for link in await newest(world.resources.db, Wanted(act="connection.changed"), limit=1)
    )
    assert (changed.actor, changed.address) == (admin.id, "127.0.0.1")
    assert (changed.before, changed.after) == ('{"name":"Lab"}', '{"name":"Lab 2"}')
    assert found[:3] == [
        (f"connection.{verb}", "keeper", subject) for verb in ("added", "changed", "deleted")
    ]
    failed = [each for each in found if each[0] == "login.failed"]
    assert ("login.failed", "", f"user {member.id}") in failed
    assert "My-Secret-Pass1" not in str(found)
    assert len(failed) == 2  # one a minute for each account, and one for names nobody has
    assert ("password.changed", "member", f"user {member.id}") in found
    assert (await verify(world.resources.db))[1] == ""


async def test_the_audit_page_filters_checks_and_exports(world: World) -> None:
    pages = world.admin.pages
    for name in ("One", "Two"):
        await world.admin.api.post(
            "/api/connections", json={"name": name, "provider": "ollama", "baseUrl": "http://127.0.0.1:9"}
        )
    page = (await pages.get("/admin/audit?act=connection.added&text=Two")).text
    assert "Added a connection" in page
    assert "<ins>Two</ins>" in page
    assert "<ins>One</ins>" not in page
    chinese = {"Accept-Language": "zh"}
    shown = re.findall(r">(连接 \d+)<", (await pages.get("/admin/audit", headers=chinese)).text)
    typed = await pages.get("/admin/audit", params={"text": shown[0]}, headers=chinese)
    assert ("<ins>Two</ins>" in typed.text, "<ins>One</ins>" in typed.text) == (True, False)
    assert (
        "Nothing fits." in (await pages.get("/admin/audit?who=nobody&since=2020-01-01&until=x&before=y")).text
    )
    assert "entries are as they were written." in (await pages.post("/admin/audit/verification")).text
    lines = (await pages.get("/admin/audit/export?form=json")).text.splitlines()
    assert json.loads(lines[0])["act"] == "connection.added"
    assert (await pages.get("/admin/audit/export")).text.startswith("seq,at,")
    await world.resources.db.write(tampered)
    assert "entry 2 was changed" in (await pages.post("/admin/audit/verification")).text
    for path in (
        "/admin/audit",
        "/admin/audit/export",
        "/admin/log",
        "/admin/log/download",
        "/admin/backups",
    ):
        assert (await world.outsider.pages.get(path)).status_code == 404


def wrote(folder: Path, process: str, *lines: tuple[str, str, str]) -> None:
    file = RotatingFile(folder, process)
    for at, level, event in lines:
        said = {"timestamp": at, "level": level, "event": event, "process": process}
        file.write(json.dumps(said))
    file.close()


async def first_row(answer: httpx.Response) -> str:
    async for line in answer.aiter_lines():
        if "<b>" in line:
            return line
    return ""


async def test_the_system_log_shows_filters_follows_and_downloads(world: World) -> None:
    folder, pages = world.resources.config.data / "logs", world.admin.pages
    wrote(
        folder,
        "web",
        ("2026-01-01T00:00:01Z", "info", "first<x>"),
        ("2026-01-01T00:00:03Z", "error", "third"),
    )
    wrote(folder, "worker", ("2026-01-01T00:00:02Z", "warning", "second"))
    page = (await pages.get("/admin/log")).text
    assert page.index("third") < page.index("second") < page.index("first&lt;x&gt;")
    odd = (await pages.get("/admin/log?level=warning&process=worker")).text
    assert "second" in odd
    assert "third" not in odd
    assert "second" not in (await pages.get("/admin/log?text=third")).text
    assert (await pages.get("/admin/log/download")).text.count("\n") == 3
    async with asyncio.timeout(30), pages.stream("GET", "/admin/log/events?level=error") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        row = asyncio.create_task(first_row(answer))
        alive = ("2026-01-01T00:00:04Z", "info", "no"), ("2026-01-01T00:00:05Z", "error", "alive")
        while not row.done():  # what is written before it began to look is no news to it
            wrote(folder, "worker", *alive)
            await asyncio.wait({row}, timeout=0.5)
        assert "alive" in row.result()
