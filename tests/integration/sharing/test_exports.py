"""Taking conversations along: as files, as archives, all of them."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from urllib.parse import unquote

import pytest

from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.lib.db import Many, Script
from parley.sharing import document, exports
from tests.integration.sharing.conftest import Chat
from tests.world import World

pytestmark = pytest.mark.one_engine

FORMATS = ("md", "txt", "json", "html", "zip")


async def test_texts_hold_every_turn_of_the_branch_and_no_other(world: World, chat: Chat) -> None:
    for ending in ("md", "txt", "html"):
        answer = await world.member.pages.get(f"/chat/{chat.id}/export.{ending}")
        assert answer.headers["content-type"].endswith("charset=utf-8")
        text = answer.content.decode("utf-8")
        for part in ("第一个问题", "世界", "And further?", "The last answer", "GPT Name"):
            assert part in text
        assert "rejected" not in text
        assert "system prompt" not in text
    named = answer.headers["content-disposition"]
    assert named.startswith('attachment; filename="')
    assert unquote(named.rpartition("UTF-8''")[2]) == "会话 “标题” script alert(1) script.html"
    api = await world.member.api.get(f"/api/sessions/{chat.id}/export?format=md")
    assert api.headers["content-type"].startswith("text/markdown")
    assert (await world.member.api.get(f"/api/sessions/{chat.id}/export?format=x")).status_code == 400


async def test_a_web_page_needs_nothing_else(world: World, chat: Chat) -> None:
    html = (await world.member.pages.get(f"/chat/{chat.id}/export.html")).text
    assert "@media print" in html
    assert "<script" not in html
    assert "<link" not in html
    assert """<meta http-equiv="Content-Security-Policy" content="default-src 'none'""" in html
    assert "/static/" not in html
    assert 'src="data:image/png;base64,iVBOR' in html
    assert "parley-" not in html.replace("parley-chats", "")  # no place of a picture was left open
    assert "&lt;script&gt;alert(1)" in html
    paper = (await world.member.pages.get(f"/chat/{chat.id}/print")).text
    assert f"/files/{chat.file}" in paper
    assert "data-print" in paper


async def test_an_archive_holds_chats_files_and_a_manifest_last(world: World, chat: Chat) -> None:
    one = await world.member.pages.get(f"/chat/{chat.id}/export.zip")
    some = await world.member.pages.post("/exports", data={"ids": [str(chat.id), str(chat.id)]})
    for answer in (one, some):
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            assert names[-1] == "manifest.json"
            assert f"files/{chat.sha256}" in names
            assert archive.read(f"files/{chat.sha256}") == chat.bytes
            read = document.decode(archive.read(f"conversations/{chat.id}.json"))
            assert read.messages[0].files[0].path == f"files/{chat.sha256}"
            manifest = document.decode_manifest(archive.read("manifest.json"))
            assert (manifest.conversations, manifest.messages, manifest.files) == (1, 5, 1)
            page = archive.read(f"markdown/会话 “标题” script alert(1) script {chat.id}.md").decode()
            assert f"](../files/{chat.sha256})" in page


async def test_nobody_takes_what_is_another_persons(world: World, chat: Chat) -> None:
    addresses = [f"/chat/{chat.id}/export.{ending}" for ending in FORMATS]
    for address in [*addresses, f"/chat/{chat.id}/print"]:
        for other in (world.outsider, world.admin):
            assert (await other.pages.get(address)).status_code == 404
        assert (await world.visitor.pages.get(address)).status_code == 303
    for ids in ([str(chat.id)], ["999"]):
        assert (await world.outsider.pages.post("/exports", data={"ids": ids})).status_code == 404
    for ids in ([], ["x"], [str(n) for n in range(1, 600)]):
        assert (await world.member.pages.post("/exports", data={"ids": ids})).status_code == 400
    theirs = await world.outsider.pages.get("/account/data/archive.zip")
    assert "第一个问题".encode() not in theirs.content


async def test_everything_is_there_but_no_secret(world: World, chat: Chat) -> None:
    assert (await world.member.pages.get("/account/data")).status_code == 200
    await world.resources.db.write(_more, world.member.id)
    answer = await world.member.pages.get("/account/data/archive.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        account = json.loads(archive.read("account.json"))
        manifest = document.decode_manifest(archive.read("manifest.json"))
        everything = b"".join(archive.read(name) for name in names)
    assert account["username"] == "member"
    assert account["folders"] == ["Shelf"]
    assert [each["command"] for each in account["prompts"]] == ["tidy"]
    assert manifest.missing == ["f" * 64]
    assert manifest.conversations == 2  # the archived one too; not the deleted, not the temporary one
    assert f"files/{chat.sha256}" in names
    assert b"argon2" not in everything
    assert b"hidden words" not in everything


def _more(owner: int) -> Script[None]:
    for title, archived, deleted, temporary in (
        ("archived", 1, None, False),
        ("hidden words", None, 1, False),
        ("hidden words", None, None, True),
    ):
        yield (
            "INSERT INTO conversation (owner, title, archived_at, deleted_at, temporary, created_at,"
            " updated_at) VALUES (?, ?, ?, ?, ?, 1, 1)",
            (owner, title, archived, deleted, temporary),
        )
    yield ("INSERT INTO folder (owner, name, created_at) VALUES (?, 'Shelf', 1)", (owner,))
    yield (
        "INSERT INTO prompt (owner, command, title, body, created_at, updated_at)"
        " VALUES (?, 'tidy', 'Tidy', 'Tidy this', 1, 1)",
        (owner,),
    )
    yield (
        "INSERT INTO stored_file (owner, sha256, mime, size, created_at) VALUES (?, ?, 'image/png', 5, 1)",
        (owner, "f" * 64),
    )


def _many(owner: int, chats: int, text: str) -> Script[None]:
    now = now_ms()
    yield Many(
        "INSERT INTO conversation (id, owner, title, created_at, updated_at) VALUES (?, ?, 'many', ?, ?)",
        [(n, owner, now, now) for n in range(1, chats + 1)],
    )
    for _round in range(10):
        yield Many(
            "INSERT INTO message (conversation, role, text, created_at) VALUES (?, 'user', ?, ?)",
            [(n, text, now) for n in range(1, chats + 1)],
        )


async def test_memory_does_not_grow_with_the_account(world: World) -> None:
    actor = world.member.actor
    assert isinstance(actor, Actor)
    await world.resources.db.write(_many, actor.id, 200, "长" * 7_000)  # 200 chats, 42 MB as JSON
    largest = sent = 0
    tracemalloc.start()
    try:
        async for piece in exports.everything(world.resources, actor):
            largest, sent = max(largest, len(piece)), sent + len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert largest < 2_000_000
    assert peak < 6_000_000
    assert sent > 20_000
