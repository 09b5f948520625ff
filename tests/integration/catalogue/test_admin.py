"""The administrator's pages of models."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from parley.catalogue.assembling import models_page
from parley.catalogue.listing import Filter
from parley.catalogue.overrides import NOTHING_SAID
from parley.catalogue.queries import all_models, model_row, overrides_of
from parley.lib.clock import now_ms
from parley.lib.db import Database, Row
from tests.integration.catalogue.conftest import connection, set_column
from tests.world import Person, World

pytestmark = pytest.mark.one_engine

PAGE = "/admin/models"


async def send(person: Person, path: str, **fields: Any) -> httpx.Response:
    """A plain form of the page."""
    return await person.pages.post(path, data={"_csrf": person.csrf, **fields})


async def test_the_pages_exist_for_administrators_only(world: World) -> None:
    for method, path in (
        ("GET", PAGE),
        ("POST", PAGE),
        ("GET", f"{PAGE}/refresh"),
        ("POST", f"{PAGE}/refresh"),
        ("GET", f"{PAGE}/model?id=demo"),
        ("POST", f"{PAGE}/model"),
    ):
        for person, statuses in (
            (world.outsider, {404}),
            (world.pending, {303}),
            (world.visitor, {303, 403}),
        ):
            form = {"_csrf": person.csrf, "id": "demo", "hidden": "1"} if method == "POST" else None
            response = await person.pages.request(method, path, data=form)
            assert response.status_code in statuses, response.status_code
    assert await overrides_of(world.resources.db, "demo") == NOTHING_SAID


async def test_the_table_shows_what_is_known_of_each(world: World) -> None:
    found = {"x/<one>": {"context_window": 128_000, "prices": {"input": 150_000, "output": 600_000}}}
    id = await connection(
        world.resources.db, found, name="Our <server>", failing_since=9, check_code="network"
    )
    page = (await world.admin.pages.get(PAGE)).text
    assert "x/&lt;one&gt;" in page
    assert "0.15 / 0.60" in page
    assert "128K" in page
    assert "Our &lt;server&gt;" in page
    assert "The provider cannot be reached." in page
    assert f"#connection-{id}" in page
    assert 'aria-current="page"' in page


async def test_a_filter_shows_what_fits(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {"alpha": {}, "beta": {}, "text-embedding-9": {}}, name="There")
    await send(world.admin, f"{PAGE}/model", id=f"{id}:beta", hidden="1")
    for query, shown in (
        ("q=ALPHA", {"alpha"}),
        ("kind=embedding", {"text-embedding-9"}),
        ("show=hidden", {"beta"}),
        ("show=new", set()),
        ("connection=1", {"demo"}),
    ):
        page = (await world.admin.pages.get(f"{PAGE}?{query}")).text
        assert set(re.findall(r'name="ids" value="(?:\d+:)?([^"]+)"', page)) == shown
    assert "No model fits" in (await world.admin.pages.get(f"{PAGE}?q=nothing")).text


async def test_models_come_a_hundred_at_a_time(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {f"m{number:04}": {} for number in range(250)})
    first = (await world.admin.pages.get(f"{PAGE}?connection={id}")).text
    assert first.count('name="ids"') == 100
    assert f"connection={id}&amp;page=2" in first
    last = (await world.admin.pages.get(f"{PAGE}?connection={id}&page=99")).text
    assert last.count('name="ids"') == 50
    assert "page 3 of 3" in last


class Counting:
    """A database that counts its reads."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.reads = 0

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        self.reads += 1
        return await self.db.fetch(sql, *values)


async def test_more_models_are_not_more_reads(world: World) -> None:
    assert world.admin.actor is not None
    reads: list[int] = []
    for models, total in ((1, 2), (300, 302)):
        await connection(world.resources.db, {f"{models}-{number}": {} for number in range(models)})
        counting: Any = Counting(world.resources.db)
        page = await models_page(counting, world.admin.actor, Filter())
        assert page.total == total
        reads.append(counting.reads)
    assert reads[0] == reads[1] <= 8


