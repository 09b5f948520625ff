"""The chat pages over HTTP, as a browser with and without JavaScript asks for them."""

from __future__ import annotations

import asyncio
import re

import httpx
import pytest

from parley.lib.db import Script
from parley.providers.base import Finished, TextDelta
from tests.integration.chat.conftest import ScriptedProvider
from tests.world import Person, World

pytestmark = pytest.mark.one_engine

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


async def send(person: Person, text: str, *, to: int | None = None, cid: str = "c1") -> httpx.Response:
    """Send through the composer, as htmx does."""
    path = "/chat" if to is None else f"/chat/{to}/turns"
    form = {"text": text, "client_message_id": cid, "model": ""}
    return await person.pages.post(path, data=form, headers=HTMX)


async def started(person: Person, text: str = "Why?") -> int:
    """A conversation with one question; its id."""
    answer = await send(person, text)
    assert answer.status_code == 200
    return int(answer.headers["hx-push-url"].rsplit("/", 1)[1])


async def finished(person: Person, id: int) -> str:
    """The page once nothing is being written in it."""
    for _try in range(1000):
        page = (await person.pages.get(f"/chat/{id}")).text
        if 'aria-busy="true"' not in page:
            return page
        await asyncio.sleep(0.02)
    raise AssertionError("the answer did not end")


async def test_a_new_chat_greets_by_name_and_offers_starters(world: World) -> None:
    page = (await world.member.pages.get("/chat")).text
    assert "member" in page
    assert 'id="ask"' in page
    assert "Demo model" in page


@pytest.mark.usefixtures("worker")
async def test_the_first_message_makes_a_conversation_with_an_address(world: World) -> None:
    id = await started(world.member, "Why is the sky blue?")
    page = await finished(world.member, id)
    assert "Why is the sky blue?" in page
    assert "<p>Hello.</p>" in page


@pytest.mark.usefixtures("worker")
async def test_sending_the_first_message_twice_makes_one_conversation(world: World) -> None:
    answers = await asyncio.gather(*(send(world.member, "Why?") for _ in range(10)))
    assert len({answer.headers["hx-push-url"] for answer in answers}) == 1


@pytest.mark.usefixtures("worker")
async def test_a_further_message_answers_with_both_turns(world: World) -> None:
    id = await started(world.member)
    await finished(world.member, id)
    fragment = (await send(world.member, "And why red?", to=id, cid="c2")).text
    assert "And why red?" in fragment
    assert 'data-generation="2"' in fragment
    assert "<html" not in fragment


@pytest.mark.usefixtures("worker")
async def test_without_javascript_forms_lead_to_the_conversation(world: World) -> None:
    form = {"text": "Plain", "client_message_id": "c9", "_csrf": world.member.csrf}
    answer = await world.member.pages.post("/chat", data=form)
    assert answer.status_code == 303
    page = await finished(world.member, int(answer.headers["location"].rsplit("/", 1)[1]))
    assert "Plain" in page


@pytest.mark.usefixtures("worker")
async def test_a_running_answer_is_followed_as_partials_until_done(
    world: World, provider: ScriptedProvider
) -> None:
    provider.facts = [TextDelta("First block.\n\nSecond "), TextDelta("block."), Finished("stop")]
    provider.hold = asyncio.Event()
    id = await started(world.member)
    page = (await world.member.pages.get(f"/chat/{id}")).text
    source = re.search(r'hx-sse:connect="(/generations/\d+/events\?after=\d+)"', page)
    assert source is not None
    provider.hold.set()
    stream = (await world.member.pages.get(source[1])).text
    assert stream.rstrip().splitlines()[-1] == 'data: {"state":"complete"}'
    assert "event: done" in stream
    assert "-acts" in stream
    assert "First block." in await finished(world.member, id)


@pytest.mark.usefixtures("worker")
async def test_asking_again_keeps_the_old_answer_and_shows_the_new(
    world: World, provider: ScriptedProvider
) -> None:
    id = await started(world.member)
    page = await finished(world.member, id)
    message = re.findall(r'data-message="(\d+)"', page)[-1]
    provider.facts = [TextDelta("Another."), Finished("stop")]
    again = await world.member.pages.post(f"/messages/{message}/regenerations", data={}, headers=HTMX)
    assert again.status_code == 200
    page = await finished(world.member, id)
    assert "Another." in page
    assert "Hello." not in page
    kept = await world.resources.db.fetch("SELECT text FROM message WHERE id = ?", int(message))
    assert kept[0]["text"] == "Hello."


@pytest.mark.usefixtures("worker")
async def test_continuing_appends_to_the_same_answer(world: World, provider: ScriptedProvider) -> None:
    provider.facts = [TextDelta("Once upon "), Finished("length")]
    id = await started(world.member)
    page = await finished(world.member, id)
    message = re.findall(r'data-message="(\d+)"', page)[-1]
    assert f"/messages/{message}/continuation" in page
    provider.facts = [TextDelta("a time."), Finished("stop")]
    more = await world.member.pages.post(f"/messages/{message}/continuation", data={}, headers=HTMX)
    assert "Once upon" in more.text
    assert "Once upon a time." in await finished(world.member, id)
    assert provider.prompts[-1].turns[-1].text == "Once upon "
    refused = await world.member.pages.post(f"/messages/{message}/continuation", data={}, headers=HTMX)
    assert refused.status_code == 400


async def test_a_title_can_be_changed_by_its_owner(world: World) -> None:
    id = await started(world.member)
    answer = await world.member.pages.patch(f"/chat/{id}", data={"title": "天空"}, headers=HTMX)
    assert "天空" in answer.text
    assert "天空" in (await world.member.pages.get("/chat")).text
    empty = await world.member.pages.patch(f"/chat/{id}", data={"title": "  "}, headers=HTMX)
    assert empty.status_code == 400


