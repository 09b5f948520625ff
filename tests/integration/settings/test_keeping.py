"""How long chats are kept, and what a dry run says about it."""

from __future__ import annotations

from parley.admin.auditing.keeping import remove_old
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.chat.jobs import purge_deleted
from parley.chat.keeping.service import put_away_old
from parley.chat.temporary.service import forget_left
from parley.lib.clock import now_ms
from parley.lib.db import Script
from tests.world import Person, World

DAY = 86_400_000


def change(sql: str, *values: object) -> Script[None]:
    yield sql, values


async def chat(person: Person, title: str) -> int:
    answer = await person.api.post("/api/sessions", json={"title": title})
    return int(answer.json()["data"]["session"]["id"])


async def shown(world: World) -> set[str]:
    rows = await world.resources.db.fetch("SELECT title FROM conversation WHERE deleted_at IS NULL")
    return {row["title"] for row in rows}


async def test_old_chats_go_and_pinned_ones_stay(world: World) -> None:
    write, old = world.resources.db.write, now_ms() - 40 * DAY
    for title in ("idle", "pinned", "archived", "fresh"):
        id = await chat(world.member, title)
        if title != "fresh":
            await write(change, "UPDATE conversation SET updated_at = ? WHERE id = ?", old, id)
        if title == "pinned":
            await write(change, "UPDATE conversation SET pinned_at = 1, archived_at = 1 WHERE id = ?", id)
        if title == "archived":
            await write(change, "UPDATE conversation SET archived_at = ? WHERE id = ?", old, id)
    assert await put_away_old(world.resources) == 0
    form = {"_csrf": world.admin.csrf, "retention.idle": "30", "retention.archived": "30", "count": "1"}
    page = (await world.admin.pages.post("/admin/settings/retention", data=form)).text
    assert "1 unused chat" in page
    assert "1 archived chat" in page
    assert await shown(world) == {"idle", "pinned", "archived", "fresh"}
    del form["count"]
    assert (await world.admin.pages.post("/admin/settings/retention", data=form)).status_code == 303
    assert await put_away_old(world.resources) == 2
    assert await shown(world) == {"pinned", "fresh"}


async def test_deleted_and_temporary_chats_go_when_decided(world: World) -> None:
    db = world.resources.db
    await world.admin.api.put(
        "/api/settings/system", json={"retention.deleted": 48, "retention.temporary": 5}
    )
    gone, left = await chat(world.member, "gone"), await chat(world.member, "left")
    await db.write(
        change, "UPDATE conversation SET deleted_at = ? WHERE id = ?", now_ms() - 2 * DAY - 9, gone
    )
    await db.write(change, "UPDATE conversation SET deleted_at = ? WHERE id = ?", now_ms() - DAY, left)
    assert await purge_deleted(world.resources) == 1
    idle = await chat(world.member, "temporary")
    for minutes, forgotten in ((4, 0), (6, 1)):
        await db.write(
            change,
            "UPDATE conversation SET temporary = TRUE, updated_at = ? WHERE id = ?",
            now_ms() - minutes * 60_000,
            idle,
        )
        assert await forget_left(world.resources) == forgotten


async def test_the_audit_log_is_kept_as_long_as_decided(world: World) -> None:
    db, api = world.resources.db, world.admin.api
    for day in (200, 91, 89):
        await db.write(record, Entry(act="user.disabled", subject=f"{day}"), now_ms() - day * DAY)
    assert await remove_old(world.resources) == 0
    refused = await api.put("/api/settings/system", json={"retention.audit": 89})
    assert refused.json()["fields"]["retention.audit"] == "0, or at least 90 days."
    await api.put("/api/settings/system", json={"retention.audit": 90})
    assert await remove_old(world.resources) == 2
    page = await world.admin.pages.post("/admin/audit/verification", data={"_csrf": world.admin.csrf})
    assert "3 entries are as they were written. Checked from entry 3; earlier ones were removed" in page.text
    assert "Removed old entries of the audit log" in page.text
