"""The picture mark: put in force, served to everybody, taken back, forgotten in time."""

from __future__ import annotations

import re
from typing import Any

import pytest

from parley.files.sitemarks import site_mark
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.settings import scripts
from parley.settings.branding import MARK
from parley.settings.pins import fix
from parley.settings.queries import load
from parley.settings.service import DAY_MS, forget_history
from parley.web.look import look
from tests.unit.files.drawings import drawing, picture, png_that_says, size_of
from tests.world import Person, World

UPLOAD, CARD, SYSTEM = "/admin/settings/branding/mark", "/admin/settings/branding", "/api/settings/system"
HISTORY = "/admin/settings/history"


async def put(person: Person, data: bytes, csrf: str | None = None) -> Any:
    token = person.csrf if csrf is None else csrf
    person.pages.headers.pop("x-csrf-token", None)
    return await person.pages.post(UPLOAD, data={"_csrf": token}, files={"file": ("m.png", data)})


async def undo(world: World, at: int) -> Any:
    """Take back the change that stands in that row of the history."""
    page = (await world.admin.pages.get(f"{HISTORY}?key=branding.mark")).text
    id = re.findall(r'name="id" value="(\d+)"', page)[at]
    form = {"_csrf": world.admin.csrf, "id": id}
    return await world.admin.pages.post(f"{HISTORY}/undo", data=form)


def age(ms: int) -> Script[None]:
    yield "UPDATE site_mark SET created_at = created_at - ?", (ms,)
    yield "UPDATE setting_history SET at = at - ?", (ms,)


@pytest.mark.one_engine
async def test_a_picture_is_the_mark_everywhere(world: World) -> None:
    answer = await put(world.admin, picture(size=(300, 200)))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{CARD}?saved=true")
    mark = look().mark
    await world.admin.api.put(SYSTEM, json={"branding.letter": "樺"})
    for person, path in ((world.visitor, "/login"), (world.member, "/chat"), (world.visitor, "/offline")):
        page = (await person.pages.get(path)).text
        assert f'src="/branding/mark-{mark}-96.png"' in page, path
        assert f'rel="icon" href="/branding/mark-{mark}-32.png"' in page
        assert "樺" not in page
    assert f"/branding/mark-{mark}-180.png" in (await world.visitor.pages.get("/login")).text
    manifest = (await world.visitor.pages.get("/manifest.webmanifest")).json()
    told = (await world.visitor.api.get("/api/settings/branding")).json()["data"]["mark"]
    assert told == f"/branding/mark-{mark}-512.png"
    for icon in manifest["icons"]:
        shown = await world.visitor.pages.get(icon["src"])
        assert size_of(shown.content) == tuple(map(int, icon["sizes"].split("x")))
        assert shown.headers["content-type"] == icon["type"] == "image/png"
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert shown.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    for name in (
        f"mark-{mark}-33.png",
        "mark-.png",
        "mark-%25",
        f"mark-{mark}-%00",
        f"mark-{mark}-96.png.svg",
        "mark--96.png",
    ):
        assert (await world.visitor.pages.get(f"/branding/{name}")).status_code == 404, name


@pytest.mark.one_engine
async def test_a_mark_is_replaced_taken_back_and_removed(world: World) -> None:
    await put(world.admin, picture())
    first = look().mark
    await put(world.admin, drawing())
    second = look().mark
    assert first != second
    assert (await world.visitor.pages.get(f"/branding/mark-{first}-96.png")).status_code == 404
    assert (await undo(world, 0)).status_code == 303
    assert look().mark == first
    assert (await world.visitor.pages.get(f"/branding/mark-{first}-96.png")).status_code == 200
    form = {"_csrf": world.admin.csrf, "reset": "branding.mark"}
    assert (await world.admin.pages.post(CARD, data=form)).status_code == 303
    assert look().mark == ""
    assert "/branding/mark-" not in (await world.visitor.pages.get("/login")).text
    assert (await world.visitor.pages.get(f"/branding/mark-{first}-96.png")).status_code == 404
    page = (await world.admin.pages.get(f"{HISTORY}?key=branding.mark")).text
    assert f"Picture {second[:6]}" in page
    acts = await world.resources.db.fetch("SELECT actor_name, after FROM audit_entry ORDER BY seq")
    assert [act["after"] for act in acts] == [
        f'{{"branding.mark":{value}}}' for value in (f'"{first}"', f'"{second}"', f'"{first}"', "null")
    ]
    assert {act["actor_name"] for act in acts} == {"keeper"}
    export = (await world.admin.pages.get("/admin/settings/export")).json()
    assert "branding.mark" not in export["settings"]


@pytest.mark.one_engine
async def test_only_administrators_upload_and_only_pictures(world: World) -> None:
    for person in (world.member, world.outsider):
        assert (await put(person, picture())).status_code == 404
    assert (await put(world.admin, picture(), csrf="no")).status_code == 403
    for data, words in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Use PNG, JPEG or WebP."),
        (png_that_says(30_000, 30_000), "30000 × 30000 pixels"),
        (b"\x89PNG\r\n\x1a\n" + bytes(1_100_000), "at most 1 MB"),
    ):
        answer = await put(world.admin, data)
        assert (answer.status_code, words in answer.text) == (400, True), words
    for id in ("0123456789abcdef", "../../etc/passwd", '"><script>'):
        refused = await world.admin.api.put(SYSTEM, json={"branding.mark": id})
        assert list(refused.json()["fields"]) == ["branding.mark"]
    fix((("PARLEY_SETTING_BRANDING_MARK", ""),))
    try:
        answer = await put(world.admin, picture())
    finally:
        fix(())
    assert (answer.status_code, "PARLEY_SETTING_BRANDING_MARK" in answer.text) == (400, True)
    assert await world.resources.db.fetch("SELECT name FROM site_mark") == []


async def test_a_mark_stays_while_it_is_used_or_can_be_taken_back(world: World) -> None:
    db, made = world.resources.db, site_mark(picture())
    # As another process does it: this one has not heard of it when the first browser asks.
    await db.write(scripts.keep_mark, made.id, made.files, now_ms())
    await db.write(scripts.store, {MARK.key: made.id}, (), now_ms())
    assert look().mark == ""
    shown = await world.visitor.pages.get(f"/branding/mark-{made.id}-32.png")
    assert (shown.status_code, shown.content) == (200, made.files[f"mark-{made.id}-32.png"])
    await put(world.admin, drawing())
    newer = (await load(db))[MARK]
    await db.write(age, 2 * DAY_MS)
    await forget_history(world.resources)
    kept = await db.fetch("SELECT DISTINCT mark FROM site_mark")
    assert {row["mark"] for row in kept} == {made.id, newer}
    await db.write(age, 4_000 * DAY_MS)
    await forget_history(world.resources)
    kept = await db.fetch("SELECT DISTINCT mark FROM site_mark")
    assert {row["mark"] for row in kept} == {newer}
    refused = await world.admin.api.put(SYSTEM, json={MARK.key: made.id})
    assert "not kept any more" in refused.json()["fields"][MARK.key]
    assert (await world.visitor.pages.get(f"/branding/mark-{newer}-32.png")).status_code == 200
