"""Order among chats over HTTP: forms with and without scripts, many chats at once, the JSON API."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from parley.lib.clock import now_ms
from parley.lib.db import Database, Many, Row, Script
from tests.world import Person, World

pytestmark = pytest.mark.one_engine
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Said(HTMLParser):
    """The sentence of a verb, and the fields that undo it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.undo = "", dict[str, str]()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.undo = {name.removeprefix("data-"): value or "" for name, value in attrs if name != "data-says"}

    def handle_data(self, data: str) -> None:
        self.text += data.strip()


def chats_of(owner: int, count: int, first: int) -> Script[list[int]]:
    now = now_ms()
    ids = list(range(first, first + count))
    yield Many(
        "INSERT INTO conversation (id, owner, title, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
        [(id, owner, f"chat {id}", now, now - id * 1000) for id in ids],
    )
    return ids


async def batch(person: Person, **fields: Any) -> Said:
    answer = await person.pages.post("/chat/batches", data=fields, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return Said(answer.text)


async def folder(person: Person, name: str) -> int:
    answer = await person.pages.post("/chat/folders", data={"name": name})
    assert answer.status_code == 303
    listed = (await person.api.get("/api/folders")).json()["data"]["folders"]
    return next(int(each["id"]) for each in listed if each["name"] == name)


def shown(html: str) -> list[int]:
    return [int(id) for id in re.findall(r'<li id="c(\d+)"', html)]


async def test_a_verb_for_many_tells_how_many_passes_others_over_and_is_undone(world: World) -> None:
    mine = await world.resources.db.write(chats_of, world.member.id, 5, 100)
    theirs = await world.resources.db.write(chats_of, world.outsider.id, 2, 200)
    ids = ",".join(map(str, [*mine[:3], *theirs, 999_999]))
    for verb in ("pin", "archive", "delete"):
        said = await batch(world.member, verb=verb, ids=ids)
        assert said.text.startswith("3 chats "), verb
        await batch(world.member, **said.undo)
        assert sorted(shown((await world.member.pages.get("/f/chat/list")).text)) == mine
        assert (await batch(world.member, verb="unpin", ids=ids)).text == "Nothing had to change."
    assert shown((await world.outsider.pages.get("/f/chat/list")).text) == theirs


async def test_a_folder_beyond_all_numbers_is_a_folder_that_is_not_there(world: World) -> None:
    [chat] = await world.resources.db.write(chats_of, world.member.id, 1, 100)
    for far in (2**63, -(2**63) - 1):
        form = {"verb": "move", "ids": str(chat), "folder": str(far)}
        assert (await world.member.pages.post("/chat/batches", data=form)).status_code == 404
        moved = await world.member.api.patch(f"/api/sessions/{chat}", json={"folder": far})
        assert moved.status_code == 404


async def test_undoing_what_is_another_persons_does_nothing_and_nonsense_is_refused(world: World) -> None:
    mine = await world.resources.db.write(chats_of, world.member.id, 2, 100)
    said = await batch(world.member, verb="delete", ids=str(mine[0]))
    moved = await batch(world.member, verb="pin", ids=str(mine[1]))
    for undo in (said.undo, moved.undo):
        assert (await batch(world.outsider, **undo)).text == "Nothing had to change."
    for fields in SENSELESS:
        answer = await world.member.pages.post("/chat/batches", data=fields, headers=HTMX)
        assert answer.status_code == 400, fields
    rows = await world.resources.db.fetch("SELECT deleted_at, pinned_at FROM conversation ORDER BY id")
    assert rows[0]["deleted_at"] is not None
    assert rows[1]["pinned_at"] is not None


SENSELESS = [
    {"verb": "pin", "ids": ",".join(map(str, range(1, 502)))},
    {"verb": "pin", "ids": "1;2"},
    {"verb": "burn", "ids": "1"},
    {"verb": "put-back", "states": "1-2-3"},
    {"verb": "put-back", "states": f"{2**63}-0-0-0"},
]


async def test_without_scripts_forms_pin_archive_file_and_tag(world: World) -> None:
    (id,) = await world.resources.db.write(chats_of, world.member.id, 1, 100)
    pages, csrf = world.member.pages, {"_csrf": world.member.csrf}
    for form in (
        {"pinned": "true"},
        {"archived": "true"},
        {"folder": "0", "new_folder": "Work", "tagged": "1", "new_tags": "周报，Invoices, invoices"},
    ):
        answer = await pages.post(f"/chat/{id}/place", data=form | csrf)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/chat/{id}")
    session = (await world.member.api.get(f"/api/sessions/{id}")).json()["data"]["session"]
    assert (session["pinned"], session["archived"], session["tags"]) == (True, True, ["Invoices", "周报"])
    assert (
        session["folder"] == (await world.member.api.get("/api/folders")).json()["data"]["folders"][0]["id"]
    )
    assert "Work" in (await pages.get(f"/chat/{id}/place")).text
    assert f"/chat/{id}" in (await pages.get("/chat/archive")).text
    assert f"/chat/{id}" in (await pages.get("/chat/tags", params={"tag": "周报"})).text
    refused = await pages.post(
        f"/chat/{id}/place", data={"tagged": "1", "new_tags": ",".join("abcdefghijk")}, headers=HTMX
    )
    assert refused.status_code == 400
    assert "at most 10 tags" in refused.text


async def test_folders_are_made_named_moved_and_removed_by_forms(world: World) -> None:
    work, home = await folder(world.member, "Work"), await folder(world.member, "Home")
    pages = world.member.pages
    taken = await pages.post("/chat/folders", data={"name": "work"})
    assert taken.status_code == 400
    assert "already have a folder" in taken.text
    await pages.post(f"/chat/folders/{work}", data={"name": "Work & more"})
    await pages.post(f"/chat/folders/{home}", data={"move": "up"})
    names = [each["name"] for each in (await world.member.api.get("/api/folders")).json()["data"]["folders"]]
    assert names == ["Home", "Work & more"]
    (id,) = await world.resources.db.write(chats_of, world.member.id, 1, 100)
    await batch(world.member, verb="move", ids=str(id), folder=home)
    assert shown((await pages.get(f"/f/chat/folders/{home}")).text) == [id]
    await pages.post(f"/chat/folders/{home}/deletion", data={"chats": "delete"})
    assert shown((await pages.get("/f/chat/list")).text) == []
    assert (await pages.get(f"/chat/folders/{home}")).status_code == 404


async def test_a_chat_begun_in_a_folder_is_in_it(world: World) -> None:
    work = await folder(world.member, "Work")
    page = (await world.member.pages.get(f"/chat?folder={work}")).text
    assert f'name="folder" value="{work}"' in page
    form = {"text": "Plan", "client_message_id": "c1", "folder": str(work)}
    assert (await world.member.pages.post("/chat", data=form)).status_code == 303
    others = {"text": "Plan", "client_message_id": "c2", "folder": str(work)}
    assert (await world.outsider.pages.post("/chat", data=others)).status_code == 303
    rows = await world.resources.db.fetch("SELECT owner, folder, title_due FROM conversation ORDER BY id")
    assert [(row["owner"], row["folder"]) for row in rows] == [
        (world.member.id, work),
        (world.outsider.id, None),
    ]
    assert all(row["title_due"] for row in rows)


async def test_the_api_puts_a_session_in_order_and_leaves_what_is_absent(world: World) -> None:
    (id,) = await world.resources.db.write(chats_of, world.member.id, 1, 100)
    work = await folder(world.member, "Work")

    async def change(person: Person = world.member, **body: Any) -> httpx.Response:
        return await person.api.patch(f"/api/sessions/{id}", json=body)

    session = (await change(pinned=True, folder=str(work), tags=["a", "b"])).json()["data"]["session"]
    assert (session["pinned"], session["folder"], session["tags"]) == (True, work, ["a", "b"])
    session = (await change(folder=None, archived=True)).json()["data"]["session"]
    assert (session["pinned"], session["archived"], session["folder"]) == (True, True, None)
    assert session["tags"] == ["a", "b"]
    assert (await change(folder=999_999)).status_code == 404
    assert (await change(tags=["x" * 41])).status_code == 400
    assert (await change(world.outsider, pinned=False)).status_code == 404


class Counting:
    """A database that counts what is read from it."""

    def __init__(self, db: Database) -> None:
        self.db, self.count = db, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.db, name)

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        self.count += 1
        return await self.db.fetch(sql, *values)


