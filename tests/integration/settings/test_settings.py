"""What an administrator decides about answers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from parley.settings.answering import DEFAULT_WINDOW, EFFORT, SYSTEM_PROMPT, TEMPERATURE
from parley.settings.queries import load
from tests.world import Person, World

PAGE, API = "/admin/settings", "/api/settings/system"


async def put(person: Person, **settings: Any) -> httpx.Response:
    named = {key.replace("__", "."): value for key, value in settings.items()}
    return await person.api.put(API, json=named)


async def test_only_administrators_find_the_settings(world: World) -> None:
    for path in (PAGE, API):
        assert (await world.member.pages.get(path)).status_code == 404
    assert (await put(world.outsider, context__window=5000)).status_code == 404
    form = {"_csrf": world.member.csrf, "context.window": "5000"}
    assert (await world.member.pages.post(PAGE, data=form)).status_code == 404
    assert (await load(world.resources.db))[DEFAULT_WINDOW] == 120_000


async def test_defaults_stand_until_somebody_decides(world: World) -> None:
    found = (await world.admin.api.get(API)).json()["data"]
    assert found["settings"]["context.window"] == 120_000
    assert found["settings"]["sampling.temperature"] is None
    assert found["decided"] == []


async def test_what_is_set_is_read_everywhere_and_null_takes_it_back(world: World) -> None:
    answer = await put(world.admin, sampling__temperature=0, context__window="5000", reasoning__effort="off")
    assert answer.json()["data"]["decided"] == ["context.window", "reasoning.effort", "sampling.temperature"]
    values = await load(world.resources.db)
    assert (values[TEMPERATURE], values[DEFAULT_WINDOW], values[EFFORT]) == (0, 5000, "off")
    await put(world.admin, context__window=None)
    assert (await load(world.resources.db))[DEFAULT_WINDOW] == 120_000


@pytest.mark.parametrize(
    ("settings", "key", "says"),
    [
        ({"context__window": 5}, "context.window", "from 1,000 to"),
        ({"sampling__temperature": "warm"}, "sampling.temperature", "Type a number from 0 to 2."),
        ({"reasoning__effort": "enormous"}, "reasoning.effort", "One of"),
        ({"nothing": 1}, "nothing", "There is no setting"),
        ({"context__system_prompt": "x" * 12_001}, "context.system_prompt", "At most 12000"),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    world: World, settings: dict[str, Any], key: str, says: str
) -> None:
    answer = await put(world.admin, patience__idle=33, **settings)
    assert answer.status_code == 400
    assert says in answer.json()["fields"][key]
    assert (await world.admin.api.get(API)).json()["data"]["decided"] == []


async def test_the_page_keeps_what_was_typed_when_something_is_wrong(world: World) -> None:
    form = {"_csrf": world.admin.csrf, "context.system_prompt": "Be kind & brief", "context.window": "12"}
    page = await world.admin.pages.post(PAGE, data=form)
    assert page.status_code == 400
    assert "Be kind &amp; brief" in page.text
    assert "Type a whole number from 1,000 to 20,000,000." in page.text
    for typed in ("1500.5", "-1", "9" * 400, "64,00"):
        form["context.window"] = typed
        assert "Type a whole number from 1,000 to" in (await world.admin.pages.post(PAGE, data=form)).text
    for typed in ("６４，０００", "64,000"):  # as a Chinese keyboard and that sentence write numbers
        form["context.window"] = typed
        assert (await world.admin.pages.post(PAGE, data=form)).status_code == 303
    page = await world.admin.pages.get(f"{PAGE}?saved=1")
    assert 'value="64000"' in page.text
    assert "Saved." in page.text
    assert (await load(world.resources.db))[SYSTEM_PROMPT] == "Be kind & brief"
