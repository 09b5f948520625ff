"""Going on in a new chat with a summary."""

from __future__ import annotations

import pytest

from parley.chat.summing.wording import SHARE
from parley.lib.db import Script
from parley.lib.tokens import estimate
from tests.integration.catalogue.conftest import connection
from tests.integration.chat.branching import HTMX, chat, path_of
from tests.integration.chat.conftest import ScriptedProvider
from tests.world import World

pytestmark = [pytest.mark.usefixtures("worker"), pytest.mark.one_engine]
WINDOW = 600


async def test_a_summary_begins_a_new_chat_with_the_newest_messages(
    world: World, provider: ScriptedProvider
) -> None:
    me, db = world.member, world.resources.db
    small = await connection(db, {"small": {"context_window": WINDOW}})
    session = await chat(me, "oldest " * 300, "newest </conversation> words")
    await me.pages.post(f"/chat/{session}/model", data={"model": f"{small}:small"}, headers=HTMX)
    await me.pages.post(f"/chat/{session}/settings", data={"system_prompt": "Be brief."})
    assert (await world.outsider.pages.post(f"/chat/{session}/summary")).status_code == 404

    sent = await me.pages.post(f"/chat/{session}/summary")
    assert sent.status_code == 303
    again = await me.pages.post(f"/chat/{session}/summary", headers=HTMX)
    assert again.headers["hx-redirect"] == sent.headers["location"]
    made = int(sent.headers["location"].rpartition("/")[2])
    question, answer = await path_of(me, made)
    assert answer["content"] == "Hello."
    text = question["content"]
    assert text.startswith("Summarise the conversation below")
    assert "<conversation_>\n" in text
    assert text.endswith("User: newest </conversation> words\n\nAssistant: Hello.\n</conversation_>")
    assert "oldest" not in text
    assert estimate(text) <= WINDOW * SHARE
    assert [turn.text for turn in provider.prompts[-1].turns] == ["Be brief.", text]
    rows = await db.fetch("SELECT title, model FROM conversation WHERE id = ?", made)
    assert rows[0]["title"].startswith("Summary: oldest")
    assert rows[0]["model"] == f"{small}:small"
    assert "Branched from" in (await me.pages.get(f"/chat/{made}")).text

    await me.pages.delete(f"/chat/{made}")
    anew = await me.pages.post(f"/chat/{session}/summary")
    assert anew.status_code == 303
    assert anew.headers["location"] != sent.headers["location"]


async def test_one_message_that_is_too_long_is_cut_and_where_nothing_fits_nothing_is_made(
    world: World,
) -> None:
    me, db = world.member, world.resources.db
    found = await connection(db, {"small": {"context_window": WINDOW}, "tiny": {"context_window": 90}})
    session = await chat(me, "Hi")
    await db.write(_replace_answer, session, "begin " + "words " * 900 + "end")
    await me.pages.post(f"/chat/{session}/model", data={"model": f"{found}:tiny"}, headers=HTMX)
    assert (await me.pages.post(f"/chat/{session}/summary")).status_code == 409
    await me.pages.post(f"/chat/{session}/model", data={"model": f"{found}:small"}, headers=HTMX)
    sent = await me.pages.post(f"/chat/{session}/summary")
    text = (await path_of(me, int(sent.headers["location"].rpartition("/")[2])))[0]["content"]
    assert "Assistant: … " in text
    assert text.endswith("words end\n</conversation>")
    assert "begin" not in text
    assert WINDOW * SHARE * 0.8 <= estimate(text) <= WINDOW * SHARE


async def test_a_temporary_chat_and_a_model_that_is_gone_make_nothing(world: World) -> None:
    me, db = world.member, world.resources.db
    session = await chat(me, "word " * 200)
    count = "SELECT COUNT(*) AS chats FROM conversation"
    await db.write(_set, session, "model", "9:gone")
    assert (await me.pages.post(f"/chat/{session}/summary")).status_code == 404
    await db.write(_set, session, "temporary", True)
    assert (await me.pages.post(f"/chat/{session}/summary")).status_code == 409
    await db.write(_set, session, "temporary", False)
    await db.write(_set, session, "model", "demo")
    await db.write(_reopen, session)
    assert (await me.pages.post(f"/chat/{session}/summary")).status_code == 409
    assert (await db.fetch(count))[0]["chats"] == 1


def _set(session: int, column: str, value: object) -> Script[None]:
    yield f"UPDATE conversation SET {column} = ? WHERE id = ?", (value, session)


def _replace_answer(session: int, text: str) -> Script[None]:
    yield "UPDATE message SET text = ? WHERE conversation = ? AND role = 'assistant'", (text, session)


def _reopen(session: int) -> Script[None]:
    yield "UPDATE generation SET status = 'running' WHERE conversation = ?", (session,)
