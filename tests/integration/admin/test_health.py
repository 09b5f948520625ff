"""What machines are told about a running copy, by anybody and without a sign-in."""

import asyncio

import httpx
import pytest
from litestar import Litestar

import parley
from parley.admin.health import BEAT_FRESH_MS, Health
from parley.lib.clock import now_ms
from parley.lib.db import Row, Script
from parley.lib.errors import Unavailable
from parley.resources import Resources
from parley.web.lifecycle import shutting_down


def beat(seen_at: int) -> Script[None]:
    yield "DELETE FROM worker_beat", ()
    yield (
        "INSERT INTO worker_beat (name, version, started_at, seen_at) VALUES (?, ?, ?, ?)",
        ("worker-1", "0", seen_at, seen_at),
    )


async def health(client: httpx.AsyncClient) -> tuple[int, dict[str, object]]:
    answer = await client.get("/api/settings/health")
    body = answer.json()
    assert body["success"] is True
    assert body["error"] is None
    return answer.status_code, body["data"]


async def test_everything_well_is_200(app: Litestar, client: httpx.AsyncClient) -> None:
    resources: Resources = app.state.resources
    await resources.db.write(beat, now_ms())

    async with asyncio.timeout(10):
        while not resources.hub.connected:  # noqa: ASYNC110  it connects in its own time
            await asyncio.sleep(0.02)
    status, found = await health(client)
    assert status == 200
    assert (found["status"], found["database"], found["redis"], found["worker"]) == (
        "healthy",
        "connected",
        "connected",
        "connected",
    )
    assert found["version"] == parley.__version__
    assert isinstance(found["uptimeSeconds"], int)


async def test_without_a_live_worker_it_is_degraded_but_ready(
    app: Litestar, client: httpx.AsyncClient
) -> None:
    status, found = await health(client)
    assert (status, found["status"], found["worker"], found["workerSeenMs"]) == (
        503,
        "degraded",
        "disconnected",
        None,
    )
    await app.state.resources.db.write(beat, now_ms() - BEAT_FRESH_MS - 1)
    assert (await health(client))[1]["worker"] == "disconnected"
    assert (await client.get("/readyz")).status_code == 200


async def test_without_the_database_it_is_unhealthy_and_not_ready_but_alive(
    app: Litestar, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(sql: str, *values: object) -> list[Row]:
        raise Unavailable("The database cannot be reached. Try again in a moment.")

    monkeypatch.setattr(app.state.resources.db, "fetch", refuse)
    status, found = await health(client)
    assert (status, found["status"], found["database"]) == (503, "unhealthy", "disconnected")
    assert (await client.get("/readyz")).status_code == 503
    assert (await client.get("/healthz")).text == "ok"


async def test_a_process_that_stops_is_not_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/readyz")).status_code == 200
    shutting_down.set()
    try:
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200
    finally:
        shutting_down.clear()


def test_the_wire_form_names_each_part() -> None:
    told = Health(database=True, redis=False, worker_age_ms=20).as_json()
    assert (told["status"], told["redis"], told["worker"]) == ("degraded", "disconnected", "connected")
    assert set(told) == {
        "status",
        "database",
        "redis",
        "worker",
        "workerSeenMs",
        "version",
        "uptimeSeconds",
    }
