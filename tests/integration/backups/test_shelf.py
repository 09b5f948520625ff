"""Backups in the browser: made, opened, downloaded, deleted; by schedule once, however many workers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from parley.backups import service, shelf
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.settings.service import change
from tests.world import PASSWORD, World

pytestmark = pytest.mark.one_engine


async def made(world: World, count: int) -> list[shelf.Kept]:
    async with asyncio.timeout(20):
        while (await service.state(world.resources))[0] or len(shelf.kept(world.resources.config)) < count:
            assert not (await service.state(world.resources))[1]
            await asyncio.sleep(0.02)
    return shelf.kept(world.resources.config)


async def test_an_administrator_makes_opens_downloads_and_deletes_one(world: World) -> None:
    pages, config = world.admin.pages, world.resources.config
    short = await pages.post("/admin/backups", data={"passphrase": "short"})
    assert short.status_code == 400
    assert "at least 8" in short.text
    await pages.post("/admin/backups", data={"passphrase": "three quiet otters"})
    (kept,) = await made(world, 1)
    assert kept.note is not None
    assert (kept.note.fault, kept.note.sealed) == ("", True)
    assert kept.name in (await pages.get("/admin/backups?part=true")).text
    path = f"/admin/backups/{kept.name}"
    wrong = await pages.post(f"{path}/download", data={"password": "not it at all"})
    assert (wrong.status_code, "This is not your current password." in wrong.text) == (400, True)
    right = await pages.post(f"{path}/download", data={"password": PASSWORD})
    assert right.content == (config.data / "backups" / kept.name).read_bytes()
    assert (
        await world.outsider.pages.post(f"{path}/download", data={"password": PASSWORD})
    ).status_code == 404
    data = bytearray(right.content)
    data[3_000] ^= 1
    (config.data / "backups" / kept.name).write_bytes(data)
    await pages.post(f"{path}/verification")
    assert "damaged" in (await pages.get("/admin/backups")).text
    await pages.post(f"{path}/deletion")
    assert shelf.kept(config) == []
    for odd in ("..%2Fparley.db", "parley.db"):
        assert (await pages.post(f"/admin/backups/{odd}/deletion")).status_code == 404
    assert (await world.visitor.pages.get("/setup/restore")).status_code == 404


def aged(by: int) -> Script[None]:
    yield "UPDATE chore_lease SET done_at = done_at - ?", (by,)


async def test_a_schedule_makes_one_whoever_asks_and_keeps_so_many(world: World) -> None:
    resources = world.resources
    await service.make_due(resources)
    assert shelf.kept(resources.config) == []
    settings: dict[str, Any] = {"backups.every_hours": 2, "backups.keep": 2}
    await change(resources, settings)
    for number in range(1, 4):
        await asyncio.gather(*(service.make_due(resources) for _worker in range(3)))
        kept = await made(world, min(number, 2))
        assert len(kept) == min(number, 2)
        assert all(each.scheduled for each in kept)
        await service.make_due(resources)
        assert not (await service.state(resources))[0]
        await resources.db.write(aged, 3 * 3_600_000)
    assert now_ms() - kept[0].made_at < 60_000
