"""What becomes of an export: new, known, added to, left out; and of a worker that dies over it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from parley.importing import jobs, queries, running, scripts
from parley.importing.running import LEASE, Import
from parley.lib.clock import now_ms
from parley.lib.db import Script
from tests.integration.importing.conftest import (
    brought,
    each_for_somebody_new,
    outcomes,
    report,
    upload,
    waiting,
)
from tests.unit.importing import exports
from tests.unit.importing.exports import said
from tests.world import Person, World


async def messages(world: World, person: Person, title: str) -> list[dict[str, Any]]:
    return await world.resources.db.fetch(
        "SELECT m.* FROM message m JOIN conversation c ON c.id = m.conversation"
        " WHERE c.owner = ? AND c.title = ? ORDER BY m.id",
        person.id,
        title,
    )


async def only_chat(world: World, person: Person) -> dict[str, Any]:
    (found,) = await world.resources.db.fetch("SELECT * FROM conversation WHERE owner = ?", person.id)
    return found


OWNED = {
    "conversation": "SELECT COUNT(*) AS n FROM conversation WHERE owner = ?",
    "message": "SELECT COUNT(*) AS n FROM message m JOIN conversation c ON c.id = m.conversation"
    " WHERE c.owner = ?",
    "message_file": "SELECT COUNT(*) AS n FROM message_file m JOIN stored_file f ON f.id = m.file"
    " WHERE f.owner = ?",
    "stored_file": "SELECT COUNT(*) AS n FROM stored_file WHERE owner = ?",
}


async def counts(world: World, person: Person) -> dict[str, int]:
    """How much of everything somebody has."""
    fetch = world.resources.db.fetch
    return {table: (await fetch(sql, person.id))[0]["n"] for table, sql in OWNED.items()}


async def test_what_came_is_known_when_it_comes_again(world: World, tmp_path: Path) -> None:
    await each_for_somebody_new(
        world,
        tmp_path,
        an_export_comes_whole_and_its_chats_open,
        the_same_file_twice_adds_nothing,
        a_newer_export_adds_only_what_is_new,
        a_half_written_answer_is_completed_by_the_next_export,
        what_was_built_on_a_half_written_answer_stays,
    )


@pytest.mark.one_engine
async def test_what_its_owner_did_counts(world: World, tmp_path: Path) -> None:
    await each_for_somebody_new(
        world,
        tmp_path,
        what_its_owner_did_since_stays,
        a_deleted_chat_comes_back_and_deleted_messages_do_not,
        every_source_and_a_broken_chat_in_one_report,
        deleting_an_import_can_take_its_chats_with_it,
    )


@pytest.mark.one_engine
async def test_workers_come_and_go(world: World, tmp_path: Path) -> None:
    await each_for_somebody_new(
        world,
        tmp_path,
        where_a_worker_is_killed_the_next_one_goes_on,
        where_a_worker_stops_the_next_one_goes_on,
        a_cancelled_import_ends_at_the_next_chat,
        an_import_that_kills_its_worker_again_and_again_is_given_up,
    )


async def an_export_comes_whole_and_its_chats_open(world: World, person: Person, tmp_path: Path) -> None:
    data = await brought(world, person, exports.chatgpt_zip(tmp_path / "chats.zip"))
    assert (data["import"]["status"], data["import"]["source"], data["import"]["percent"]) == (
        "done",
        "chatgpt",
        100,
    )
    (item,) = data["items"]
    assert (item["outcome"], item["messages"], item["title"]) == ("new", 5, "长江 and more")
    assert item["notes"] == ["1 step of a tool was left out."]
    rows = {row["text"]: row for row in await messages(world, person, "长江 and more")}
    question, second = rows["这张图里有什么？"], rows["A second try."]
    answer = next(row for text, row in rows.items() if text.endswith("长江很长。"))
    assert {second["parent"], answer["parent"]} == {question["id"]}
    assert question["chosen_child"] == answer["id"]
    assert answer["model_name"] == "gpt-5"
    assert answer["reasoning"] == "**先想一想**\n\n看图"
    found = (await world.resources.db.fetch("SELECT * FROM conversation WHERE id = ?", item["conversation"]))[
        0
    ]
    assert found["leaf"] == rows["Here it is."]["id"]
    assert (found["created_at"], found["updated_at"]) == (exports.START_MS, exports.START_MS + 10_000)
    assert (await counts(world, person))["message_file"] == 2
    page = await person.pages.get(f"/chat/{item['conversation']}")
    assert page.status_code == 200
    assert "Here it is." in page.text
    assert page.text.count('class="pic"') == 2
    assert waiting(world) == []


ASKED_ON = said("q9", "a2", "user", "And the sea?", at=20)
SOUGHT = said("s9", "q9", "assistant", "Let me look.", at=21)


async def bring_chats(world: World, person: Person, tmp_path: Path, *nodes: dict[str, Any]) -> dict[str, Any]:
    """Bring the chat as it was with these nodes behind it; the only line of the report."""
    chat = exports.chatgpt_chat()
    chat["mapping"].update({node["id"]: node for node in nodes})
    chat["current_node"] = nodes[-1]["id"]
    data = await brought(world, person, exports.chatgpt_zip(tmp_path / "x.zip", [chat]))
    return dict(data["items"][0])


async def end_of(world: World, person: Person) -> dict[str, Any]:
    """The message at the end of the path, with how many messages there are."""
    chat, rows = await only_chat(world, person), await messages(world, person, "长江 and more")
    return {**next(row for row in rows if row["id"] == chat["leaf"]), "all": len(rows)}


async def a_half_written_answer_is_completed_by_the_next_export(
    world: World, person: Person, tmp_path: Path
) -> None:
    asked = (ASKED_ON,)
    assert (await bring_chats(world, person, tmp_path, *asked))["messages"] == 7
    nothing = await end_of(world, person)
    assert (nothing["role"], nothing["text"], nothing["all"]) == ("assistant", "", 7)
    page = await person.pages.get(f"/chat/{nothing['conversation']}")
    assert "The answer broke off before its first word." in page.text
    for nodes, text in (
        ((*asked, SOUGHT), "Let me look."),
        ((*asked, SOUGHT, said("a9", "s9", "assistant", "Wide.", at=22)), "Let me look.\n\nWide."),
    ):
        told = await bring_chats(world, person, tmp_path, *nodes)
        assert (told["outcome"], told["messages"]) == ("updated", 1)
        end = await end_of(world, person)
        assert (end["id"], end["text"], end["all"]) == (nothing["id"], text, 7)
        for known in (nodes, nodes[:-1]):  # an older export says less, and changes nothing
            assert (await bring_chats(world, person, tmp_path, *known))["outcome"] == "known"
        assert (await end_of(world, person))["text"] == text
    more = (*nodes, said("q10", "a9", "user", "Thanks", at=30), said("a10", "q10", "assistant", "Yes", at=31))
    assert (await bring_chats(world, person, tmp_path, *more))["messages"] == 2
    end = await end_of(world, person)
    assert (end["text"], end["all"]) == ("Yes", 9)
    assert not await world.resources.db.fetch(
        "SELECT g.id FROM generation g JOIN message m ON m.id = g.message WHERE m.conversation = ?",
        end["conversation"],
    )


async def what_was_built_on_a_half_written_answer_stays(world: World, person: Person, tmp_path: Path) -> None:
    await bring_chats(world, person, tmp_path, ASKED_ON, SOUGHT)
    half = await end_of(world, person)
    await world.resources.db.write(went_on, half["conversation"], half["id"], now_ms())
    whole = said("a9", "s9", "assistant", "Wide.", at=22)
    told = await bring_chats(world, person, tmp_path, ASKED_ON, SOUGHT, whole)
    assert (told["outcome"], told["messages"]) == ("updated", 1)
    rows = await messages(world, person, "my own")
    versions = [row["text"] for row in rows if row["parent"] == half["parent"]]
    assert versions == ["Let me look.", "Let me look.\n\nWide."]
    assert (await only_chat(world, person))["leaf"] == rows[-2]["id"]
    assert (await bring_chats(world, person, tmp_path, ASKED_ON, SOUGHT, whole))["outcome"] == "known"


async def the_same_file_twice_adds_nothing(world: World, person: Person, tmp_path: Path) -> None:
    path = exports.chatgpt_zip(tmp_path / "x.zip", [exports.chatgpt_chat("a"), exports.chatgpt_chat("b")])
    assert outcomes(await brought(world, person, path)) == {"new": 2}
    before = await counts(world, person)
    again = await brought(world, person, path)
    assert outcomes(again) == {"known": 2}
    assert again["counts"]["messages"] == 0
    assert await counts(world, person) == before
    assert outcomes(await brought(world, world.outsider, path)) == {"new": 2}


async def a_newer_export_adds_only_what_is_new(world: World, person: Person, tmp_path: Path) -> None:
    await brought(world, person, exports.chatgpt_zip(tmp_path / "old.zip"))
    newer = exports.chatgpt_zip(tmp_path / "new.zip", [exports.chatgpt_chat(longer=True)])
    data = await brought(world, person, newer)
    assert outcomes(data) == {"updated": 1}
    assert data["counts"]["messages"] == 2
    rows = await messages(world, person, "长江")
    assert [row["text"] for row in rows[-2:]] == ["Thanks", "Welcome"]
    found = await only_chat(world, person)
    assert (found["leaf"], found["updated_at"]) == (rows[-1]["id"], exports.START_MS + 30_000)
    by_id = {row["id"]: row for row in rows}
    assert by_id[rows[-2]["parent"]]["chosen_child"] == rows[-2]["id"]


def went_on(conversation: int, leaf: int, now: int) -> Script[None]:
    rows = yield (
        "INSERT INTO message (conversation, parent, role, text, created_at) VALUES (?, ?, 'user', 'mine', ?)"
        " RETURNING id",
        (conversation, leaf, now),
    )
    yield (
        "UPDATE conversation SET leaf = ?, title = 'my own', titled_by_owner = TRUE, updated_at = ?"
        " WHERE id = ?",
        (rows[0]["id"], now, conversation),
    )


async def what_its_owner_did_since_stays(world: World, person: Person, tmp_path: Path) -> None:
    first = await brought(world, person, exports.chatgpt_zip(tmp_path / "old.zip"))
    conversation = first["items"][0]["conversation"]
    last = (await messages(world, person, "长江 and more"))[-1]["id"]
    await world.resources.db.write(went_on, conversation, last, now_ms())
    newer = exports.chatgpt_zip(tmp_path / "new.zip", [exports.chatgpt_chat(longer=True)])
    assert outcomes(await brought(world, person, newer)) == {"updated": 1}
    rows = {row["text"]: row for row in await messages(world, person, "my own")}
    found = await only_chat(world, person)
    assert found["leaf"] == rows["mine"]["id"]
    assert "Welcome" in rows


async def a_deleted_chat_comes_back_and_deleted_messages_do_not(
    world: World, person: Person, tmp_path: Path
) -> None:
    path = exports.chatgpt_zip(tmp_path / "old.zip")
    conversation = (await brought(world, person, path))["items"][0]["conversation"]
    rows = {row["text"]: row["id"] for row in await messages(world, person, "长江 and more")}

    def gone(now: int) -> Script[None]:
        yield "UPDATE conversation SET deleted_at = ? WHERE id = ?", (now, conversation)
        yield "UPDATE message SET deleted_at = ? WHERE id = ?", (now, rows["Here it is."])

    await world.resources.db.write(gone, now_ms())
    newer = exports.chatgpt_zip(tmp_path / "new.zip", [exports.chatgpt_chat(longer=True)])
    data = await brought(world, person, newer)
    assert outcomes(data) == {"updated": 1}
    assert data["counts"]["messages"] == 0
    assert "You had deleted it; it is back." in data["items"][0]["notes"]
    assert "2 messages below a deleted one were left out." in data["items"][0]["notes"]


async def every_source_and_a_broken_chat_in_one_report(world: World, person: Person, tmp_path: Path) -> None:
    mixed = [exports.claude_chat(), {"title": "坏了", "mapping": {}, "id": "x"}, exports.claude_chat("k-2")]
    data = await brought(world, person, exports.written(tmp_path / "claude.json", mixed))
    assert [item["outcome"] for item in data["items"]] == ["new", "failed", "new"]
    assert (data["items"][1]["title"], data["items"][1]["notes"]) == ("坏了", ["It has no messages."])
    other = exports.written(tmp_path / "webui.json", [exports.open_webui_chat()])
    assert outcomes(await brought(world, person, other)) == {"new": 1}
    assert outcomes(await brought(world, person, exports.parley_zip(tmp_path / "own.zip"))) == {"new": 1}
    pinned = await world.resources.db.fetch(
        "SELECT pinned_at, system_prompt FROM conversation WHERE title = 'Two models'"
    )
    assert pinned == [{"pinned_at": 1_700_000_100_000, "system_prompt": "Be brief."}]


async def where_a_worker_is_killed_the_next_one_goes_on(world: World, person: Person, tmp_path: Path) -> None:
    await where_a_worker_ends_the_next_one_goes_on(world, person, tmp_path, killed=True)


async def where_a_worker_stops_the_next_one_goes_on(world: World, person: Person, tmp_path: Path) -> None:
    await where_a_worker_ends_the_next_one_goes_on(world, person, tmp_path, killed=False)


async def where_a_worker_ends_the_next_one_goes_on(
    world: World, person: Person, tmp_path: Path, *, killed: bool
) -> None:
    path = exports.chatgpt_zip(tmp_path / "x.zip", [exports.chatgpt_chat(f"c-{n}") for n in range(4)])
    job = (await upload(person, path)).json()["data"]["import"]["id"]
    db = world.resources.db
    claim = await db.write(scripts.claim, job, now_ms(), now_ms() + LEASE)
    assert claim is not None
    await end_after_two(Import(world.resources, claim), killed=killed)
    assert (await report(person, job))["import"]["conversations"] == 2
    if killed:
        assert not await jobs.run_next(world.resources)  # its lease still holds
        await db.write(lapse, job)
    assert await jobs.run_next(world.resources)
    data = await report(person, job)
    assert (outcomes(data), data["import"]["status"]) == ({"new": 4}, "done")
    assert (await counts(world, person))["conversation"] == 4
    assert not await db.write(scripts.prolong, claim.held, now_ms() + LEASE)  # were the first only asleep


async def end_after_two(dying: Import, *, killed: bool) -> None:
    """Cancel it between the second and the third chat; a killed one has no time to hand anything back."""
    third = asyncio.Event()
    taken = 0

    async def take(found: Any, reading: Any) -> None:
        nonlocal taken
        taken += 1
        if taken == 3:
            third.set()
            await asyncio.Event().wait()
        await Import._take(dying, found, reading)

    def nothing(*_args: object) -> Script[None]:
        yield "SELECT 1", ()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(dying, "_take", take)
        if killed:
            patched.setattr(scripts, "hand_back", nothing)
        task = asyncio.create_task(dying.run())
        await third.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def lapse(job: int) -> Script[None]:
    yield "UPDATE import_job SET lease_until = 1 WHERE id = ?", (job,)


async def a_cancelled_import_ends_at_the_next_chat(world: World, person: Person, tmp_path: Path) -> None:
    path = exports.chatgpt_zip(tmp_path / "x.zip", [exports.chatgpt_chat(f"c-{n}") for n in range(3)])
    job = (await upload(person, path)).json()["data"]["import"]["id"]
    claim = await world.resources.db.write(scripts.claim, job, now_ms(), now_ms() + LEASE)
    assert claim is not None
    assert (await person.pages.post(f"/account/imports/{job}/cancellation")).status_code == 303
    await Import(world.resources, claim).run()
    data = await report(person, job)
    assert (data["import"]["status"], data["items"]) == ("cancelled", [])
    assert waiting(world) == []
    assert not await jobs.run_next(world.resources)


async def an_import_that_kills_its_worker_again_and_again_is_given_up(
    world: World, person: Person, tmp_path: Path
) -> None:
    job = (await upload(person, exports.chatgpt_zip(tmp_path / "x.zip"))).json()["data"]["import"]["id"]
    for _ in range(scripts.MOST_ATTEMPTS):
        assert await world.resources.db.write(scripts.claim, job, now_ms(), 1) is not None
    await jobs.run_next(world.resources)
    data = await report(person, job)
    assert (data["import"]["status"], data["import"]["error"]) == ("error", running.GAVE_UP)


async def deleting_an_import_can_take_its_chats_with_it(world: World, person: Person, tmp_path: Path) -> None:
    kept = await brought(world, person, exports.written(tmp_path / "a.json", [exports.claude_chat()]))
    path = exports.written(tmp_path / "b.json", [exports.claude_chat(), exports.claude_chat("k-2")])
    data = await brought(world, person, path)
    page = await person.pages.get(f"/account/imports/{data['import']['id']}")
    assert "Delete 1 chat" in page.text
    gone = await person.pages.post(
        f"/account/imports/{data['import']['id']}/deletion", data={"everything": "1"}
    )
    assert gone.status_code == 303
    left = await world.resources.db.fetch(
        "SELECT id FROM conversation WHERE owner = ? AND deleted_at IS NULL", person.id
    )
    assert [row["id"] for row in left] == [kept["items"][0]["conversation"]]
    assert await queries.jobs_of(world.resources.db, person.id) != []
    await person.pages.post(f"/account/imports/{kept['import']['id']}/deletion")
    assert await queries.jobs_of(world.resources.db, person.id) == []
    # The memory of what came is in the chats, not in the reports.
    again = await brought(world, person, exports.written(tmp_path / "c.json", [exports.claude_chat()]))
    assert outcomes(again) == {"known": 1}