async def test_a_deleted_conversation_comes_back_by_undo(world: World) -> None:
    id = await started(world.member)
    assert (await world.member.pages.delete(f"/chat/{id}", headers=HTMX)).status_code == 200
    assert (await world.member.pages.get(f"/chat/{id}")).status_code == 404
    assert (await world.member.pages.post(f"/chat/{id}/restoration")).status_code == 204
    assert (await world.member.pages.get(f"/chat/{id}")).status_code == 200
    assert (await world.member.pages.post(f"/chat/{id}/restoration")).status_code == 404


async def test_deleting_stops_what_runs(world: World) -> None:
    id = await started(world.member)  # nobody works: it stays queued
    await world.member.pages.delete(f"/chat/{id}", headers=HTMX)
    rows = await world.resources.db.fetch("SELECT status FROM generation")
    assert [row["status"] for row in rows] == ["cancelled"]


async def test_an_outsider_finds_no_address_of_a_conversation(world: World) -> None:
    id = await started(world.member)
    stranger = world.outsider.pages
    answers = [
        await stranger.get(f"/chat/{id}"),
        await stranger.patch(f"/chat/{id}", data={"title": "mine"}),
        await stranger.delete(f"/chat/{id}"),
        await stranger.post(f"/chat/{id}/deletion", data={}),
        await stranger.post(f"/chat/{id}/restoration", data={}),
        await stranger.post(f"/chat/{id}/model", data={"model": "demo"}),
        await stranger.post(f"/chat/{id}/turns", data={"text": "x", "client_message_id": "y"}),
        await stranger.get(f"/f/chat/{id}/turns"),
        await stranger.get("/generations/1/events"),
        await stranger.post("/generations/1/cancellation"),
        await stranger.post("/messages/2/regenerations", data={}),
        await stranger.post("/messages/2/continuation", data={}),
    ]
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    own = await started(world.outsider, "Mine")
    crossed = await stranger.get(f"/f/chat/{own}/turns?before=2")
    assert "Why?" not in crossed.text


async def test_the_sidebar_pages_without_repeating(world: World) -> None:
    def fill(owner: int) -> Script[None]:
        for n in range(120):
            yield (
                "INSERT INTO conversation (owner, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
                (owner, f"title-{n:03}", 1, 1_000 + n // 3),
            )

    await world.resources.db.write(fill, world.member.id)
    seen: list[str] = []
    path = "/f/chat/list"
    for _page in range(4):
        html = (await world.member.pages.get(path)).text
        seen += re.findall(r"title-\d+", re.sub(r'(aria-label|title|value)="[^"]*"', "", html))
        more = re.search(r"before=(\d+-\d+)", html)
        if more is None:
            break
        path = f"/f/chat/list?before={more[1]}"
    assert list(dict.fromkeys(seen)) == [f"title-{n:03}" for n in range(119, -1, -1)]
    assert (await world.member.pages.get("/f/chat/list?before=nonsense")).status_code == 400


async def test_older_turns_come_by_window(world: World) -> None:
    def fill(owner: int) -> Script[int]:
        rows = yield (
            "INSERT INTO conversation (owner, title, created_at, updated_at)"
            " VALUES (?, 'long', 1, 1) RETURNING id",
            (owner,),
        )
        parent = None
        for n in range(100):
            made = yield (
                "INSERT INTO message (conversation, parent, role, text, created_at)"
                " VALUES (?, ?, ?, ?, 1) RETURNING id",
                (rows[0]["id"], parent, "user" if n % 2 == 0 else "assistant", f"text-{n:03}"),
            )
            parent = made[0]["id"]
        yield "UPDATE conversation SET leaf = ? WHERE id = ?", (parent, rows[0]["id"])
        return int(rows[0]["id"])

    id = await world.resources.db.write(fill, world.member.id)
    html = (await world.member.pages.get(f"/chat/{id}")).text
    shown = sorted(set(re.findall(r"text-\d+", html)))
    while (more := re.search(rf"/f/chat/{id}/turns\?before=(\d+)", html)) is not None:
        html = (await world.member.pages.get(f"/f/chat/{id}/turns?before={more[1]}")).text
        older = sorted(set(re.findall(r"text-\d+", html)))
        assert not set(older) & set(shown)
        shown = older + shown
    assert shown == [f"text-{n:03}" for n in range(100)]


@pytest.mark.parametrize("place", [f"{2**63}-1", f"1-{2**64}", "²-1", "1", "-", "1-2-3", "%00"])
async def test_a_place_that_is_not_in_the_list_is_refused(world: World, place: str) -> None:
    answer = await world.member.pages.get(f"/f/chat/list?before={place}", headers=HTMX)
    assert answer.status_code == 400
    assert "Reload the page" in answer.text


async def test_no_turns_stand_above_an_impossible_message(world: World) -> None:
    conversation = await started(world.member)
    answer = await world.member.pages.get(f"/f/chat/{conversation}/turns?before={2**63}", headers=HTMX)
    assert answer.status_code == 200
    assert "data-message" not in answer.text


async def test_an_administrator_is_led_on_while_only_the_demo_answers(world: World) -> None:
    offer = 'href="/setup?step=3"'
    assert offer in (await world.admin.pages.get("/chat")).text
    assert offer not in (await world.member.pages.get("/chat")).text


@pytest.mark.usefixtures("worker")
async def test_a_form_of_a_browser_without_scripts_needs_no_id(world: World) -> None:
    answer = await world.member.pages.post("/chat", data={"text": "Plain", "client_message_id": ""})
    assert answer.status_code == 303
