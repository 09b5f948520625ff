"""Versions of questions and answers: nothing is destroyed, and the chosen path is remembered."""

from __future__ import annotations

import asyncio
import re

import pytest

from parley.chat.branches import scripts
from parley.lib.clock import now_ms
from tests.integration.chat.branching import HTMX, chat, path_of, post, texts_of
from tests.integration.chat.conftest import ScriptedProvider, ask
from tests.world import World

pytestmark = [pytest.mark.usefixtures("worker"), pytest.mark.one_engine]


async def test_an_edit_is_another_version_and_each_leads_on_to_where_it_led(world: World) -> None:
    me = world.member
    session = await chat(me, "one", "two")
    first = (await path_of(me, session))[0]["id"]
    edited = await post(me, f"/messages/{first}/edits", text="other", client_message_id="e1")
    assert edited.status_code == 200
    assert ">2 / 2<" in edited.text
    assert await texts_of(me, session) == ["other"]
    assert (await path_of(me, session))[0]["siblings"] == [first, first + 4]

    chosen = await post(me, f"/messages/{first}/choice")
    assert ">1 / 2<" in chosen.text
    assert re.findall(r'class="say"[^>]*>([^<]+)', chosen.text) == ["one", "two"]
    assert await texts_of(me, session) == ["one", "two"]


async def test_a_question_goes_on_from_the_version_its_writer_saw(world: World) -> None:
    me = world.member
    session = await chat(me, "one", "two")
    ids = [each["id"] for each in await path_of(me, session)]
    await post(me, f"/messages/{ids[0]}/edits", text="other", client_message_id="e1")
    await texts_of(me, session)
    page = (await me.pages.get(f"/chat/{session}?at={ids[2]}")).text  # as a search result leads there
    assert f'name="after" value="{ids[3]}"' in page
    await post(me, f"/chat/{session}/turns", text="three", client_message_id="c3", after=str(ids[3]))
    assert await texts_of(me, session) == ["one", "two", "three"]
    last = (await path_of(me, session))[-1]["id"]
    await post(me, f"/messages/{last}/deletion")
    await post(me, f"/chat/{session}/turns", text="four", client_message_id="c4", after=str(last))
    assert await texts_of(me, session) == ["one", "two", "three", "four"]


async def test_a_wish_is_said_to_the_model_once_and_never_again(
    world: World, provider: ScriptedProvider
) -> None:
    me = world.member
    session = await chat(me, "Why?")
    answer = (await path_of(me, session))[1]["id"]
    again = await post(me, f"/messages/{answer}/regenerations", wish="shorter")
    assert again.status_code == 200
    messages = await path_of(me, session)
    assert messages[1]["siblings"] == [answer, messages[1]["id"]]
    assert "more briefly" in provider.prompts[-1].turns[-1].text
    await ask(me, "And?", session=session, cid="q9")
    assert all("briefly" not in turn.text for turn in provider.prompts[-1].turns)


async def test_a_version_left_while_it_is_written_goes_on_and_does_not_make_the_chat_busy(
    world: World, provider: ScriptedProvider
) -> None:
    me = world.member
    session = await chat(me, "one")
    first = (await path_of(me, session))[0]["id"]
    provider.hold, provider.asked = asyncio.Event(), asyncio.Event()
    await post(me, f"/messages/{first}/edits", text="slow", client_message_id="e1")
    await provider.asked.wait()
    busy = await post(me, f"/messages/{first}/edits", text="third", client_message_id="e2")
    assert busy.status_code == 409
    back = await post(me, f"/messages/{first}/choice")
    assert "hx-sse:connect" not in back.text
    held, provider.hold = provider.hold, None
    await ask(me, "two", session=session, cid="q2")
    assert await texts_of(me, session) == ["one", "two"]
    there = await post(me, f"/messages/{first + 2}/choice")
    assert "hx-sse:connect" in there.text
    held.set()
    assert [each["content"] for each in await path_of(me, session)] == ["slow", "Hello."]


async def test_a_deletion_takes_what_follows_and_can_be_undone_until_it_is_purged(world: World) -> None:
    me = world.member
    session = await chat(me, "one", "two")
    answer = (await path_of(me, session))[1]["id"]
    deleted = await post(me, f"/messages/{answer}/deletion")
    assert "3 messages deleted." in deleted.text
    assert await texts_of(me, session) == ["one"]
    assert (await post(me, f"/messages/{answer}/choice")).status_code == 404
    assert (await post(me, f"/messages/{answer}/restoration")).status_code == 204
    assert await texts_of(me, session) == ["one", "two"]
    await post(me, f"/messages/{answer}/deletion")
    assert await world.resources.db.write(scripts.purge, now_ms() + 1000) == 3
    assert (await post(me, f"/messages/{answer}/restoration")).status_code == 404


