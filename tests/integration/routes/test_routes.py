"""Routes: administrators write them, everybody chooses them, and the clock decides."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from parley.catalogue.models import ModelRow
from parley.lib.db import Script
from parley.lib.errors import AppError
from parley.routes.queries import choices
from parley.routes.service import resolve
from tests.world import Person, World

pytestmark = pytest.mark.one_engine

PAGE, API = "/admin/routes", "/api/routes"
NIGHT = {"zone": "Asia/Shanghai", "start": "00:30", "end": "08:30"}


async def connect(world: World, *models: str) -> int:
    body = {"provider": "openai", "baseUrl": "http://127.0.0.1:9/v1", "models": list(models)}
    answer = await world.admin.api.post("/api/connections", json=body)
    return int(answer.json()["data"]["connection"]["id"])


async def make(world: World, name: str, *rules: dict[str, Any]) -> dict[str, Any]:
    answer = await world.admin.api.post(API, json={"name": name, "rules": list(rules)})
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["route"]  # type: ignore[no-any-return]


async def send(person: Person, path: str, **fields: Any) -> httpx.Response:
    return await person.pages.post(path, data={"_csrf": person.csrf, **fields})


def _let_see(model: str) -> Script[None]:
    overrides = '{"capabilities": {"vision": true}}'
    yield "UPDATE model SET overrides = ? WHERE public_id = ?", (overrides, model)


def by_id(models: list[ModelRow], id: str) -> ModelRow:
    return next(model for model in models if model.id == id)


async def test_routes_exist_for_administrators_only(world: World) -> None:
    route = await make(world, "Mine", {"target": "demo"})
    one = f"{API}/{route['id']}"
    for person in (world.member, world.outsider):
        for method, path in [("GET", API), ("PATCH", one), ("DELETE", one), ("GET", f"{one}/explanation")]:
            assert (await person.api.request(method, path, json={})).status_code == 404, path
        assert (await person.pages.get(PAGE)).status_code == 404
        for path in (PAGE, f"{PAGE}/{route['id']}", f"{PAGE}/{route['id']}/deletion"):
            assert (await send(person, path, name="x")).status_code == 404
    assert len((await world.admin.api.get(API)).json()["data"]["routes"]) == 1


async def test_a_route_is_offered_as_what_it_leads_to(world: World) -> None:
    id = await connect(world, "a", "b")
    await world.resources.db.write(_let_see, f"{id}:b")
    route = await make(world, "By day 日间", {"target": f"{id}:a"}, {"target": f"{id}:b"})
    assert route["modelId"] == "route:by-day-日间"
    assert world.member.actor is not None
    offered = by_id(await choices(world.resources.db, world.member.actor), route["modelId"])
    assert (offered.name, offered.provider, offered.available) == ("By day 日间", "route", True)
    assert "vision" in offered.capabilities
    listed = (await world.member.api.get("/api/models")).json()["data"]["models"]
    assert {f"{id}:a", f"{id}:b"} <= {model["id"] for model in listed}


async def test_a_route_that_leads_only_to_what_is_denied_is_not_offered(world: World) -> None:
    id = await connect(world, "m")
    route = await make(world, "Secret", {"target": f"{id}:m"})
    await world.admin.api.put("/api/settings/system", json={"models.access_user": "deny"})
    assert world.member.actor is not None
    assert world.admin.actor is not None
    mine = {model.id for model in await choices(world.resources.db, world.member.actor)}
    theirs = {model.id for model in await choices(world.resources.db, world.admin.actor)}
    assert (route["modelId"] in mine, route["modelId"] in theirs) == (False, True)


@pytest.mark.parametrize(("at", "target"), [
    ("2026-11-21T00:29:00+08:00", "b"), ("2026-11-21T00:30:00+08:00", "a"),
    ("2026-11-21T08:29:00+08:00", "a"), ("2026-11-21T08:30:00+08:00", "b"),
])  # fmt: skip
async def test_the_explanation_says_which_rule_wins(world: World, at: str, target: str) -> None:
    id = await connect(world, "a", "b")
    route = await make(world, "Night", {"target": f"{id}:a", **NIGHT}, {"target": f"{id}:b"})
    answer = await world.admin.api.get(f"{API}/{route['id']}/explanation", params={"at": at})
    found = answer.json()["data"]["explanation"]
    assert found["target"] == f"{id}:{target}"
    assert found["rules"][0]["against"] == (None if target == "a" else "time")


async def test_all_that_fit_stand_in_for_each_other_and_none_is_an_error(world: World) -> None:
    id = await connect(world, "a", "b")
    route = await make(world, "Two", {"target": f"{id}:a"}, {"target": f"{id}:b"}, {"target": f"{id}:a"})
    found = await resolve(world.resources, route["modelId"])
    assert [model.id for model in found] == [f"{id}:a", f"{id}:b"]
    await world.admin.api.patch(f"/api/connections/{id}", json={"enabled": False})
    with pytest.raises(AppError, match="No rule of “Two” fits now"):
        await resolve(world.resources, route["modelId"])
    await world.admin.api.patch(f"{API}/{route['id']}", json={"enabled": False})
    with pytest.raises(AppError, match="turned off"):
        await resolve(world.resources, route["modelId"])
    await world.admin.api.delete(f"{API}/{route['id']}")
    with pytest.raises(AppError, match="not there any more"):
        await resolve(world.resources, route["modelId"])


@pytest.mark.parametrize(("rule", "says"), [
    ({"target": "9:nobody"}, "no model"),
    ({"target": "demo", "zone": "Mars/Base"}, "no time zone"),
    ({"target": "demo", "start": "08:00"}, "both when"),
    ({"target": "demo", "start": "08:00", "end": "08:00"}, "cannot end"),
    ({"target": "demo", "start": "8:00", "end": "09:00"}, "08:30"),
    ({"target": "demo", "maxPriceInput": "much"}, "A price"),
    ({"target": "demo", "weekdays": ["someday"]}, "A weekday"),
    ("demo", "cannot be used"),
])  # fmt: skip
async def test_a_rule_that_does_not_fit_is_named(world: World, rule: object, says: str) -> None:
    body = {"name": "Odd", "rules": [{"target": "demo"}, rule]}
    answer = await world.admin.api.post(API, json=body)
    assert answer.status_code == 400
    assert says in answer.json()["fields"]["rules.1"]
    assert (await world.admin.api.get(API)).json()["data"]["routes"] == []


async def test_two_routes_of_one_name_are_told_apart(world: World) -> None:
    first, second = [await make(world, "Cheap!", {"target": "demo"}) for _ in range(2)]
    assert (first["modelId"], second["modelId"]) == ("route:cheap", "route:cheap-2")


async def test_the_page_makes_orders_and_removes_rules(world: World) -> None:
    id = await connect(world, "a", "b")
    lines: dict[str, Any] = {"0.target": f"{id}:a", "0.order": "2", "1.target": f"{id}:b", "1.order": "1"}
    lines |= {"1.weekdays": ["mon", "fri"], "1.healthy": "1", "1.maxPriceInput": "0,27", "2.target": ""}
    assert (await send(world.admin, PAGE, name="Paged", **lines)).status_code == 303
    route = (await world.admin.api.get(API)).json()["data"]["routes"][0]
    assert [rule["target"] for rule in route["rules"]] == [f"{id}:b", f"{id}:a"]
    assert (route["rules"][0]["weekdays"], route["rules"][0]["maxPriceInput"]) == (["mon", "fri"], 270_000)
    page = (await world.admin.pages.get(PAGE)).text
    assert "Wins now." in page or "Not on this day." in page
    assert "Mon Fri" in page
    assert 'value="0.27"' in page
    assert (await send(world.admin, f"{PAGE}/{route['id']}", enabled="off")).status_code == 303
    assert (await send(world.admin, f"{PAGE}/{route['id']}/deletion")).status_code == 303
    assert (await world.admin.api.get(API)).json()["data"]["routes"] == []


async def test_the_page_keeps_what_was_typed_when_something_is_wrong(world: World) -> None:
    lines = {"0.target": "demo", "0.start": "08:00", "0.zone": "Mars/<b>"}
    page = await send(world.admin, PAGE, name="Odd <one>", **lines)
    assert page.status_code == 400
    assert "Odd &lt;one&gt;" in page.text
    assert "Mars/&lt;b&gt;" in page.text
    assert "There is no time zone" in page.text