async def test_chosen_models_change_together(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {"a": {}, "b": {}, "c": {}})
    ids = [f"{id}:a", f"{id}:b"]
    fields = {
        "accessUser": "deny",
        "tags": "slow, dear",
        "priceInput": "0,15",
        "kind": "",
        "back": "kind=chat",
    }
    response = await send(world.admin, PAGE, ids=ids, **fields)
    assert (response.status_code, response.headers["location"]) == (303, f"{PAGE}?kind=chat&done=2")
    rows = {row.id: row for row in await all_models(db)}
    assert rows[f"{id}:a"].access_user == rows[f"{id}:b"].access_user == "deny"
    assert (rows[f"{id}:a"].tags, rows[f"{id}:a"].prices.input) == (("slow", "dear"), 150_000)
    assert rows[f"{id}:c"].access_user == ""
    await send(world.admin, PAGE, everything="1", back=f"connection={id}", hidden="on", accessUser="-")
    rows = {row.id: row for row in await all_models(db)}
    assert all(rows[f"{id}:{raw}"].hidden for raw in "abc")
    assert not rows["demo"].hidden
    assert rows[f"{id}:a"].access_user == ""
    await send(world.admin, PAGE, ids=ids, reset="1")
    assert not (await model_row(db, ids[0])).hidden  # type: ignore[union-attr]


async def test_a_bulk_edit_that_cannot_be_says_why_and_keeps_what_was_typed(world: World) -> None:
    response = await send(world.admin, PAGE, tags="kept")
    assert response.status_code == 400
    assert "Choose at least one model." in response.text
    assert 'value="kept"' in response.text
    response = await send(world.admin, PAGE, ids=["demo"], priceInput="much")
    assert response.status_code == 400
    assert "A price per million tokens" in response.text


async def test_one_model_is_edited_and_taken_back(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {"openai/x:free": {"context_window": 8192}})
    public = f"{id}:openai/x:free"
    path = f"{PAGE}/model"
    page = (await world.admin.pages.get(path, params={"id": public, "back": "q=x"})).text
    assert "8,192 · from the provider" in page
    typed = {
        "name": "Mine",
        "can-vision": "yes",
        "contextWindow": "16,000",
        "temperature": "0.5",
        "effort": "off",
    }
    response = await send(world.admin, path, id=public, back="q=x", fallbacks="demo", **typed)
    assert (response.status_code, response.headers["location"]) == (303, f"{PAGE}?q=x&done=1")
    said = await overrides_of(db, public)
    assert (said.name, said.contextWindow, said.capabilities) == ("Mine", 16_000, {"vision": True})
    assert (said.sampling.temperature, said.reasoning.mode, said.fallbacks) == (0.5, "off", ("demo",))
    page = (await world.admin.pages.get(path, params={"id": public})).text
    assert 'value="16000"' in page
    assert "Take back everything" in page
    await send(world.admin, path, id=public, reset="1")
    assert (await overrides_of(db, public)).name == ""


async def test_a_refused_edit_marks_its_fields(world: World) -> None:
    response = await send(world.admin, f"{PAGE}/model", id="demo", contextWindow="much", temperature="9")
    assert response.status_code == 400
    assert "A whole number of tokens" in response.text
    assert "temperature: a number from 0 to 2." in response.text
    assert 'value="much"' in response.text
    assert (await world.admin.pages.get(f"{PAGE}/model?id=9:none")).status_code == 404


async def test_the_refresh_button_begins_and_tells(world: World) -> None:
    db = world.resources.db
    id = await connection(db, {}, name="Slow one", base_url="http://127.0.0.1:9/v1")
    response = await send(world.admin, f"{PAGE}/refresh", back="q=x")
    assert (response.status_code, response.headers["location"]) == (303, f"{PAGE}?q=x")
    await db.write(set_column, id, "refresh_until", now_ms() + 20_000)
    page = (await world.admin.pages.get(f"{PAGE}/refresh")).text
    assert re.search(r"Asking .*Slow one", page)
    assert "hx-trigger" in page
    await db.write(set_column, id, "refresh_until", 0)
    assert "Slow one" not in (await world.admin.pages.get(f"{PAGE}/refresh")).text
