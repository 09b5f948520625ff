"""The way of a file to the worker: addresses, limits, forms without scripts, other people."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from parley.importing import service, uploading
from parley.importing.jobs import run_next
from parley.importing.uploading import LEFT
from parley.settings.service import change
from tests.integration.importing.conftest import brought, each_for_somebody_new, report, upload, waiting
from tests.unit.importing import exports
from tests.world import Person, World

pytestmark = pytest.mark.one_engine


async def test_uploads_are_taken_off_the_wire(world: World, tmp_path: Path) -> None:
    await each_for_somebody_new(
        world,
        tmp_path,
        a_form_without_scripts_carries_its_token_before_the_file,
        what_is_no_export_is_refused_and_gone,
        imports_are_their_owners_affair,
        a_report_goes_on_from_page_to_page,
        too_large_is_said_before_and_while_it_comes,  # leaves a low limit
    )


async def test_uploads_wait_for_their_worker(world: World, tmp_path: Path) -> None:
    await each_for_somebody_new(
        world,
        tmp_path,
        what_a_broken_upload_left_goes_away,
        a_person_has_three_under_way_at_most,
        a_large_upload_takes_no_memory,
    )


async def a_form_without_scripts_carries_its_token_before_the_file(
    world: World, person: Person, tmp_path: Path
) -> None:
    page = await person.pages.get("/account/imports")
    assert page.status_code == 200
    form = page.text.partition('action="/account/imports"')[2].partition("</form>")[0]
    assert form.index(f'name="_csrf" value="{person.csrf}"') < form.index('type="file"')
    person.pages.headers.pop("x-csrf-token")
    data = exports.chatgpt_zip(tmp_path / "x.zip").read_bytes()
    files = {"file": ("我的聊天.zip", data)}
    assert (await person.pages.post("/account/imports", files=files)).status_code == 403
    wrong = await person.pages.post("/account/imports", data={"_csrf": world.outsider.csrf}, files=files)
    assert wrong.status_code == 403
    inside = await person.pages.post(f"/account/imports?_csrf={person.csrf}", files=files)
    assert inside.status_code == 403  # never in an address, where it would stay
    sent = await person.pages.post("/account/imports", data={"_csrf": person.csrf}, files=files)
    assert sent.status_code == 303
    waits = await person.pages.get(sent.headers["location"])
    assert "hx-trigger" in waits.text
    assert await run_next(world.resources)
    shown = await person.pages.get(sent.headers["location"])
    assert "我的聊天.zip" in shown.text
    assert "长江 and more" in shown.text
    assert "hx-trigger" not in shown.text.partition('id="report"')[2]
    part = await person.pages.get(f"{sent.headers['location']}?part=true")
    assert part.text.lstrip().startswith("<section")
    assert "我的聊天.zip" in (await person.pages.get("/account/imports")).text


NO_EXPORTS: list[tuple[Any, str]] = [
    ({"file": ("x.zip", exports.PNG)}, "no_export"),
    ({"file": ("x.zip", b"")}, "empty_file"),
    ({"other": ("x.zip", b"PK")}, "no_file"),
    ([("file", ("x.zip", b"PK\x03\x04")), ("file", ("y.zip", b"PK\x03\x04"))], "invalid"),
]


async def what_is_no_export_is_refused_and_gone(world: World, person: Person, tmp_path: Path) -> None:
    for files, code in NO_EXPORTS:
        answer = await person.api.post("/api/imports", files=files)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert waiting(world) == []
        page = await person.pages.post("/account/imports", files=files)
        assert page.status_code == 400
        assert 'role="alert"' in page.text


async def too_large_is_said_before_and_while_it_comes(world: World, person: Person, tmp_path: Path) -> None:
    await change(world.resources, {"imports.largest": 1})
    told = await person.api.post("/api/imports", files={"file": ("x.json", b"[" * 1_200_000)})
    assert (told.status_code, told.json()["code"]) == (400, "too_large")

    async def body() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.json"\r\n\r\n'
        for _ in range(20):
            yield b"[" * 100_000
        yield b"\r\n--b--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    told = await person.api.post("/api/imports", content=body(), headers=headers)
    assert (told.status_code, told.json()["code"]) == (400, "too_large")
    assert waiting(world) == []


async def a_large_upload_takes_no_memory(world: World, person: Person, tmp_path: Path) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.json"\r\n\r\n['
        for _ in range(60):
            yield b" " * 1_000_000
        yield b"]\r\n--b--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    tracemalloc.start()
    answer = await person.api.post("/api/imports", content=body(), headers=headers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 202
    assert answer.json()["data"]["import"]["size"] == 60_000_002
    assert peak < 15_000_000


async def imports_are_their_owners_affair(world: World, person: Person, tmp_path: Path) -> None:
    data = await brought(world, person, exports.chatgpt_zip(tmp_path / "x.zip"))
    job = data["import"]["id"]
    for other in (world.outsider, world.admin):
        for id in (job, 999_999):
            assert (await other.api.get(f"/api/imports/{id}")).status_code == 404
            assert (await other.pages.get(f"/account/imports/{id}")).status_code == 404
            for verb in ("cancellation", "deletion"):
                answer = await other.pages.post(f"/account/imports/{id}/{verb}", data={"everything": "1"})
                assert answer.status_code == 404
        assert "x.zip" not in (await other.pages.get("/account/imports")).text
    assert (await world.visitor.pages.get(f"/account/imports/{job}")).status_code == 303
    assert (await report(person, job))["counts"]["new"] == 1


async def a_person_has_three_under_way_at_most(world: World, person: Person, tmp_path: Path) -> None:
    path = exports.chatgpt_zip(tmp_path / "x.zip")
    before = len(waiting(world))
    assert [(await upload(person, path)).status_code for _ in range(4)] == [202, 202, 202, 429]
    assert len(waiting(world)) == before + 3
    assert (await upload(world.outsider, path)).status_code == 202


async def what_a_broken_upload_left_goes_away(world: World, person: Person, tmp_path: Path) -> None:
    await upload(person, exports.chatgpt_zip(tmp_path / "x.zip"))
    folder = uploading.folder_of(world.resources.config)
    for age, name in ((LEFT + 60, "old"), (60, "young")):
        (folder / name).write_bytes(b"[")
        os.utime(folder / name, (time.time() - age, time.time() - age))
    needed = next(path for path in folder.iterdir() if path.name not in ("old", "young"))
    os.utime(needed, (1, 1))
    assert await service.sweep(world.resources) == 1
    assert {path.name for path in folder.iterdir()} == {"young", needed.name}


async def a_report_goes_on_from_page_to_page(world: World, person: Person, tmp_path: Path) -> None:
    chats = [exports.claude_chat(f"k-{n}") for n in range(60)]
    data = await brought(world, person, exports.written(tmp_path / "x.json", chats))
    job = data["import"]["id"]
    assert (len(data["items"]), data["next"]) == (50, data["items"][-1]["id"])
    rest = (await person.api.get(f"/api/imports/{job}?after={data['next']}")).json()["data"]
    assert (len(rest["items"]), rest["next"]) == (10, None)
    page = await person.pages.get(f"/account/imports/{job}?outcome=new")
    assert f"after={data['next']}" in page.text
    empty = await person.pages.get(f"/account/imports/{job}?outcome=failed&after=5")
    assert empty.status_code == 200
