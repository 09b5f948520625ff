"""Models over JSON: what is known, what an administrator says, and who may use them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from parley.catalogue.queries import all_models
from tests.integration.catalogue.conftest import connection, data, gone, set_setting
from tests.world import Person, World

RAW = "openai/gpt-4o:free"
FOUND = {
    "context_window": 8000,
    "capabilities": ["vision"],
    "prices": {"input": 5, "output": 6, "cached": None},
}


async def listed(person: Person, **query: Any) -> dict[str, dict[str, Any]]:
    models = data(await person.api.get("/api/models", params=query))["models"]
    return {model["id"]: model for model in models}


async def test_everything_known_about_a_model_is_told(world: World) -> None:
    id = await connection(world.resources.db, {RAW: FOUND}, prefix="Our", tags='["fast"]', failing_since=7)
    model = (await listed(world.member))[f"{id}:{RAW}"]
    assert (model["name"], model["kind"], model["contextWindow"]) == (f"Our {RAW}", "chat", 8000)
    assert model["prices"]["input"] == 5
    assert "vision" in model["capabilities"]
    assert (model["tags"], model["failingSince"]) == (["fast"], 7)
    assert (model["favourite"], model["usedAt"], model["default"]) == (False, None, False)
    assert not {"access", "sources", "hidden"} & model.keys(), "what administrators decide is theirs"
    assert (await listed(world.admin))[f"{id}:{RAW}"]["access"] == {"user": "allow", "visitor": "deny"}


@pytest.mark.parametrize("encoded", [False, True])
async def test_an_override_wins_and_can_be_taken_back(world: World, encoded: bool) -> None:
    id = await connection(world.resources.db, {RAW: FOUND})
    public = f"{id}:{RAW}"
    path = "/api/models/" + (quote(public, safe="") if encoded else public)
    change = {"contextWindow": 99, "capabilities": {"vision": False}, "tags": ["a"], "name": " My  model "}
    model = data(await world.admin.api.patch(path, json=change))["model"]
    assert (model["contextWindow"], model["name"], model["tags"]) == (99, "My model", ["a"])
    assert model["sources"]["context_window"] == "override"
    assert model["override"]["contextWindow"] == 99
    assert "vision" not in (await listed(world.member))[public]["capabilities"]
    model = data(await world.admin.api.patch(path, json={"contextWindow": None}))["model"]
    assert (model["contextWindow"], model["name"]) == (8000, "My model")
    model = data(await world.admin.api.delete(path + "/override"))["model"]
    assert (model["name"], model["override"]) == (RAW, {})


async def test_what_cannot_be_used_is_said_for_its_field(world: World) -> None:
    for change, field, words in (
        ({"contextWindow": 0}, "contextWindow", "A whole number of tokens"),
        ({"fallbacks": ["9:nobody"]}, "fallbacks", "There is no model “9:nobody”"),
        ({"fallbacks": ["demo"]}, "fallbacks", "cannot stand in for itself"),
    ):
        response = await world.admin.api.patch("/api/models/demo", json=change)
        assert response.status_code == 400
        assert words in response.json()["fields"][field]
    shown = (await listed(world.admin))["demo"]
    assert "override" not in shown["sources"].values()


async def test_many_models_change_at_once_or_not_at_all(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {"a": {}, "b": {}})
    ids = [f"{id}:a", f"{id}:b"]
    response = await world.admin.api.post(
        "/api/models/bulk", json={"ids": [*ids, "9:x"], "change": {"kind": "image"}}
    )
    assert response.status_code == 404
    assert {row.kind for row in await all_models(db) if row.id in ids} == {"chat"}
    body = {"ids": ids, "change": {"kind": "image", "accessUser": "deny"}}
    assert data(await world.admin.api.post("/api/models/bulk", json=body)) == {"changed": 2}
    assert {row.kind for row in await all_models(db) if row.id in ids} == {"image"}
    for wrong in ([], [f"1:{number}" for number in range(2001)]):
        body = {"ids": wrong, "change": {}}
        assert (await world.admin.api.post("/api/models/bulk", json=body)).status_code == 400


async def test_what_is_denied_or_hidden_is_not_offered(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {"open": {}, "shut": {}, "secret": {}})
    for raw, change in (("shut", {"accessUser": "deny"}), ("secret", {"hidden": True})):
        data(await world.admin.api.patch(f"/api/models/{id}:{raw}", json=change))
    assert f"{id}:open" in await listed(world.member)
    assert not {f"{id}:shut", f"{id}:secret"} & (await listed(world.member)).keys()
    assert f"{id}:shut" in await listed(world.admin)
    assert f"{id}:secret" in await listed(world.admin, all="true")
    assert f"{id}:secret" not in await listed(world.member, all="true")
    await db.write(set_setting, "models.access_user", "deny")
    data(await world.admin.api.patch(f"/api/models/{id}:shut", json={"accessUser": "allow"}))
    assert list(await listed(world.member)) == [f"{id}:shut"]


async def test_a_gone_model_stays_while_something_is_said_about_it(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {"old": {}})
    public = f"{id}:old"
    data(await world.admin.api.patch(f"/api/models/{public}", json={"tags": ["kept"]}))
    await db.write(gone, public)
    assert public not in await listed(world.member)
    assert (await listed(world.admin, all="true"))[public]["goneAt"] is not None
    assert data(await world.admin.api.delete(f"/api/models/{public}/override"))["model"] is None
    assert public not in await listed(world.admin, all="true")


async def test_favourites_and_the_default_are_a_persons_own(world: World) -> None:
    id = await connection(world.resources.db, {RAW: {}, "shut": {}})
    public = f"{id}:{RAW}"
    data(await world.admin.api.patch(f"/api/models/{id}:shut", json={"accessUser": "deny"}))
    assert data(await world.member.api.put(f"/api/models/{public}/favourite")) == {"favourite": True}
    data(await world.member.api.put("/api/models/default", json={"model": public}))
    mine, theirs = (await listed(world.member))[public], (await listed(world.outsider))[public]
    assert (mine["favourite"], mine["default"]) == (True, True)
    assert (theirs["favourite"], theirs["default"]) == (False, False)
    data(await world.member.api.delete(f"/api/models/{public}/favourite"))
    data(await world.member.api.put("/api/models/default", json={"model": ""}))
    mine = (await listed(world.member))[public]
    assert (mine["favourite"], mine["default"]) == (False, False)
    for wrong in (f"{id}:shut", "9:nobody", "route:nowhere"):
        assert (await world.member.api.put(f"/api/models/{wrong}/favourite")).status_code == 404
        assert (await world.member.api.put("/api/models/default", json={"model": wrong})).status_code == 404


async def test_only_administrators_decide(world: World) -> None:
    for method, path, body in (
        ("PATCH", "/api/models/demo", {"hidden": True}),
        ("DELETE", "/api/models/demo/override", None),
        ("POST", "/api/models/bulk", {"ids": ["demo"], "change": {"hidden": True}}),
        ("POST", "/api/models/refresh", {}),
    ):
        for person, status in ((world.outsider, 404), (world.pending, 423), (world.visitor, 401)):
            response = await person.api.request(method, path, json=body)
            assert response.status_code == status, response.text
    for id in ("77:none", "%00", "demo%00"):
        response = await world.admin.api.patch(f"/api/models/{id}", json={"hidden": True})
        assert response.status_code == 404
        assert (await world.member.api.delete(f"/api/models/{id}%00/favourite")).status_code == 404
    body = {"ids": ["demo", "a\0b"], "change": {"hidden": True}}
    assert (await world.admin.api.post("/api/models/bulk", json=body)).status_code == 404
    assert "demo" in await listed(world.member)