async def test_deleting_a_running_answer_stops_it(world: World, provider: ScriptedProvider) -> None:
    me = world.member
    provider.hold = asyncio.Event()
    started = await me.pages.post("/chat", data={"text": "slow", "client_message_id": "c"}, headers=HTMX)
    session = int(started.headers["hx-push-url"].rsplit("/", 1)[1])
    await provider.asked.wait()
    rows = await world.resources.db.fetch(
        "SELECT id, message FROM generation WHERE conversation = ?", session
    )
    await post(me, f"/messages/{rows[0]['message']}/deletion")
    for _ in range(1000):
        ended = await world.resources.db.fetch("SELECT status FROM generation WHERE id = ?", rows[0]["id"])
        if ended[0]["status"] == "cancelled":
            break
        await asyncio.sleep(0.02)
    else:
        raise AssertionError("it goes on")
    provider.hold.set()
    again = await post(me, f"/messages/{rows[0]['message'] - 1}/regenerations")
    assert again.status_code == 200
    assert [each["content"] for each in await path_of(me, session)] == ["slow", "Hello."]


async def test_ratings_are_kept_changed_withdrawn_and_shown_to_administrators(world: World) -> None:
    me = world.member
    session = await chat(me, "Why?")
    question, answer = (each["id"] for each in await path_of(me, session))
    form = {"value": "-1", "comment": "Too short."}
    kept = await me.pages.put(f"/messages/{answer}/rating", data=form, headers=HTMX)
    assert "You rated this answer: bad" in kept.text
    page = (await world.admin.pages.get("/admin/ratings")).text
    assert "Too short." in page
    assert "Hello." in page
    for path in (f"/chat/{session}", f"/messages/{question}"):
        await post(me, f"{path}/deletion")
        assert "Hello." not in (await world.admin.pages.get("/admin/ratings")).text, path
        await post(me, f"{path}/restoration")
    assert (await me.pages.get("/admin/ratings")).status_code in (303, 403, 404)
    assert (await me.pages.put(f"/messages/{question}/rating", data=form)).status_code == 404
    assert (await me.pages.put(f"/messages/{answer}/rating", data={"value": "5"})).status_code == 400
    await me.pages.delete(f"/messages/{answer}/rating", headers=HTMX)
    assert "Too short." not in (await world.admin.pages.get("/admin/ratings")).text


async def test_why_names_the_connection_to_administrators_only(world: World) -> None:
    for person in (world.member, world.admin):
        session = await chat(person, "Why?")
        answer = (await path_of(person, session))[1]["id"]
        page = (await person.pages.get(f"/messages/{answer}/why")).text
        assert "Demo model" in page
        assert ("<dt>Connection</dt>" in page) == (person is world.admin)
        panel = (await person.pages.get(f"/f/messages/{answer}/why")).text
        assert "<html" not in panel


async def test_an_outsider_finds_no_message(world: World) -> None:
    session = await chat(world.member, "mine")
    question, answer = (each["id"] for each in await path_of(world.member, session))
    theirs = world.outsider.pages
    asked = [theirs.get(f"/messages/{answer}{end}") for end in ("", "/models", "/rating", "/why")]
    asked += [theirs.get(f"/messages/{question}/edit"), theirs.get(f"/f/messages/{answer}/why")]
    asked += [theirs.post(f"/messages/{question}/edits", data={"text": "x", "client_message_id": "x"})]
    for verb in ("choice", "fork", "deletion", "restoration"):
        asked.append(theirs.post(f"/messages/{answer}/{verb}", data={}))
    good = {"value": "1"}
    asked += [ask(f"/messages/{answer}/rating", data=good) for ask in (theirs.put, theirs.post)]
    asked += [
        theirs.delete(f"/messages/{answer}/rating"),
        theirs.post(f"/messages/{answer}/rating", data={"value": "1"}),
    ]
    assert {answer.status_code for answer in await asyncio.gather(*asked)} == {404}


async def test_pages_without_scripts_do_it_all(world: World) -> None:
    me = world.member
    session = await chat(me, "plain")
    question, answer = (each["id"] for each in await path_of(me, session))
    page = (await me.pages.get(f"/messages/{answer}")).text
    assert f'action="/messages/{answer}/fork"' in page
    assert f'action="/messages/{question}/edits"' in (await me.pages.get(f"/messages/{question}/edit")).text
    edited = await me.pages.post(f"/messages/{question}/edits", data={"text": "plainer"})
    assert edited.headers["location"] == f"/chat/{session}"
    assert await texts_of(me, session) == ["plainer"]
    chosen = await me.pages.post(f"/messages/{question}/choice", data={})
    assert chosen.headers["location"] == f"/chat/{session}#m{question}"
    rated = await me.pages.post(f"/messages/{answer}/rating", data={"value": "1"})
    assert rated.status_code == 303
    gone = await me.pages.post(f"/messages/{answer}/deletion", data={})
    assert gone.status_code == 303
    assert [each["content"] for each in await path_of(me, session)] == ["plain"]


async def test_the_oldest_versions_make_room_as_decided(world: World) -> None:
    await world.admin.api.put("/api/settings/system", json={"chat.versions": 2})
    me = world.member
    session = await chat(me, "Why?")
    for _again in range(3):
        answer = (await path_of(me, session))[1]["id"]
        assert (await post(me, f"/messages/{answer}/regenerations")).status_code == 200
    assert len((await path_of(me, session))[1]["siblings"]) == 2
