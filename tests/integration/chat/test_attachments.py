"""Pictures of questions through the API and the pages: kept with the message, sent to the model."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from parley.chat import attachments, scripts
from parley.files import scripts as file_scripts
from parley.files import service as files
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.lib.errors import NotFound
from parley.providers.base import Finished, ImageOutput, TextDelta
from tests.integration.chat.conftest import ScriptedProvider, ask, events_of
from tests.unit.files.drawings import picture, size_of
from tests.world import Person, World

JSON = {"content-type": "application/json"}


async def upload(person: Person, size: int = 20) -> int:
    answer = await person.api.post("/api/files", files={"file": ("a.png", picture(size=(size, size)))})
    return int(answer.json()["data"]["file"]["id"])


async def send(person: Person, session: int, text: str, *, cid: str = "c1", **more: Any) -> Any:
    """The events of the answer, or the refusal."""
    body = {"sessionId": session, "content": text, "clientMessageId": cid, **more}
    async with person.api.stream("POST", "/api/chat/stream", json=body) as response:
        if response.status_code != 200:
            await response.aread()
            return {"status": response.status_code, **response.json()}
        return [event async for event in events_of(response)]


async def new_session(person: Person) -> int:
    return int((await person.api.post("/api/sessions", json={})).json()["data"]["session"]["id"])


@pytest.mark.usefixtures("worker")
async def test_pictures_go_with_their_question_in_order_and_are_remembered(
    world: World, provider: ScriptedProvider
) -> None:
    session = await new_session(world.member)
    ids = [await upload(world.member, size) for size in (31, 32)]
    inline = base64.b64encode(picture("JPEG", (33, 33))).decode()
    await send(world.member, session, "look", files=ids, images=[{"data": inline, "mime": "image/png"}])
    first = provider.prompts[-1].turns[-1]
    assert first.text == "look"
    assert [size_of(image.data)[0] for image in first.images] == [31, 32, 33]
    assert [image.mime for image in first.images] == ["image/png", "image/png", "image/jpeg"]
    await send(world.member, session, "and now?", cid="c2")
    assert len(provider.prompts[-1].turns[0].images) == 3
    assert provider.prompts[-1].turns[-1].images == ()
    listed = (await world.member.api.get(f"/api/sessions/{session}/messages")).json()["data"]["messages"]
    assert [each["width"] for each in listed[0]["files"]] == [31, 32, 33]
    assert [each["id"] for each in listed[0]["files"]][:2] == ids
    assert listed[1]["files"] == []


@pytest.mark.usefixtures("worker")
async def test_a_picture_needs_no_words(world: World, provider: ScriptedProvider) -> None:
    session = await new_session(world.member)
    events = await send(world.member, session, "", images=[{"data": data_address(picture())}])
    assert events[-1]["type"] == "complete"
    assert len(provider.prompts[-1].turns[-1].images) == 1
    listed = (await world.member.api.get("/api/sessions")).json()["data"]["sessions"]
    assert listed[0]["title"] == "Picture"
    page = await world.member.pages.get(f"/chat/{session}")
    assert "?size=thumb" in page.text


@pytest.mark.usefixtures("worker")
async def test_the_same_send_again_is_the_same_message_and_another_picture_is_not(
    world: World, provider: ScriptedProvider
) -> None:
    session = await new_session(world.member)
    same = [{"data": data_address(picture())}]
    first = await send(world.member, session, "look", images=same)
    again = await send(world.member, session, "look", images=same)
    assert first[0]["messageId"] == again[0]["messageId"]
    assert len(provider.prompts) == 1
    other = await send(world.member, session, "look", images=[{"data": data_address(picture(size=(9, 9)))}])
    assert (other["status"], other["code"]) == (409, "reused_id")
    none = await send(world.member, session, "look")
    assert (none["status"], none["code"]) == (409, "reused_id")


async def test_nobody_attaches_what_is_not_theirs(world: World) -> None:
    theirs = await upload(world.member)
    session = await new_session(world.outsider)
    nowhere = await send(world.outsider, session, "mine?", files=[999_999])
    for files_sent in ([theirs], [theirs, 999_999], [-1]):
        refused = await send(world.outsider, session, "mine?", files=files_sent)
        assert refused == nowhere
        assert (refused["status"], refused["code"]) == (404, "no_file")
    form = {"text": "mine?", "client_message_id": "c9", "files": str(theirs)}
    assert (await world.outsider.pages.post("/chat", data=form)).status_code == 404
    assert await world.resources.db.fetch("SELECT id FROM message") == []
    # Nor does the transaction believe a caller who did not look before.
    question = scripts.Question(
        world.outsider.id, session, "x", "c1", "", "demo", "Demo", "x", files=(theirs,)
    )
    with pytest.raises(NotFound):
        await world.resources.db.write(scripts.accept, question, now_ms())
    assert await world.resources.db.fetch("SELECT id FROM message") == []


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"files": list(range(1, 10))}, 400, "too_many_files"),
        ({"images": [{"data": "aGVsbG8="}]}, 400, "not_an_image"),
        ({"images": [{"data": "not base64!"}]}, 400, "not_an_image"),
        ({"files": ["x"]}, 400, "invalid"),
        ({"images": [{"data": "A" * 25_000_000}]}, 413, "too_large"),
    ],
)
async def test_what_cannot_be_attached_is_refused_in_words(
    world: World, more: dict[str, Any], status: int, code: str
) -> None:
    refused = await send(world.member, await new_session(world.member), "look", **more)
    assert (refused["status"], refused["code"]) == (status, code)
    assert refused["error"]
    assert await world.resources.db.fetch("SELECT id FROM message") == []


async def test_a_large_request_of_nobody_is_not_even_read(world: World) -> None:
    body = {"sessionId": 1, "content": "x", "clientMessageId": "c1", "images": [{"data": "A" * 20_000_000}]}
    assert (await world.visitor.api.post("/api/chat/stream", json=body)).status_code == 401
    assert (await world.visitor.api.post("/api/chat/stream", content=b"{", headers=JSON)).status_code == 401


@pytest.mark.parametrize("field", ["2", ["1", "2"], "1, 2", ""])
async def test_a_form_names_files_in_one_field_or_in_several(world: World, field: Any) -> None:
    ids = [await upload(world.member), await upload(world.member)]
    assert ids == [1, 2]
    form = {"text": "look", "client_message_id": "c1", "files": field}
    sent = await world.member.pages.post("/chat", data=form)
    assert sent.status_code == 303
    rows = await world.resources.db.fetch("SELECT file FROM message_file ORDER BY position")
    wanted = {"2": [2], "": []}.get(field if isinstance(field, str) else "", [1, 2])
    assert [row["file"] for row in rows] == (wanted if field in ("2", "") else [1, 2])


async def test_a_picture_that_is_being_sent_is_not_swept_away(world: World) -> None:
    """A sweep and a send at once: either the message has its picture, or it is refused as a whole."""
    for turn in range(8):
        file = await upload(world.member)
        await world.resources.db.write(_age, file)
        question = scripts.Question(
            world.member.id, None, "x", f"c{turn}", "", "demo", "Demo", "x", files=(file,)
        )
        sent, _ = await asyncio.gather(
            world.resources.db.write(scripts.accept, question, now_ms()),
            world.resources.db.write(file_scripts.forget_loose, now_ms()),
            return_exceptions=True,
        )
        held = await world.resources.db.fetch("SELECT file FROM message_file WHERE file = ?", file)
        there = await world.resources.db.fetch("SELECT id FROM stored_file WHERE id = ?", file)
        if isinstance(sent, NotFound):
            assert (held, there) == ([], [])
        else:
            assert not isinstance(sent, BaseException), sent
            assert (len(held), len(there)) == (1, 1)


@pytest.mark.usefixtures("worker")
async def test_a_picture_a_model_makes_belongs_to_its_answer(
    world: World, provider: ScriptedProvider
) -> None:
    kept = await files.keep_image(world.resources, world.member.id, "image/webp", picture("WEBP"))
    assert (kept.width, kept.height, kept.mime) == (64, 48, "image/png")
    provider.facts = [TextDelta("Here: "), ImageOutput("image/png", picture()), Finished("stop")]
    asked = await ask(world.member, "draw")
    answer = asked["start"]["assistantMessageId"]
    rows = await attachments.files_of_messages(world.resources.db, [answer])
    assert [row.owner for row in rows[answer]] == [world.member.id]


async def test_a_long_chat_of_pictures_stays_within_what_a_provider_takes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MOST_IMAGES", 2)
    ids = tuple([await upload(world.member, size) for size in (11, 12, 13)])
    question = scripts.Question(world.member.id, None, "x", "c1", "", "demo", "Demo", "x", files=ids)
    accepted = await world.resources.db.write(scripts.accept, question, now_ms())
    path = await attachments_path(world, accepted.question)
    sent = (await attachments.pictures_for(world.resources, path))[accepted.question]
    assert [each.image is not None for each in sent] == [True, True, False]
    assert sent[2].description == attachments.NOT_SENT


async def attachments_path(world: World, message: int) -> Any:
    from parley.chat.queries import path_to

    return await path_to(world.resources.db, message, limit=1)


def data_address(data: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _age(file: int) -> Script[None]:
    yield "UPDATE stored_file SET created_at = 1 WHERE id = ?", (file,)
