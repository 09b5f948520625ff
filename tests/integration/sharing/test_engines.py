"""The statements of sharing on both engines."""

from __future__ import annotations

from parley.sharing import document
from tests.integration.sharing.conftest import TITLE, Chat
from tests.integration.sharing.test_shares import look, shared
from tests.world import World


async def test_json_is_complete_and_read_again(world: World, chat: Chat) -> None:
    answer = await world.member.pages.get(f"/chat/{chat.id}/export.json")
    assert answer.status_code == 200
    read = document.decode(answer.content)
    assert read.title == TITLE
    assert read.system_prompt == "the secret system prompt"  # one's own export, not a shared page
    assert [each.text.split()[0] for each in read.messages] == [
        "第一个问题", "the", "你好，**世界**。", "And", "The"
    ]  # fmt: skip
    assert [each.parent for each in read.messages][:3] == [None, str(chat.question), str(chat.question)]
    assert read.messages[0].chosen == str(chat.answer)
    assert read.leaf == str(chat.last)
    assert [each.id for each in document.path(read)] == [
        str(id) for id in (chat.question, chat.answer, chat.further, chat.last)
    ]
    rating = read.messages[2].rating
    assert rating is not None
    assert (rating.value, rating.comment) == (-1, "my private comment")
    file = read.messages[0].files[0]
    assert (file.sha256, file.name, file.path) == (chat.sha256, "图 <x>.png", "")
    same = await world.member.api.get(f"/api/sessions/{chat.id}/export")
    assert same.content == answer.content


async def test_a_share_lives_and_ends(world: World, chat: Chat) -> None:
    frozen = await shared(world.member, chat, files=True, expiresInDays=1)
    live = await shared(world.member, chat, files=True, live=True)
    for share in (frozen, live):
        assert "第一个问题" in (await look(world, share)).text
        assert (await look(world, share, f"/files/{chat.file}")).content == chat.bytes
        assert (await world.member.api.delete(f"/api/shares/{share['id']}")).status_code == 200
        assert (await look(world, share)).status_code == 404
        assert (await world.member.api.delete(f"/api/shares/{share['id']}")).status_code == 404
    assert (await world.member.pages.get("/account/data/archive.zip")).content.startswith(b"PK")
