"""Connections out of an installation and into one."""

from __future__ import annotations

import json
from typing import Any

import httpx

from parley.connections import scripts
from parley.connections.credentials import opened_headers, opened_key
from parley.connections.queries import connection_row
from parley.lib.clock import now_ms
from tests.integration.connections.conftest import KEY, connect, data
from tests.upstream import Upstream
from tests.world import World

SECRET = "header-canary-0123456789"
PASSPHRASE = "correct horse battery"
OPTIONS = {"headers": {"X-Team": SECRET}, "body": {"seed": 1}}


async def exported(world: World, passphrase: str = "") -> httpx.Response:
    """The file."""
    if not passphrase:
        return await world.admin.api.get("/api/connections/export")
    return await world.admin.api.post("/api/connections/export", json={"passphrase": passphrase})


async def imported(world: World, file: Any, passphrase: str = "") -> list[dict[str, Any]]:
    """What became of each connection."""
    body = {"file": file, "passphrase": passphrase}
    done: list[dict[str, Any]] = data(await world.admin.api.post("/api/connections/import", json=body))[
        "connections"
    ]
    return done


async def emptied(world: World, id: int) -> None:
    data(await world.admin.api.delete(f"/api/connections/{id}"))


async def test_a_file_with_a_passphrase_brings_everything_back(world: World, server: Upstream) -> None:
    made = await connect(
        world.admin, server.url, options=OPTIONS, prefix="P ", tags=["t"], provider="custom",
        defaults={"sampling": {"temperature": 0.3}},
    )  # fmt: skip
    said = {"fake": {"hidden": True, "fallbacks": [f"{made['id']}:other"]}, "gone": {"name": "Later"}}
    await world.resources.db.write(scripts.store_overrides, made["id"], said, now_ms())
    file = (await exported(world, PASSPHRASE)).json()
    await emptied(world, made["id"])
    [done] = await imported(world, file, PASSPHRASE)
    assert (done["result"], done["why"]) == ("created", None)
    row = await connection_row(world.resources.db, done["id"])
    assert row is not None
    assert opened_key(world.resources, row, row.keys[0].sealed) == KEY
    assert opened_headers(world.resources, row) == {"X-Team": SECRET}
    assert (row.preset, row.prefix, row.tags, row.options.body) == ("custom", "P ", ("t",), {"seed": 1})
    assert row.defaults.sampling.temperature == 0.3
    rows = await world.resources.db.fetch(
        "SELECT raw_id, overrides FROM model WHERE connection = ? AND overrides <> '{}' ORDER BY raw_id",
        row.id,
    )
    assert [each["raw_id"] for each in rows] == ["fake", "gone"]
    assert json.loads(rows[0]["overrides"]) == {"hidden": True, "fallbacks": [f"{row.id}:other"]}


async def test_without_a_passphrase_no_secret_leaves(world: World, server: Upstream) -> None:
    made = await connect(world.admin, server.url, options=OPTIONS)
    plain = await exported(world)
    assert plain.json()["connections"][0]["options"]["headers"] == {"X-Team": None}
    for response in (plain, await exported(world, PASSPHRASE)):
        for secret in (KEY, SECRET, PASSPHRASE, KEY[-4:] if response is plain else KEY):
            assert secret not in response.text
    assert [o["result"] for o in await imported(world, plain.json())] == ["skipped"]
    changed = plain.json()
    changed["connections"][0]["prefix"] = "New "
    [done] = await imported(world, changed)
    assert (done["result"], done["id"], done["why"]) == (
        "updated",
        made["id"],
        "The keys that were here stay.",
    )
    shown = data(await world.admin.api.get(f"/api/connections/{made['id']}"))["connection"]
    assert (shown["hasKey"], shown["prefix"], shown["options"]["headers"]) == (True, "New ", {"X-Team": None})
    await emptied(world, made["id"])
    [done] = await imported(world, plain.text)
    assert (done["result"], done["why"][:16]) == ("created", "Without its keys")


async def test_a_wrong_passphrase_and_garbage_change_nothing(world: World, server: Upstream) -> None:
    made = await connect(world.admin, server.url)
    file = (await exported(world, PASSPHRASE)).json()
    file["connections"][0]["prefix"] = "New "
    bodies = [
        {"file": file, "passphrase": "not this one at all"},
        {"file": "garbage", "passphrase": ""},
        {"file": {"format": "other"}},
        {"file": {**file, "seal": {"salt": "A" * 24, "n": 2**40}}, "passphrase": PASSPHRASE},
    ]
    for body in bodies:
        response = await world.admin.api.post("/api/connections/import", json=body)
        assert response.status_code == 400, response.text
        assert response.json()["success"] is False
    shown = data(await world.admin.api.get("/api/connections"))["connections"]
    assert [each["id"] for each in shown] == [1, made["id"]]
    assert shown[1]["prefix"] == ""
    assert (
        await world.admin.api.post("/api/connections/export", json={"passphrase": "short"})
    ).status_code == 400


async def test_what_cannot_be_used_is_skipped_and_says_why(world: World, server: Upstream) -> None:
    good = {"provider": "openai", "name": "Good", "baseUrl": server.url}
    file = {
        "format": "parley-connections",
        "version": 1,
        "connections": [
            {"provider": "of tomorrow", "name": "A"},
            {"provider": "openai", "name": "B", "baseUrl": "ftp://x"},
            {**good, "name": "C", "options": {"headers": {"Host": "x"}}},
            {**good, "name": "D", "overrides": {"m": {"x": "y" * 9000}}},
            good,
            good,
        ],
    }
    done = await imported(world, file)
    assert [each["result"] for each in done] == ["skipped"] * 4 + ["created", "skipped"]
    for each, word in zip(done, ("of tomorrow", "http", "Host", "overrides"), strict=False):
        assert word in each["why"]


async def test_the_page_exports_and_imports(world: World, server: Upstream) -> None:
    await connect(world.admin, server.url, name="Travelling")
    page, csrf = world.admin.pages, {"_csrf": world.admin.csrf}
    plain = await page.get("/admin/connections/export")
    assert "attachment" in plain.headers["content-disposition"]
    sealed = await page.post("/admin/connections/export", data={**csrf, "passphrase": PASSPHRASE})
    assert sealed.json()["connections"][0]["sealed"]
    short = await page.post("/admin/connections/export", data={**csrf, "passphrase": "x"})
    assert (short.status_code, "at least 8" in short.text) == (400, True)
    files = {"file": ("c.json", sealed.content, "application/json")}
    done = await page.post("/admin/connections/import", data={**csrf, "passphrase": PASSPHRASE}, files=files)
    assert done.status_code == 200
    assert "updated" in done.text
    pasted = await page.post("/admin/connections/import", data={**csrf, "text": "{}"})
    assert (pasted.status_code, "This is not a file of connections" in pasted.text) == (400, True)
    assert KEY not in done.text + pasted.text + plain.text + sealed.text
