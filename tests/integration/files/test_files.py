"""Files through HTTP, and what becomes of those nobody sends."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from parley.files import intake, pictures, scripts, service
from parley.files.content import GRACE, Content
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.lib.errors import NotFound, StorageFull, TooMany
from parley.lib.storage import Folder
from tests.unit.files.drawings import picture, png_that_says, size_of
from tests.world import Person, World


async def send(
    person: Person, data: bytes, *, name: str = "photo.png", pages: bool = False
) -> httpx.Response:
    files = {"file": (name, data, "image/png")}
    if pages:
        return await person.pages.post("/files", files=files, headers={"Accept": "application/json"})
    return await person.api.post("/api/files", files=files)


async def uploaded(person: Person, data: bytes) -> int:
    answer = await send(person, data)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["data"]["file"]["id"])


def contents(world: World) -> list[str]:
    folder = world.resources.config.data / "files"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("pages", [True, False])
async def test_a_picture_is_kept_and_given_back_to_its_owner_only(world: World, pages: bool) -> None:
    answer = await send(world.member, picture("JPEG", (800, 600)), pages=pages)
    assert answer.status_code == 201
    file = answer.json()["data"]["file"]
    assert (file["width"], file["height"], file["mime"]) == (800, 600, "image/jpeg")
    shown = await world.member.pages.get(f"/files/{file['id']}")
    assert shown.status_code == 200
    assert len(shown.content) == file["size"]
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert shown.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert shown.headers["content-disposition"].startswith("inline")
    small = await world.member.pages.get(f"/files/{file['id']}?size=thumb")
    assert size_of(small.content) == (320, 240)
    assert (await world.member.pages.get(f"/files/{file['id']}?size=thumb")).content == small.content

    json = {"Accept": "application/json"}
    nowhere = (await world.outsider.pages.get("/files/999999", headers=json)).json()
    for other in (world.outsider, world.admin):
        for address in (f"/files/{file['id']}", f"/files/{file['id']}?size=thumb"):
            refused = await other.pages.get(address, headers=json)
            assert (refused.status_code, refused.json()) == (404, nowhere)
    assert (await world.visitor.pages.get(f"/files/{file['id']}")).status_code == 303


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (b"", "empty_file", "is empty"),
        (b"<html><script>alert(1)</script></html>", "not_an_image", "PNG, JPEG, WebP or GIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "not_an_image", "PNG, JPEG"),
        (picture("PNG", (300, 300))[:-40], "damaged_image", "damaged or cut off"),
        (png_that_says(50_000, 50_000), "too_many_pixels", "50000 × 50000 pixels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(pictures.MOST_BYTES), "too_large", "at most 15 MB"),
        (b"\x89PNG\r\n\x1a\n" + bytes(26_000_000), "too_large", "at most 15 MB"),
    ],
)
async def test_a_refusal_says_why_and_keeps_nothing(world: World, data: bytes, code: str, words: str) -> None:
    answer = await send(world.member, data)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert words in answer.json()["error"]
    assert await world.resources.db.fetch("SELECT id FROM stored_file") == []
    assert contents(world) == []


async def test_an_upload_is_one_file_and_says_so_in_the_readers_language(world: World) -> None:
    for files in ([], [("file", ("a.png", picture())), ("file", ("b.png", picture()))]):
        answer = await world.member.api.post("/api/files", files=files or {"other": ("a", b"x")})
        assert answer.status_code == 400
        assert "one file at a time" in answer.json()["error"]
    not_a_file = await world.member.api.post("/api/files", json={"file": "x"})
    assert not_a_file.status_code == 400
    unsigned = await world.visitor.api.post("/api/files", files={"file": ("a.png", picture())})
    assert unsigned.status_code == 401


async def test_a_page_of_another_site_cannot_upload(world: World) -> None:
    world.member.pages.headers.pop("x-csrf-token")
    for address in ("/files", "/api/files"):
        answer = await world.member.pages.post(address, files={"file": ("a.png", picture())})
        assert answer.status_code == 403
    assert contents(world) == []


async def test_the_same_content_is_on_the_disk_once_and_goes_with_its_last_row(world: World) -> None:
    one, two = await uploaded(world.member, picture()), await uploaded(world.outsider, picture())
    assert one != two
    assert len(contents(world)) == 1
    path = next((world.resources.config.data / "files").glob("??/*"))
    assert path.parent.name == path.name[:2]
    await world.resources.db.write(_age, one)
    assert await sweep(world) == 0
    assert (await world.member.pages.get(f"/files/{one}")).status_code == 404
    assert (await world.outsider.pages.get(f"/files/{two}")).status_code == 200
    await world.resources.db.write(_age, two)
    assert await sweep(world) == 1
    assert contents(world) == []


async def test_a_file_of_a_message_and_a_young_one_stay(world: World) -> None:
    taken, young = await uploaded(world.member, picture()), await uploaded(world.member, picture("JPEG"))
    await world.resources.db.write(_age, taken)
    await world.resources.db.write(_take, taken, world.member.id)
    assert await sweep(world) == 0
    for file in (taken, young):
        assert (await world.member.pages.get(f"/files/{file}")).status_code == 200


async def test_a_sweep_between_the_bytes_and_their_row_loses_nothing(world: World) -> None:
    """Every place at which an upload can meet a sweep that has already found its content unnamed."""
    resources, content = world.resources, Content.of(world.resources.config)
    kept = pictures.fit(picture())
    sha256 = content.keep(kept.data)
    content.put_aside({sha256})
    assert content.read(sha256) == kept.data  # still there for whoever reads
    new = scripts.NewFile(world.member.id, sha256, kept.mime, len(kept.data))
    await resources.db.write(scripts.insert, new, now_ms())  # before the second look: it comes back
    assert await service.remove_unnamed(resources, content, set()) == 0
    assert content.read(sha256) == kept.data
    content.put_aside({sha256})
    content.settle({sha256}, set())  # after the second look: the upload writes it again
    with pytest.raises(NotFound):
        content.read(sha256)
    content.keep(kept.data)
    assert content.read(sha256) == kept.data


async def test_uploads_and_sweeps_at_once_leave_every_row_with_its_bytes(world: World) -> None:
    content = Content.of(world.resources.config)

    async def keep_sweeping() -> None:
        while True:
            shas = {path.name for path in folder_of(content).glob("??/*") if path.suffix == ""}
            await service.remove_unnamed(world.resources, content, shas)

    sweeping = asyncio.create_task(keep_sweeping())
    drawn = [picture(size=(n, n)) for n in range(8, 12)] * 3
    kept = await asyncio.gather(*(service.take_in(world.resources, world.member.id, d) for d in drawn))
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    images = await service.load_images(world.resources, [each.id for each in kept])
    assert [size_of(image.data)[0] for image in images] == [8, 9, 10, 11] * 3


async def test_a_write_that_was_cut_off_is_cleared_away(world: World) -> None:
    content = Content.of(world.resources.config)
    sha256 = content.keep(b"x")
    part = folder_of(content) / sha256[:2] / f"{sha256}.00000000.part"
    part.write_bytes(b"half")
    await sweep(world)
    assert contents(world) == []


async def test_nobody_fills_the_disk_with_what_they_never_send(world: World, monkeypatch: Any) -> None:
    monkeypatch.setattr(scripts, "MOST_LOOSE", 2)
    for _ in range(2):
        await uploaded(world.member, picture())
    refused = await send(world.member, picture())
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many")
    with pytest.raises(TooMany):
        await service.take_in(world.resources, world.member.id, picture())
    await uploaded(world.outsider, picture())


async def test_a_full_disk_is_said_and_stores_no_row(world: World, monkeypatch: Any) -> None:
    def full(self: Folder, name: str, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Folder, "put", full)
    with pytest.raises(StorageFull):
        await service.take_in(world.resources, world.member.id, picture())
    assert await world.resources.db.fetch("SELECT id FROM stored_file") == []


def folder_of(content: Content) -> Path:
    assert isinstance(content.storage, Folder)
    return content.storage.root


async def sweep(world: World) -> int:
    """A minute in each of the shards, an hour later."""
    content = Content.of(world.resources.config)
    for path in folder_of(content).rglob("*"):
        if path.is_file():
            os.utime(path, (now_ms() / 1000 - 2 * GRACE,) * 2)
    await world.resources.db.write(scripts.forget_loose, now_ms() - service.DAY)
    idle = {name for shard in range(256) for name in content.idle(shard)}
    return await service.remove_unnamed(world.resources, content, idle)


def _age(file: int) -> Script[None]:
    yield "UPDATE stored_file SET created_at = 1 WHERE id = ?", (file,)


def _take(file: int, owner: int) -> Script[None]:
    made = yield (
        "INSERT INTO conversation (owner, created_at, updated_at) VALUES (?, 1, 1) RETURNING id",
        (owner,),
    )
    asked = yield (
        "INSERT INTO message (conversation, role, created_at) VALUES (?, 'user', 1) RETURNING id",
        (made[0]["id"],),
    )
    yield "INSERT INTO message_file (message, file, position) VALUES (?, ?, 0)", (asked[0]["id"], file)


async def test_what_waits_for_its_turn_is_still_on_the_disk(world: World) -> None:
    """Twenty uploads of 15 MB must not be in memory at once, only because one is decoded after the other."""
    readers: set[int] = set()

    def read() -> bytes:
        readers.add(threading.get_ident())
        return picture()

    takes = (service.take_in(world.resources, world.member.id, read) for _ in range(3))
    assert len({kept.id for kept in await asyncio.gather(*takes)}) == 3
    assert len(readers) <= intake.AT_ONCE
    assert threading.get_ident() not in readers