async def test_the_list_costs_the_same_however_much_is_in_it(world: World) -> None:
    counting = Counting(world.resources.db)
    object.__setattr__(world.resources, "db", counting)
    pages = world.member.pages

    async def cost(path: str) -> int:
        before = counting.count
        assert (await pages.get(path)).status_code == 200
        return counting.count - before

    paths = [
        "/chat",
        "/f/chat/list",
        "/chat/archive",
        "/chat/folders",
        "/chat/tags?tag=x",
        "/f/chat/selection",
    ]
    empty = [await cost(path) for path in paths]
    ids = await counting.write(chats_of, world.member.id, 300, 100)
    folders = [await folder(world.member, name) for name in "abc"]
    for at, id in enumerate(folders):
        await batch(world.member, verb="move", ids=",".join(map(str, ids[at * 60 : at * 60 + 60])), folder=id)
    await batch(world.member, verb="pin", ids=",".join(map(str, ids[200:220])))
    await batch(world.member, verb="archive", ids=",".join(map(str, ids[220:280])))
    pages.cookies.set("folders", ".".join(map(str, folders)))
    assert [await cost(path) for path in paths] == empty
    html = (await pages.get("/chat")).text
    assert len(shown(html)) == 20 + 3 * 50 + 40  # pinned, a page of each open folder, the rest
    assert len(set(shown(html))) == len(shown(html))
