"""Profile pictures: set by their owner, seen by everybody signed in, nobody else's business."""

from __future__ import annotations

import re
from typing import Any

import pytest

from parley.files import scripts
from parley.lib.clock import now_ms
from tests.unit.files.drawings import picture, size_of
from tests.world import Person, World

pytestmark = pytest.mark.one_engine
OWN, ASSISTANT = "/account/avatar", "/admin/assistant"


async def put(person: Person, path: str, data: bytes) -> Any:
    return await person.pages.post(path, data={"_csrf": person.csrf}, files={"file": ("me.png", data)})


async def face_in(person: Person, path: str) -> str:
    """The address of the picture a page shows; "" for none."""
    found = re.search(r'src="(/avatars/\d+)"', (await person.pages.get(path)).text)
    return found[1] if found else ""


async def test_a_face_is_cut_square_and_seen_by_everybody_signed_in(world: World) -> None:
    answer = await put(world.member, OWN, picture(size=(900, 600)))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OWN}?saved=true")
    address = await face_in(world.member, "/chat")
    shown = await world.outsider.pages.get(address)
    assert (shown.status_code, size_of(shown.content)) == (200, (512, 512))
    assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert (await world.visitor.pages.get(address)).status_code == 303
    assert address in (await world.admin.pages.get("/admin/users")).text
    assert await face_in(world.outsider, "/chat") == ""
    await put(world.member, OWN, picture("JPEG", (40, 30)))
    other = await face_in(world.member, OWN)
    assert size_of((await world.member.pages.get(other)).content) == (30, 30)
    assert (await world.outsider.pages.get(address)).status_code == 404
    await world.member.pages.post(f"{OWN}/removal")
    assert await face_in(world.member, OWN) == ""


async def test_a_face_stays_and_only_faces_are_shown(world: World) -> None:
    await put(world.member, OWN, picture())
    address = await face_in(world.member, OWN)
    later = now_ms() + 1_000_000
    assert await world.resources.db.write(scripts.forget_loose, later) == 0
    assert await world.resources.db.write(scripts.expire, later) == 0
    assert (await world.outsider.pages.get(address)).status_code == 200
    file = (await world.member.api.post("/api/files", files={"file": ("a.png", picture())})).json()
    id = file["data"]["file"]["id"]
    for person in (world.member, world.outsider):
        assert (await person.pages.get(f"/avatars/{id}")).status_code == 404


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "This file is empty."),
        (b"GIF89a broken", "damaged or cut off"),
        (b"text", "not a picture Parley can read"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1_100_000), "at most 1 MB"),
    ],
)
async def test_what_is_no_small_picture_is_refused_in_words(world: World, data: bytes, words: str) -> None:
    answer = await put(world.member, OWN, data)
    assert answer.status_code == 400
    assert words in answer.text
    assert await world.resources.db.fetch("SELECT id FROM stored_file") == []


async def test_only_an_administrator_gives_the_assistant_a_face(world: World) -> None:
    for person in (world.member, world.outsider):
        assert (await person.pages.get(ASSISTANT)).status_code == 404
        assert (await put(person, ASSISTANT, picture())).status_code == 404
        assert (await person.pages.post(f"{ASSISTANT}/removal")).status_code == 404
    assert (await put(world.admin, ASSISTANT, picture())).status_code == 303
    address = await face_in(world.admin, ASSISTANT)
    assert (await world.member.pages.get(address)).status_code == 200
    await world.admin.pages.post(f"{ASSISTANT}/removal")
    assert await face_in(world.admin, ASSISTANT) == ""
