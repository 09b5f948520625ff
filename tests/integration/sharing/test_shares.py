"""Pages for whoever has the address, and who may make them."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.lib.ratelimit import Pace
from parley.sharing import queries
from tests.integration.sharing.conftest import Chat
from tests.world import Person, World

pytestmark = pytest.mark.one_engine


async def shared(person: Person, chat: Chat, **wishes: Any) -> dict[str, Any]:
    """A link made through the API; its JSON with the path of its address."""
    answer = await person.api.post("/api/shares", json={"sessionId": str(chat.id), **wishes})
    assert answer.status_code == 201, answer.text
    share: dict[str, Any] = answer.json()["data"]["share"]
    return {**share, "path": "/s/" + share["url"].rsplit("/", 1)[1]}


async def look(world: World, share: dict[str, Any], more: str = "") -> httpx.Response:
    """Ask for the page as a visitor."""
    return await world.visitor.pages.get(share["path"] + more)


def statement(sql: str, *values: Any) -> Script[None]:
    yield (sql, values)


async def test_a_page_shows_the_chosen_path_to_visitors_and_nothing_else(world: World, chat: Chat) -> None:
    share = await shared(world.member, chat)
    answer = await look(world, share)
    assert answer.status_code == 200
    for text in ("第一个问题 &lt;b&gt;bold", "<strong>世界</strong>", "And further?", "GPT Name"):
        assert text in answer.text
    secrets = ("rejected", "system prompt", "private", "图", "member", "<script>alert", "7:gpt", "/files/")
    assert [text for text in secrets if text in answer.text] == []
    assert "onerror=alert(1)&gt;" in answer.text  # as words
    assert "javascript:" not in answer.text.replace("[x](javascript:", "")
    assert answer.headers["x-robots-tag"].startswith("noindex")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "private, no-store"
    assert 'name="robots" content="noindex' in answer.text
    assert "set-cookie" not in answer.headers
    assert "_csrf" not in answer.text


async def test_the_words_alone_come_in_utf_8(world: World, chat: Chat) -> None:
    share = await shared(world.member, chat)
    for ending, mark in ((".md", "## "), (".txt", "----")):
        answer = await look(world, share, ending)
        assert answer.status_code == 200
        assert answer.headers["content-type"].endswith("charset=utf-8")
        assert "第一个问题" in answer.content.decode("utf-8")
        assert mark in answer.text
        assert "rejected" not in answer.text
        assert answer.headers["x-robots-tag"].startswith("noindex")
    assert (await look(world, share, ".pdf")).status_code == 404


async def test_only_the_ticked_messages_are_shown(world: World, chat: Chat) -> None:
    share = await shared(world.member, chat, messageIds=[chat.further, str(chat.last), chat.rejected])
    page = (await look(world, share)).text
    assert "And further?" in page
    assert "第一个问题" not in page
    assert "rejected" not in page  # it is on another branch


async def test_files_and_reasoning_are_shown_only_when_ticked(world: World, chat: Chat) -> None:
    bare = await shared(world.member, chat)
    full = await shared(world.member, chat, files=True, reasoning=True, models=False)
    page = (await look(world, full)).text
    assert f'{full["path"]}/files/{chat.file}"' in page
    assert "thought <em>in private</em>" in page
    assert "GPT Name" not in page
    got = await look(world, full, f"/files/{chat.file}")
    assert (got.status_code, got.content) == (200, chat.bytes)
    assert got.headers["content-type"] == "image/png"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["cache-control"] == "private, no-store"
    assert (await look(world, bare, f"/files/{chat.file}")).status_code == 404
    assert (await look(world, full, "/files/999999")).status_code == 404


async def test_unknown_expired_revoked_and_deleted_look_the_same(world: World, chat: Chat) -> None:
    revoked, expired = [await shared(world.member, chat) for _ in range(2)]
    db = world.resources.db
    await db.write(statement, "UPDATE share SET expires_at = ? WHERE id = ?", now_ms() - 1, expired["id"])
    assert (await look(world, revoked)).status_code == 200
    done = await world.member.api.delete(f"/api/shares/{revoked['id']}")
    assert done.status_code == 200
    unknown = {"path": "/s/" + "A" * 43}
    answers = [
        await look(world, each, more)
        for each in (unknown, revoked, expired, {"path": "/s/short"})
        for more in ("", ".md", f"/files/{chat.file}")
    ]
    assert {answer.status_code for answer in answers} == {404}
    bodies = {answer.text.replace(answer.url.path, "") for answer in answers}
    assert len({body[body.index("<main") :] for body in bodies}) == 1
    stored = await db.fetch("SELECT content FROM share WHERE id = ?", revoked["id"])
    assert stored == [{"content": ""}]  # what was taken back is not kept


async def test_a_deleted_chat_takes_its_pages_along_and_brings_them_back(world: World, chat: Chat) -> None:
    share = await shared(world.member, chat)
    await world.member.api.delete(f"/api/sessions/{chat.id}")
    assert (await look(world, share)).status_code == 404
    await world.member.pages.post(f"/chat/{chat.id}/restoration")
    assert (await look(world, share)).status_code == 200
    await world.resources.db.write(
        statement, "UPDATE user_account SET status = 'disabled' WHERE id = ?", world.member.id
    )
    assert (await look(world, share)).status_code == 404


async def test_a_frozen_page_stays_and_a_live_one_follows_the_path(world: World, chat: Chat) -> None:
    db = world.resources.db
    frozen = await shared(world.member, chat)
    live = await shared(world.member, chat, live=True, files=True)
    assert "第一个问题" in (await look(world, live)).text
    await db.write(statement, "UPDATE message SET text = 'edited' WHERE id = ?", chat.last)
    assert "edited" in (await look(world, live)).text
    assert "edited" not in (await look(world, frozen)).text

    await db.write(statement, "UPDATE conversation SET leaf = ? WHERE id = ?", chat.rejected, chat.id)
    page = (await look(world, live)).text
    assert "the rejected version" in page
    assert "世界" not in page

    assert (await look(world, live, f"/files/{chat.file}")).status_code == 200
    await db.write(statement, "UPDATE message SET deleted_at = 1 WHERE conversation = ?", chat.id)
    bare = await look(world, live)
    assert bare.status_code == 200
    assert [text for text in ("第一个问题", "rejected", "edited") if text in bare.text] == []
    assert (await look(world, live, f"/files/{chat.file}")).status_code == 404
    assert "第一个问题" in (await look(world, frozen)).text


async def test_an_answer_under_way_is_not_shown_half(world: World, chat: Chat) -> None:
    live = await shared(world.member, chat, live=True)
    await world.resources.db.write(
        statement,
        "INSERT INTO generation (owner, conversation, message, model, status, created_at)"
        " VALUES (?, ?, ?, 'demo', 'running', 1)",
        world.member.id,
        chat.id,
        chat.last,
    )
    page = (await look(world, live)).text
    assert "And further?" in page
    assert "The last answer" not in page


async def test_views_are_counted_without_the_owners(world: World, chat: Chat) -> None:
    share = await shared(world.member, chat)
    await world.member.pages.get(share["path"])
    for person in (world.visitor, world.outsider):
        await person.pages.get(share["path"])
    await world.visitor.pages.get(share["path"], headers={"Sec-Purpose": "prefetch"})
    await look(world, share, ".md")
    listed = (await world.member.api.get("/api/shares")).json()["data"]["shares"]
    assert [(each["views"], bool(each["viewedAt"])) for each in listed] == [(2, True)]


async def test_only_its_owner_can_share_list_and_revoke(world: World, chat: Chat) -> None:
    share = await shared(world.member, chat)
    for other in (world.outsider, world.admin):
        made = await other.api.post("/api/shares", json={"sessionId": chat.id})
        form = await other.pages.post(f"/chat/{chat.id}/share", data={"scope": "all"})
        page = await other.pages.get(f"/chat/{chat.id}/share")
        taken = await other.api.delete(f"/api/shares/{share['id']}")
        back = await other.pages.post(f"/account/shares/{share['id']}/revocation")
        assert {each.status_code for each in (made, form, page, taken, back)} == {404}
        assert (await other.api.get("/api/shares")).json()["data"]["shares"] == []
        assert "第一" not in (await other.pages.get("/account/shares")).text
    assert (await look(world, share)).status_code == 200
    assert (await world.member.api.post("/api/shares", json={"sessionId": 999})).status_code == 404


async def test_what_cannot_be_shared_is_refused(world: World, chat: Chat) -> None:
    wishes: list[dict[str, Any]] = [
        {"expiresInDays": 3},
        {"live": True, "messageIds": [1]},
        {"messageIds": []},
        {"messageIds": [999]},
        {"messageIds": ["x"]},
    ]
    for wish in wishes:
        answer = await world.member.api.post("/api/shares", json={"sessionId": chat.id, **wish})
        assert answer.status_code == 400, wish
    assert await world.resources.db.fetch("SELECT id FROM share") == []


async def test_a_temporary_chat_cannot_be_shared(world: World, chat: Chat) -> None:
    db = world.resources.db
    share = await shared(world.member, chat)
    await db.write(statement, "UPDATE conversation SET temporary = TRUE WHERE id = ?", chat.id)
    answer = await world.member.api.post("/api/shares", json={"sessionId": chat.id})
    assert answer.status_code == 400
    assert "temporary" in answer.json()["error"]
    assert (await look(world, share)).status_code == 404


async def test_the_dialog_works_with_and_without_javascript(world: World, chat: Chat) -> None:
    address, part = f"/chat/{chat.id}/share", {"HX-Request": "true", "HX-Request-Type": "partial"}
    whole = (await world.member.pages.get(f"/messages/{chat.last}/share")).text
    assert "<html" in whole
    assert whole.count(" checked>") == 4  # the scope, the turn's two messages, the models
    fragment = (await world.member.pages.get(address, headers=part)).text
    assert "<html" not in fragment
    form = {"scope": "some", "share_title": "My <title>", "share_days": "0", "messages": [str(chat.further)]}
    made = await world.member.pages.post(address, data=form, headers=part)
    assert made.status_code == 200
    assert "/s/" in made.text
    plain = await world.member.pages.post(address, data={**form, "_csrf": world.member.csrf})
    assert plain.status_code == 303
    listed = (await world.member.pages.get(plain.headers["location"])).text
    assert listed.count("My &lt;title&gt;") >= 2
    assert await world.resources.db.fetch("SELECT DISTINCT expires_at, title FROM share") == [
        {"expires_at": None, "title": "My <title>"}
    ]


async def test_the_list_is_paged_and_long_pages_are_cut(
    world: World, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    shares = [await shared(world.member, chat, title=f"Share {n}") for n in range(3)]
    first = (await world.member.pages.get("/account/shares")).text
    assert "Share 2" in first
    assert "Share 0" not in first
    rest = (await world.member.pages.get(f"/account/shares?before={shares[1]['id']}")).text
    assert "Share 0" in rest
    assert "Share 1" not in rest
    assert (await look(world, shares[0], "?page=2")).status_code == 404


async def test_who_leafs_faster_than_people_read_has_to_wait(world: World, chat: Chat) -> None:
    share = await shared(world.member, chat)
    world.resources.strangers = Pace(burst=2, interval_ms=60_000)
    answers = [await look(world, share) for _n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 45 <= int(answers[2].headers["retry-after"]) <= 60
