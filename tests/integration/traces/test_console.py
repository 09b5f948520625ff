"""Who sees which traces, finds, compares and deletes them."""

from __future__ import annotations

import pytest

from parley.generations.scripts import Held, reap
from parley.lib.clock import now_ms
from parley.settings.service import change
from parley.traces.service import DAY, forget_old
from tests.integration.connections.conftest import data
from tests.integration.traces.conftest import Traced

pytestmark = pytest.mark.one_engine


async def test_people_see_their_own_and_admins_all(traced: Traced) -> None:
    world = traced.world
    session = await traced.ask(world.member, "key=a my garden [[speed=0]]", traceEnabled=True)
    await traced.ask(world.member, "key=b without [[speed=0]]", traceEnabled=False)
    id = await traced.only(world.member)
    for path in (
        f"/traces/{id}",
        f"/traces/{id}/export",
        f"/api/task-trace/{id}",
        f"/traces/{id}/comparison?other={id}",
    ):
        assert (await world.member.pages.get(path)).status_code == 200, path
        assert (await world.admin.pages.get(path)).status_code == 200, path
        assert (await world.outsider.pages.get(path)).status_code == 404, path
    assert await traced.traces(world.outsider) == []
    mine = data(await world.member.api.get(f"/api/task-trace/{id}"))
    all = data(await world.admin.api.get(f"/api/task-trace/{id}"))
    assert ("127.0.0.1" in str(mine), mine["trace"]["connection"]) == (False, None)
    assert ("127.0.0.1" in str(all), all["trace"]["connection"]) == (True, "Nearby")
    kinds = {event["eventType"] for event in all["events"]}
    assert kinds >= {"accept", "saved", "queue", "context", "try", "request", "response", "body", "first"}
    assert kinds >= {"text", "stored", "open", "page", "finish"}
    assert all["trace"]["status"] == "completed"
    found = {
        "keyword=garden": 1, "keyword=g%25rden": 0, "status=done": 1, "status=error": 0, "user=memb": 1,
        "user=keeper": 0, "model=fake": 1, "connection=near": 1, "slower=60": 0, "hours=1": 1,
        "hours=999999999999999": 1, "slower=999999999999999": 0, "chat=999999999999999": 0,
        f"sessionId={session}": 1, "sessionId=999": 0, f"before={id}": 0,
    }  # fmt: skip
    for query, count in found.items():
        assert len(await traced.traces(world.admin, f"?{query}")) == count, query
    for name in ("near", "far"):  # who may not know connections cannot guess them
        assert len(await traced.traces(world.member, f"?connection={name}")) == 1
    page = (await world.member.pages.get("/traces")).text
    assert "my garden" in page
    assert "/traces/cleanup" not in page
    moved = await world.member.pages.get("/main/logs/task-trace")
    assert (moved.status_code, moved.headers["location"]) == (303, "/traces")
    answer = (await world.member.api.get(f"/api/sessions/{session}/messages")).json()["data"]["messages"][-1]
    assert f"/traces/{id}" in (await world.member.pages.get(f"/messages/{answer['id']}/why")).text


async def test_they_are_deleted_by_hand_by_age_and_with_their_chat(traced: Traced) -> None:
    world, db = traced.world, traced.world.resources.db
    for key in "abcd":
        await traced.ask(world.member, f"key={key} [[speed=0]]", traceEnabled=True)
    ids = [row["id"] for row in await traced.traces(world.admin)]

    async def left() -> int:
        return len(await db.fetch("SELECT id FROM trace"))

    gone = await world.outsider.pages.post(
        f"/traces/{ids[0]}/deletion", headers={"X-CSRF-Token": world.outsider.csrf}
    )
    assert (gone.status_code, await left()) == (404, 4)
    gone = await world.member.pages.post(
        f"/traces/{ids[0]}/deletion", headers={"X-CSRF-Token": world.member.csrf}
    )
    assert (gone.status_code, await left()) == (303, 3)
    assert (await world.member.api.post("/api/task-trace/cleanup", json={})).status_code == 404
    await db.write(_aged, ids[1], now_ms() - 3 * DAY)
    assert data(await world.admin.api.post("/api/task-trace/cleanup", json={"retentionDays": 4})) == {
        "deleted": 0
    }
    assert data(await world.admin.api.post("/api/task-trace/cleanup", json={"retentionDays": 2})) == {
        "deleted": 1
    }
    await db.write(_aged, ids[2], now_ms() - 3 * DAY)
    assert await forget_old(world.resources) == 0
    await change(world.resources, {"traces.retention": 2})
    assert (await forget_old(world.resources), await left()) == (1, 1)
    await db.write(_orphaned, ids[3])
    assert (await forget_old(world.resources), await left()) == (1, 0)
    assert await db.fetch("SELECT 1 FROM trace_event") == []


async def test_the_settings_decide_and_the_limit_holds(traced: Traced) -> None:
    world = traced.world
    await change(world.resources, {"traces.capture": "always", "traces.events": 100})
    await traced.ask(world.member, "key=a [[speed=0 tools=120]]")
    (row,) = await traced.traces(world.admin)
    assert row["truncated"]
    assert (await world.admin.pages.get("/chat")).text.count('name="trace"') == 0
    await change(world.resources, {"traces.capture": "request", "traces.default": "on"})
    page = (await world.admin.pages.get("/chat")).text
    assert 'name="trace" value="1" checked' in page
    await traced.ask(world.member, "key=b [[speed=0]]")
    assert len(await traced.traces(world.admin)) == 2
    await change(world.resources, {"traces.who": "admins"})
    await traced.ask(world.member, "key=c [[speed=0]]", traceEnabled=True)
    await change(world.resources, {"traces.who": "everybody", "traces.capture": "off"})
    await traced.ask(world.admin, "key=d [[speed=0]]", traceEnabled=True)
    assert len(await traced.traces(world.admin)) == 2


async def test_a_killed_worker_leaves_what_was_shown_and_the_sweep_says_so(traced: Traced) -> None:
    world, db = traced.world, traced.world.resources.db
    await traced.ask(world.member, "key=a [[speed=0]]", traceEnabled=True)
    (row,) = await db.fetch("SELECT id, attempt FROM generation")
    await db.write(_reopened, row["id"])
    await db.write(reap, Held(row["id"], row["attempt"]), now_ms(), _kept)
    (found,) = await traced.traces(world.admin)
    text = (await world.admin.api.get(f"/api/task-trace/{found['id']}/export")).text
    assert found["status"] == "interrupted"
    assert "The worker was gone" in text


def _aged(id: int, at: int):  # type: ignore[no-untyped-def]
    yield "UPDATE trace SET started_at = ? WHERE id = ?", (at, id)


def _orphaned(id: int):  # type: ignore[no-untyped-def]
    yield "UPDATE trace SET generation = 999999 WHERE id = ?", (id,)


def _reopened(id: int):  # type: ignore[no-untyped-def]
    yield "UPDATE generation SET status = 'running', lease_until = 1, finished_at = NULL WHERE id = ?", (id,)
    yield "DELETE FROM generation_event WHERE generation = ? AND kind = 'end'", (id,)
    yield "DELETE FROM trace_event WHERE kind = 'finish'", ()


def _kept(answered, now):  # type: ignore[no-untyped-def]
    yield "SELECT 1", ()
