"""The tree of messages on both engines: what is chosen, copied, taken away, and makes room."""

from __future__ import annotations

import asyncio
import re

import pytest

from parley.lib.db import Script
from parley.settings import service as settings
from tests.integration.chat.branching import HTMX, chat, path_of, post, texts_of
from tests.integration.chat.conftest import ask
from tests.world import World

pytestmark = pytest.mark.usefixtures("worker")


async def test_a_fork_has_the_turns_up_to_there_and_a_link_back(world: World) -> None:
    me = world.member
    session = await chat(me, "one", "two")
    answer = (await path_of(me, session))[1]["id"]
    forked = await me.pages.post(f"/messages/{answer}/fork", data={})
    assert forked.status_code == 303
    copy = int(forked.headers["location"].rsplit("/", 1)[1])
    messages = await path_of(me, copy)
    assert [each["content"] for each in messages] == ["one", "Hello."]
    assert messages[1]["usage"] is None
    page = (await me.pages.get(f"/chat/{copy}")).text
    assert f'href="/chat/{session}?at={answer}"' in page
    await ask(me, "further", session=copy, cid="q0")
    assert await texts_of(me, session) == ["one", "two"]
    await me.pages.delete(f"/chat/{session}")
    assert 'class="origin"' not in (await me.pages.get(f"/chat/{copy}")).text


def with_files(owner: int, messages: list[int]) -> Script[None]:
    """Two files for each message; those of the nth are 10n + 1 and 10n + 2."""
    for n, message in enumerate(messages):
        for place in (1, 2):
            yield (
                "INSERT INTO stored_file (id, owner, sha256, mime, size, created_at)"
                " VALUES (?, ?, 'x', 'image/png', 1, 1)",
                (n * 10 + place, owner),
            )
            yield (
                "INSERT INTO message_file (message, file, position) VALUES (?, ?, ?)",
                (message, n * 10 + place, place),
            )


def expire(file: int) -> Script[None]:
    """As retention does, see files/scripts.py."""
    yield "UPDATE stored_file SET sha256 = '' WHERE id = ?", (file,)


async def test_each_message_of_a_fork_has_its_own_files(world: World) -> None:
    me, db = world.member, world.resources.db
    session = await chat(me, "one", "two")
    ids = [each["id"] for each in await path_of(me, session)]
    await db.write(with_files, me.id, ids)
    forked = await me.pages.post(f"/messages/{ids[2]}/fork", data={})
    rows = await db.fetch(
        "SELECT f.file FROM message m JOIN message_file f ON f.message = m.id WHERE m.conversation = ?"
        " ORDER BY m.id, f.position",
        int(forked.headers["location"].rsplit("/", 1)[1]),
    )
    assert [row["file"] for row in rows] == [1, 2, 11, 12, 21, 22]


async def test_a_question_is_edited_without_what_was_removed_from_it(world: World) -> None:
    me, db = world.member, world.resources.db
    session = await chat(me, "one")
    question, answer = (each["id"] for each in await path_of(me, session))
    await db.write(with_files, me.id, [question, answer])
    await db.write(expire, 1)
    edited = await post(me, f"/messages/{question}/edits", text="other", client_message_id="e1")
    assert edited.status_code == 200
    newest = (await path_of(me, session))[0]["id"]
    assert await db.fetch("SELECT file FROM message_file WHERE message = ?", newest) == [{"file": 2}]


async def test_deleting_one_version_follows_the_one_beside_it(world: World) -> None:
    me = world.member
    session = await chat(me, "one", "two")
    first = (await path_of(me, session))[0]["id"]
    await post(me, f"/messages/{first}/edits", text="other", client_message_id="e1")
    assert await texts_of(me, session) == ["other"]
    shown = await post(me, f"/messages/{first + 4}/deletion")
    assert re.findall(r'class="say"[^>]*>([^<]+)', shown.text) == ["one", "two"]
    assert await texts_of(me, session) == ["one", "two"]
    await post(me, f"/messages/{first}/deletion")
    assert await path_of(me, session) == []
    assert (await ask(me, "anew", session=session, cid="q7"))["status"] == 200


async def test_what_nobody_would_miss_makes_room_for_one_more(world: World) -> None:
    me = world.member
    await settings.change(world.resources, {"chat.versions": "3"})
    session = await chat(me, "Why?")
    first = (await path_of(me, session))[1]["id"]
    await me.pages.put(f"/messages/{first}/rating", data={"value": "1"}, headers=HTMX)
    made = [first]
    for _ in range(3):
        await post(me, f"/messages/{made[-1]}/regenerations")
        made.append((await path_of(me, session))[1]["id"])
    # Of 1 (rated), 2, 3 (chosen then) the second made room for the fourth.
    assert (await path_of(me, session))[1]["siblings"] == [made[0], made[2], made[3]]


async def test_an_edit_sent_twice_at_once_makes_one_version(world: World) -> None:
    me = world.member
    session = await chat(me, "one")
    first = (await path_of(me, session))[0]["id"]
    edit = {"text": "other", "client_message_id": "e1"}
    answers = await asyncio.gather(*(post(me, f"/messages/{first}/edits", **edit) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len((await path_of(me, session))[0]["siblings"]) == 2
    other = await post(me, f"/messages/{first}/edits", text="third", client_message_id="e1")
    assert other.status_code == 409


@pytest.mark.one_engine
async def test_a_longer_chat_takes_no_more_statements(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    me = world.member
    session = await chat(me, "one")
    counts = []
    fetch = world.resources.db.fetch
    for more in (0, 4):
        for n in range(more):
            await ask(me, "more", session=session, cid=f"m{n}")
            answer = (await path_of(me, session))[-1]["id"]
            await post(me, f"/messages/{answer}/regenerations")
            await path_of(me, session)
        asked: list[str] = []

        async def counted(sql: str, *values: object, asked: list[str] = asked) -> object:
            asked.append(sql)
            return await fetch(sql, *values)

        with monkeypatch.context() as patch:
            patch.setattr(type(world.resources.db), "fetch", lambda _self, *args: counted(*args))
            assert (await me.pages.get(f"/chat/{session}")).status_code == 200
        counts.append(sum("message" in sql for sql in asked))
    assert counts[0] == counts[1]
