"""Engines as an administrator sets them up: keys, order, fail-over, domains, health, and who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parley.lib.db import Script
from parley.lib.db.sqlite import SQLiteDatabase
from parley.lib.errors import Invalid
from parley.settings.pins import fix
from parley.websearch.faults import SearchFailed
from parley.websearch.queries import EngineRow, engine_rows
from parley.websearch.searching import search
from tests.upstream.engines import KEY, Engines, engines
from tests.world import Person, World

one_engine = pytest.mark.one_engine  # what is not marked runs the statements on both
PAGE, SETTINGS = "/admin/search", "/api/settings/system"


@pytest.fixture(scope="module")
def running() -> Iterator[Engines]:
    with engines() as fakes:
        yield fakes


@pytest.fixture
def fakes(running: Engines) -> Engines:
    running.asked.clear()
    running.answers.clear()
    return running


async def send(person: Person, path: str, **fields: str) -> httpx.Response:
    return await person.pages.post(PAGE + path, data={"_csrf": person.csrf, **fields})


async def enter(world: World, fakes: Engines, *names: str, key: str = KEY) -> None:
    """Set engines up and turn them on, in this order."""
    for name in names:
        answer = await send(world.admin, f"/{name}", address=fakes.url_of(name), key=key)
        assert answer.status_code == 303, answer.text
        assert (await send(world.admin, f"/{name}/place", verb="on")).status_code == 303


async def row(world: World, name: str) -> EngineRow:
    return (await engine_rows(world.resources.db))[name]


@one_engine
async def test_only_administrators_search_and_set_up(world: World, fakes: Engines) -> None:
    for person in (world.member, world.outsider):
        assert (await person.pages.get(PAGE)).status_code == 404
        for path in ("", "/test", "/tavily", "/tavily/place"):
            answer = await send(person, path, key=KEY, query="x", verb="on")
            assert answer.status_code == 404, path
    assert await engine_rows(world.resources.db) == {}
    assert (await send(world.admin, "/altavista", key=KEY)).status_code == 404
    page = (await world.admin.pages.get(PAGE)).text
    assert "No engine is on yet." in page
    with pytest.raises(SearchFailed) as failed:
        await search(world.resources, "ferry")
    assert failed.value.code == "none"


async def test_the_first_that_works_answers_in_the_order_of_the_page(world: World, fakes: Engines) -> None:
    await enter(world, fakes, "tavily", "brave", "searxng")
    assert (await search(world.resources, " ferry\n")).engine == "tavily"
    await send(world.admin, "/brave/place", verb="up")
    await send(world.admin, "/tavily/place", verb="down")  # now the last
    assert (await search(world.resources, "ferry")).engine == "brave"
    fakes.answers["brave"] = (429, {})
    found = await search(world.resources, "ferry")
    assert (found.engine, [each.fault for each in found.failed]) == ("searxng", ["limit"])
    assert (await row(world, "brave")).fault == "limit"
    fakes.asked.clear()
    await search(world.resources, "ferry")  # what failed just now waits behind the others
    assert [each.engine for each in fakes.asked] == ["searxng"]
    await send(world.admin, "/searxng/place", verb="off")
    fakes.answers |= {"tavily": (500, {}), "brave": (200, {"web": {"results": []}})}
    found = await search(world.resources, "ferry")  # nothing found is an answer
    assert (found.engine, found.results, found.failed[0].fault) == ("brave", (), "down")
    assert (await row(world, "brave")).fault == ""
    fakes.answers["brave"] = (401, {})
    with pytest.raises(SearchFailed) as failed:
        await search(world.resources, "ferry")
    assert failed.value.code == "key"


@one_engine
async def test_an_answer_that_is_not_utf_8_is_a_fault_like_others(world: World, fakes: Engines) -> None:
    await enter(world, fakes, "tavily", "brave")
    fakes.answers["tavily"] = (200, '{"results": [{"title": "渡轮"}]}'.encode("gbk"))
    found = await search(world.resources, "ferry")
    assert (found.engine, [each.fault for each in found.failed]) == ("brave", ["not_json"])


@one_engine
async def test_settings_bound_what_is_found(world: World, fakes: Engines) -> None:
    await enter(world, fakes, "tavily")
    assert len((await search(world.resources, "ferry")).results) == 2
    for typed, titles in (
        ({"websearch.count": "1"}, ["Ferries & tavily"]),
        ({"websearch.count": "", "websearch.allowed": "lofoten.example"}, ["Timetable"]),
        ({"websearch.blocked": "m.lofoten.example"}, []),
    ):
        assert (await send(world.admin, "", **typed)).status_code == 303
        found = await search(world.resources, "ferry")
        assert [each.title for each in found.results] == titles
    refused = await send(world.admin, "", **{"websearch.count": "21", "websearch.blocked": "https://x.y"})
    assert refused.status_code == 400
    assert "Type a whole number from 1 to 20." in refused.text
    with pytest.raises(Invalid):
        await search(world.resources, " \n\0")


@one_engine
async def test_the_test_asks_everybody_and_the_page_remembers(world: World, fakes: Engines) -> None:
    await enter(world, fakes, "tavily", "metaso", "searxng")
    await send(world.admin, "/brave/place", verb="on")  # without a key
    fakes.answers["searxng"] = (403, b"Forbidden")
    page = (await send(world.admin, "/test", query="ferry <b>")).text
    for words in (
        "2 results in", "https://ferries.example/tavily", "https://ferries.example/metaso",
        "It gives no JSON.", "It needs a key.", 'value="ferry &lt;b&gt;"', "2025-03-11",
    ):  # fmt: skip
        assert words in page
    assert "javascript:" not in page
    assert "<script>alert" not in page
    card = (await world.admin.pages.get(PAGE)).text
    assert re.search(r"works, \d+ ms", card)
    assert "Add “json” to search.formats" in card
    assert "Failing since" in card
    assert (await send(world.admin, "/test", query="  ")).status_code == 400


@one_engine
async def test_a_key_is_never_shown_and_is_forgotten(
    world: World, fakes: Engines, capsys: pytest.CaptureFixture[str]
) -> None:
    await enter(world, fakes, "tavily")
    await search(world.resources, "ferry")
    stored = await row(world, "tavily")
    assert stored.sealed is not None
    assert (stored.hint, KEY in stored.sealed) == (KEY[-4:], False)
    places = [
        (await world.admin.pages.get(path)).text
        for path in (PAGE, "/admin/settings", "/admin/settings/export", "/admin/settings/history",
                     "/admin/audit", "/admin/audit?act=websearch.key_changed")
    ]  # fmt: skip
    places += [(await world.admin.api.get(SETTINGS)).text]
    database = world.resources.db
    assert isinstance(database, SQLiteDatabase)
    files = [
        each.read_bytes().decode("latin-1") for each in Path(database.path).parent.glob("*") if each.is_file()
    ]
    assert any(stored.sealed in each for each in files)
    assert [place for place in (*places, *files, capsys.readouterr().out) if KEY in place] == []
    assert f"••••{KEY[-4:]}" in places[0]
    assert "Changed the key of a search engine" in places[4]
    # An empty field keeps it, another address forgets it, and so does the box.
    await send(world.admin, "/tavily", address=fakes.url_of("tavily"), key="")
    assert (await row(world, "tavily")).sealed == stored.sealed
    await send(world.admin, "/tavily", address="https://gateway.example", key="")
    assert (await row(world, "tavily")).sealed is None
    await send(world.admin, "/tavily", address="", key=KEY)
    await send(world.admin, "/tavily", address="", forget="1")
    assert (await row(world, "tavily")).sealed is None
    assert "Removed the key of a search engine" in (await world.admin.pages.get("/admin/audit")).text


@one_engine
async def test_a_key_moved_in_the_database_opens_nothing(world: World, fakes: Engines) -> None:
    await enter(world, fakes, "tavily")

    def move() -> Script[None]:
        yield "UPDATE web_engine SET address = ? WHERE name = 'tavily'", (fakes.url_of("exa"),)

    await world.resources.db.write(move)
    with pytest.raises(SearchFailed) as failed:
        await search(world.resources, "ferry")
    assert (failed.value.code, fakes.asked) == ("key_unreadable", [])


@one_engine
async def test_what_cannot_be_used_is_said_beside_the_field(world: World) -> None:
    for field, text, sentence in (
        ("address", "ftp://host", "it must start with http"),
        ("address", "http://user:pw@host", "it must start with http"),
        ("address", "http://host/?q=1", "Leave out everything"),
        ("key", "two words", "A key has no spaces"),
        ("key", "ключ", "A key has no spaces"),
    ):
        answer = await send(world.admin, "/exa", **{field: text})
        assert answer.status_code == 400
        assert sentence in answer.text
    assert await engine_rows(world.resources.db) == {}


@one_engine
async def test_the_environment_may_decide_which_are_on(world: World, fakes: Engines) -> None:
    fix((("PARLEY_SETTING_WEBSEARCH_ENGINES", "searxng, altavista"),))
    try:
        await send(world.admin, "/searxng", address=fakes.url_of("searxng") + "/search/")
        assert (await search(world.resources, "ferry")).engine == "searxng"
        page = (await world.admin.pages.get(PAGE)).text
        assert "PARLEY_SETTING_WEBSEARCH_ENGINES" in page
        assert "Not known here: altavista" in page
        assert 'name="verb"' not in page
        assert (await send(world.admin, "/exa/place", verb="on")).status_code == 400
    finally:
        fix(())
