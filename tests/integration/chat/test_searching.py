"""The search page, its part for htmx, and the same for programs."""

from __future__ import annotations

import asyncio
import re

import pytest

from parley.chat.searching.jobs import index_all, keep_indexed
from parley.lib.clock import now_ms
from tests.adapters.test_search import chat, run
from tests.integration.catalogue.conftest import data
from tests.integration.chat.conftest import ask
from tests.world import World

pytestmark = pytest.mark.one_engine
TEXTS = ("Where is <b>Shanghai</b> & 上海?", "上海 lies in the **east**.")


async def member_has(world: World, title: str = "A journey") -> list[int]:
    ids = await world.resources.db.write(chat, world.member.id, title, TEXTS, now_ms())
    await index_all(world.resources.db)
    return ids


async def test_results_are_escaped_marked_and_lead_to_the_message(world: World) -> None:
    conversation, question, answer = await member_has(world, "<i>上海</i>")
    html = (await world.member.pages.get("/search", params={"q": "上海"})).text
    assert '<input class="input" id="q" name="q" type="search" value="上海"' in html
    assert "&lt;i&gt;<mark>上海</mark>&lt;/i&gt;" in html
    assert "Where is &lt;b&gt;Shanghai&lt;/b&gt; &amp; <mark>上海</mark>?" in html
    places = [f'href="/chat/{conversation}?at={id}"' for id in (answer, question)]
    assert html.index(places[0]) < html.index(places[1])
    part = await world.member.pages.get("/f/search", params={"q": "上海"})
    assert "<main" not in part.text
    assert places[0] in part.text
    assert (await world.member.pages.get(f"/chat/{conversation}?at={question}")).status_code == 200


async def test_nobody_finds_what_is_not_theirs(world: World) -> None:
    conversation, *_ = await member_has(world)
    for person in (world.outsider, world.admin):
        for query in ("上海", "journey", "Shanghai"):
            page = await person.pages.get("/search", params={"q": query})
            assert "Nothing found for" in page.text
            assert data(await person.api.get("/api/search", params={"q": query}))["results"] == []
        assert (await person.pages.get(f"/search?q=上海&chat={conversation}")).status_code == 404
    assert len(data(await world.member.api.get("/api/search?q=上海"))["results"]) == 1


async def test_programs_get_chats_with_snippets_and_pages(world: World) -> None:
    conversation, _, answer = await member_has(world)
    found = data(await world.member.api.get("/api/search", params={"q": "上海", "role": "assistant"}))
    assert found["next"] is None
    (result,) = found["results"]
    assert result["session"]["id"] == conversation
    assert [hit["messageId"] for hit in result["hits"]] == [answer]
    assert result["hits"][0]["snippet"] == [
        {"text": "上海", "match": True}, {"text": " lies in the east.", "match": False}
    ]  # fmt: skip
    for number in range(25):
        await world.resources.db.write(chat, world.member.id, "", (f"上海 {number}",), now_ms() - number)
    await index_all(world.resources.db)
    first = data(await world.member.api.get("/api/search?q=上海"))
    rest = data(await world.member.api.get(f"/api/search?q=上海&before={first['next']}"))
    chats = [each["session"]["id"] for each in (*first["results"], *rest["results"])]
    assert len(set(chats)) == 26


async def test_what_cannot_be_meant_is_refused_with_a_sentence(world: World) -> None:
    wrong = ["from=yesterday", "to=2026-13-01", "role=tool", "folder=x", "chat=-1", "before=x"]
    for bad in (*wrong, "folder=" + "9" * 30):
        answer = await world.member.api.get(f"/api/search?q=fox&{bad}")
        assert (answer.status_code, bool(answer.json()["error"])) == (400, True), bad
        assert (await world.member.pages.get(f"/search?q=fox&{bad}")).status_code == 400, bad


async def test_any_question_gets_a_page(world: World) -> None:
    for query in ("", '"', "NEAR(", "*", "a" * 10_000, "上" * 1_000, "\x00fox", "' OR 1=1 --"):
        answer = await world.member.pages.get("/search", params={"q": query})
        assert answer.status_code == 200, query


async def test_a_day_is_the_readers_own(world: World) -> None:
    midnight = 1_795_132_800_000  # 2026-11-20T00:00Z
    await world.resources.db.write(chat, world.member.id, "", ("fox",), midnight - 60_000)
    await index_all(world.resources.db)
    world.member.pages.cookies.set("tz", "480", domain="127.0.0.1")
    assert "<mark>fox</mark>" in (await world.member.pages.get("/search?q=fox&from=2026-11-20")).text
    world.member.pages.cookies.set("tz", "0", domain="127.0.0.1")
    assert "Nothing found" in (await world.member.pages.get("/search?q=fox&from=2026-11-20")).text


@pytest.mark.usefixtures("worker")
async def test_question_and_answer_are_found_once_they_are_stored(world: World) -> None:
    asked = await ask(world.member, "Tell me about walruses")
    await index_all(world.resources.db)
    for query, role in (("walruses", "user"), ("hello", "assistant"), ("walruses", "title")):
        found = data(await world.member.api.get("/api/search", params={"q": query, "role": role}))
        assert [each["session"]["id"] for each in found["results"]] == [asked["session"]], query
    await world.resources.db.write(run, "UPDATE conversation SET deleted_at = 1")
    assert data(await world.member.api.get("/api/search?q=walruses"))["results"] == []


async def test_the_worker_finds_out_by_itself_and_passes_over_what_it_cannot_index(world: World) -> None:
    db = world.resources.db
    await index_all(db)
    await db.write(run, "CREATE TRIGGER no BEFORE INSERT ON search_entry WHEN NEW.source % 2 = 0"
                        " BEGIN SELECT RAISE(ABORT, 'no'); END")  # fmt: skip
    indexing = asyncio.create_task(keep_indexed(world.resources))
    _, *ids = await db.write(chat, world.member.id, "", ("fox", "fox", "fox", "fox"), now_ms())
    async with asyncio.timeout(10):
        while await db.fetch("SELECT id FROM search_change"):  # noqa: ASYNC110 its end is in the database
            await asyncio.sleep(0.02)
    indexing.cancel()
    found = data(await world.member.api.get("/api/search?q=fox"))["results"][0]["hits"]
    assert [hit["messageId"] for hit in found] == [id for id in reversed(ids) if id % 2]


async def test_a_reader_is_told_while_older_messages_are_not_indexed_yet(world: World) -> None:
    await world.resources.db.write(run, "UPDATE search_state SET version = 0")
    html = (await world.member.pages.get("/search?q=fox")).text
    assert re.search("Older messages are still being made searchable", html)
