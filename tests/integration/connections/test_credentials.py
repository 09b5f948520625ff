"""From a stored connection to providers that can be asked."""

from __future__ import annotations

from typing import Any

import pytest

from parley.connections import verification
from parley.connections.queries import ConnectionRow, connection_row
from parley.connections.service import ConnectionChange, open_connection, update
from parley.lib.errors import Conflict
from parley.lib.http import Patience
from parley.lib.secretbox import KeyUnreadable
from tests.integration.connections.conftest import KEY, connect, data
from tests.upstream import Upstream
from tests.world import World

POOL = [{"label": "a", "key": KEY}, {"label": "b", "key": f"{KEY}-b"}, {"key": "x", "enabled": False}]


async def row_of(world: World, id: int) -> ConnectionRow:
    """The stored connection."""
    row = await connection_row(world.resources.db, id)
    assert row is not None
    return row


def spoil(key: int) -> Any:
    """A key nobody can open any more."""
    yield "UPDATE connection_key SET sealed = 'v1:x:x:x' WHERE id = ?", (key,)


async def test_a_key_does_not_go_where_another_change_leads(world: World, server: Upstream) -> None:
    """Two administrators: the second change was thought out before the first moved the connection."""
    stale = await row_of(world, (await connect(world.admin, server.url))["id"])
    moved = ConnectionChange(baseUrl="http://127.0.0.1:9/v1", apiKey="sk-another-0123456789", enabled=False)
    await update(world.resources, stale, moved)
    with pytest.raises(Conflict):
        await update(world.resources, stale, ConnectionChange(name="Renamed"))
    row = await row_of(world, stale.id)
    assert (row.base_url, row.name) == ("http://127.0.0.1:9/v1", "Here")


async def test_each_key_that_is_on_is_a_provider_in_order(world: World, server: Upstream) -> None:
    id = (await connect(world.admin, server.url, apiKeys=POOL))["id"]
    row = await row_of(world, id)
    opened = await open_connection(world.resources, row, Patience(connect=1))
    assert [each.id for each in opened] == [f"{id}:{key.id}" for key in row.keys[:2]]
    assert [each.label for each in opened] == ["a", "b"]
    for each, key in zip(opened, (KEY, f"{KEY}-b"), strict=True):
        await each.provider.models()
        assert server.requests[-1].headers["authorization"] == f"Bearer {key}"


async def test_a_key_that_cannot_be_opened_is_left_out_while_another_can(
    world: World, server: Upstream
) -> None:
    id = (await connect(world.admin, server.url, apiKeys=POOL))["id"]
    first, second, _off = (await row_of(world, id)).keys
    await world.resources.db.write(spoil, first.id)
    [left] = await open_connection(world.resources, await row_of(world, id))
    assert left.id == f"{id}:{second.id}"
    await world.resources.db.write(spoil, second.id)
    with pytest.raises(KeyUnreadable):
        await open_connection(world.resources, await row_of(world, id))


async def test_without_a_key_there_is_one_and_what_is_off_is_not_asked(
    world: World, server: Upstream
) -> None:
    made = await connect(world.admin, server.url, apiKey=None)
    path = f"/api/connections/{made['id']}"
    [only] = await open_connection(world.resources, await row_of(world, made["id"]))
    assert (only.id, only.label) == (f"{made['id']}:0", "")
    data(await world.admin.api.patch(path, json={"apiKeys": [{"key": KEY, "enabled": False}]}))
    with pytest.raises(Conflict, match="Every key"):
        await open_connection(world.resources, await row_of(world, made["id"]))
    data(await world.admin.api.patch(path, json={"enabled": False}))
    with pytest.raises(Conflict, match="turned off"):
        await open_connection(world.resources, await row_of(world, made["id"]))
    data(await world.admin.api.delete(path))
    assert await world.resources.db.fetch("SELECT id FROM connection_key") == []


async def test_a_test_of_an_upstream_that_hangs_ends(
    world: World, server: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "LIST_SECONDS", 0.2)
    monkeypatch.setattr(verification, "QUESTION_SECONDS", 0.2)
    hanging = server.url_with("fault=hang-headers")
    for more, step in (({}, "list"), ({"models": ["fake"]}, "question")):
        id = (await connect(world.admin, hanging, enabled=False, **more))["id"]
        found = data(await world.admin.api.post(f"/api/connections/{id}/verify"))
        assert (found["ok"], found["code"]) == (False, "timeout")
        assert found["keys"][0][step]["latencyMs"] < 30_000
        assert [cause["code"] for cause in found["causes"]] == ["slow"]
