"""What goes out of Parley comes back into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parley.lib.db import Script
from parley.prompts.service import checked, create
from tests.integration.importing.conftest import brought, each_for_somebody_new, outcomes
from tests.integration.importing.growing import documents, grown, saved, told
from tests.unit.files.drawings import picture
from tests.unit.files.papers import pdf
from tests.unit.importing import exports
from tests.world import Person, World

SEEDS = 8
FILES = {
    "chart.png": picture(),
    "照片.jpg": picture("JPEG", quality=60),
    "paper.pdf": pdf("first page"),
    "数据.csv": "a,b\n一,二\n".encode(),
}


async def uploaded(person: Person) -> list[int]:
    ids = []
    for name, data in FILES.items():
        answer = await person.api.post("/api/files", files={"file": (name, data)})
        assert answer.status_code == 201, answer.text
        ids.append(int(answer.json()["data"]["file"]["id"]))
    return ids


async def archive_of(person: Person) -> bytes:
    answer = await person.pages.get("/account/data/archive.zip")
    assert answer.status_code == 200
    return answer.content


async def test_everything_comes_back_into_another_account(world: World, tmp_path: Path) -> None:
    db = world.resources.db
    files = await uploaded(world.member)
    for seed in range(SEEDS):
        await db.write(grown, world.member.id, files, seed)
    before = await archive_of(world.member)
    assert outcomes(await brought(world, world.outsider, saved(tmp_path / "all.zip", before))) == {
        "new": SEEDS
    }
    after = await archive_of(world.outsider)
    theirs = documents(after)
    for title, mine in documents(before).items():
        assert told(theirs[title]) == told(mine)
    texts = await db.fetch("SELECT owner, name, extracted FROM stored_file WHERE extracted IS NOT NULL")
    for person in (world.member, world.outsider):
        read = {row["name"]: row["extracted"] for row in texts if row["owner"] == person.id}
        assert read == {"paper.pdf": "[1]\nfirst page\n\n", "数据.csv": "a,b\n一,二\n"}
    again = await brought(world, world.outsider, saved(tmp_path / "all.zip", before))
    assert outcomes(again) == {"known": SEEDS}
    assert set(map(str, map(told, documents(await archive_of(world.outsider)).values()))) == set(
        map(str, map(told, theirs.values()))
    )


def last_message_deleted() -> Script[None]:
    yield "UPDATE message SET deleted_at = 1 WHERE id = (SELECT MAX(id) FROM message)", ()


async def test_nothing_is_doubled_where_it_was_written(world: World, tmp_path: Path) -> None:
    db = world.resources.db
    await db.write(grown, world.member.id, await uploaded(world.member), 1)
    own = saved(tmp_path / "own.zip", await archive_of(world.member))
    data = await brought(world, world.member, own)
    assert outcomes(data) == {"known": 1}
    assert await db.fetch("SELECT COUNT(*) AS n FROM conversation") == [{"n": 1}]
    await db.write(last_message_deleted)
    assert outcomes(await brought(world, world.member, own)) == {"new": 1}  # it brings back what is gone


def answered(**more: Any) -> dict[str, Any]:
    """A document whose only answer is like this."""
    chat = exports.parley_chat()
    chat["messages"] = [
        {"id": "1", "role": "user", "text": "How high is it?"},
        {"id": "2", "parent": "1", "role": "assistant", "text": "About", "model": "9:gone", **more},
    ]
    return {**chat, "model": "9:gone", "sampling": {"temperature": 9}, "tags": ["a", "A", "b" * 60, ""]}


async def chat_of(world: World, person: Person) -> dict[str, Any]:
    (found,) = await world.resources.db.fetch(
        "SELECT c.*, m.model AS answered_by, m.text FROM conversation c JOIN message m ON m.id = c.leaf"
        " WHERE c.owner = ?",
        person.id,
    )
    return found


async def what_was_being_written_can_be_continued_by_a_model_of_here(
    world: World, person: Person, tmp_path: Path
) -> None:
    half = answered(status="running", modelName="Gone 5")
    await brought(world, person, exports.written(tmp_path / "x.json", half))
    chat = await chat_of(world, person)
    assert (chat["model"], chat["answered_by"], chat["sampling"]) == ("", "", "{}")
    page = await person.pages.get(f"/chat/{chat['id']}")
    for words in ("Gone 5", "The answer broke off after 1 word.", f"/messages/{chat['leaf']}/continuation"):
        assert words in page.text
    went_on = await person.pages.post(f"/messages/{chat['leaf']}/continuation")
    assert went_on.status_code == 303
    (run,) = await world.resources.db.fetch(
        "SELECT model, prefix FROM generation WHERE message = ? AND status = 'queued'", chat["leaf"]
    )
    assert run == {"model": "demo", "prefix": "About"}
    whole = answered(text="About 60 m.", finishedAt="2026-01-01T10:00:09.000Z")
    data = await brought(world, person, exports.written(tmp_path / "x.json", whole))
    assert outcomes(data) == {"known": 1}  # somebody goes on from what it said
    assert (await chat_of(world, person))["text"] == "About"


async def a_document_completes_what_was_being_written(world: World, person: Person, tmp_path: Path) -> None:
    await brought(world, person, exports.written(tmp_path / "x.json", answered(status="running")))
    whole = answered(
        text="About 60 m.",
        finishedAt="2026-01-01T10:00:09.000Z",
        usage={"completionTokens": 1284},
        course={"askedAt": "2026-01-01T10:00:00.000Z", "startedAt": "2026-01-01T10:00:01.000Z"},
        rating={"value": -1, "comment": "too short"},
    )
    data = await brought(world, person, exports.written(tmp_path / "x.json", whole))
    assert outcomes(data) == {"updated": 1}
    chat = await chat_of(world, person)
    assert chat["text"] == "About 60 m."
    why = await person.pages.get(f"/messages/{chat['leaf']}/why")
    assert "1,284 tokens" in why.text
    page = await person.pages.get(f"/chat/{chat['id']}")
    assert "8.0 s" in page.text
    assert "/continuation" not in page.text
    tags = await world.resources.db.fetch(
        "SELECT name FROM conversation_tag WHERE conversation = ? ORDER BY id", chat["id"]
    )
    assert [row["name"] for row in tags] == ["a", "b" * 40]


async def hostile_documents_are_bounded(world: World, person: Person, tmp_path: Path) -> None:
    wild = answered(
        status="possessed",
        error="e" * 9_000,
        errorCode="c" * 900,
        finishReason="<script>",
        usage={"promptTokens": 2**52, "costNano": 2**52},
        course={"notices": [{"code": "fallback", "model": "<b>", "text": "x" * 30_000}]},
    )
    data = await brought(world, person, exports.written(tmp_path / "x.json", wild))
    assert outcomes(data) == {"new": 1}
    chat = await chat_of(world, person)
    for address in (f"/chat/{chat['id']}", f"/messages/{chat['leaf']}/why"):
        page = await person.pages.get(address)
        assert page.status_code == 200
        assert "<script>)" not in page.text
    (run,) = await world.resources.db.fetch("SELECT * FROM generation WHERE message = ?", chat["leaf"])
    assert (run["status"], run["prompt_tokens"], run["notices"]) == ("interrupted", None, "[]")
    assert (len(run["error"]), len(run["error_code"])) == (2_000, 32)


async def prompts_and_folders_of_an_archive_come_too(world: World, person: Person, tmp_path: Path) -> None:
    db = world.resources.db
    assert person.actor
    await create(world.resources, person.actor, checked("tidy", "Tidy", "My own words", shared=False))
    prompts = [
        {"command": "tidy", "title": "Tidy", "body": "Tidy {{this}}", "shared": True},
        {"command": "tidy", "title": "Tidy", "body": "My own words"},
        {"command": "翻译", "title": "翻译", "body": "译成英文"},
        {"command": "no command", "title": "", "body": 3},
    ]
    account = {"username": "me", "folders": ["Empty", "", 5], "prompts": prompts, "preferences": {"x": 1}}
    manifest = {"format": "parley.archive", "version": 1}
    path = exports.zipped(tmp_path / "p.zip", {"account.json": account, "manifest.json": manifest})
    data = await brought(world, person, path)
    assert (data["import"]["status"], data["import"]["source"]) == ("done", "parley")
    assert data["items"][0]["notes"] == ["2 prompts were added to yours.", "1 prompt cannot be used."]
    page = await person.pages.get(f"/account/imports/{data['import']['id']}")
    assert "2 prompts were added to yours." in page.text
    rows = await db.fetch("SELECT command, body, shared FROM prompt WHERE owner = ? ORDER BY id", person.id)
    assert [(row["command"], row["body"], bool(row["shared"])) for row in rows] == [
        ("tidy", "My own words", False),
        ("tidy-2", "Tidy {{this}}", False),
        ("翻译", "译成英文", False),
    ]
    assert [r["name"] for r in await db.fetch("SELECT name FROM folder WHERE owner = ?", person.id)] == [
        "Empty"
    ]
    again = await brought(world, person, path)
    assert (again["items"], again["import"]["status"]) == ([], "done")


async def files_of_other_services_become_files(world: World, person: Person, tmp_path: Path) -> None:
    files = {"file-PDF1": "paper.pdf", "file-CSV1": "数据.csv", "file-ZIP1": "x.zip", "file-GONE": "gone.txt"}
    asked = exports.said("q1", None, "user", "Read these")
    asked["message"]["metadata"]["attachments"] = [{"id": id, "name": name} for id, name in files.items()]
    chat = {**exports.chatgpt_chat(), "mapping": {"q1": asked}, "current_node": "q1"}
    path = exports.zipped(
        tmp_path / "x.zip",
        {
            "conversations.json": [chat],
            "file-PDF1-paper.pdf": FILES["paper.pdf"],
            "file_CSV1.dat": b"",
            "user-1/file-CSV1-data.csv": FILES["数据.csv"],
            "file-ZIP1.dat": b"PK\x03\x04 no archive",
        },
    )
    data = await brought(world, person, path)
    assert data["items"][0]["notes"] == ["2 attached files are not in the export or cannot be read."]
    page = await person.pages.get(f"/chat/{data['items'][0]['conversation']}")
    assert "paper.pdf" in page.text
    assert "数据.csv" in page.text
    for chats in ([exports.claude_chat()], [exports.open_webui_chat()]):
        await brought(world, person, exports.written(tmp_path / "y.json", chats))
    rows = await world.resources.db.fetch(
        "SELECT f.name, f.extracted FROM stored_file f JOIN message_file m ON m.file = f.id"
        " WHERE f.owner = ? AND f.extracted IS NOT NULL ORDER BY f.id",
        person.id,
    )
    assert [(row["name"], row["extracted"]) for row in rows] == [
        ("paper.pdf", "[1]\nfirst page\n\n"),
        ("数据.csv", "a,b\n一,二\n"),
        ("notes.txt", "``` inside ```"),
        ("data.csv", "a,b"),
    ]


@pytest.mark.one_engine
async def test_what_comes_from_another_place_fits_in_here(world: World, tmp_path: Path) -> None:
    await each_for_somebody_new(
        world,
        tmp_path,
        what_was_being_written_can_be_continued_by_a_model_of_here,
        a_document_completes_what_was_being_written,
        hostile_documents_are_bounded,
        prompts_and_folders_of_an_archive_come_too,
        files_of_other_services_become_files,
    )
