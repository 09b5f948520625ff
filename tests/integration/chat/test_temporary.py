"""Temporary chats: in no list, and nothing of them is left once they are over."""

from __future__ import annotations

import pytest

from parley.chat.temporary import service
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.settings.keeping import TEMPORARY_MINUTES
from tests.integration.chat.test_pages import finished, send
from tests.world import Person, World

# On both engines: what is deleted hangs on foreign keys and on conditions of each.
TABLES = ("conversation", "message", "generation", "generation_event", "message_file", "stored_file")


async def begun(person: Person) -> int:
    """A temporary chat with one question; its id."""
    form = {"text": "A secret", "client_message_id": "t1", "temporary": "1"}
    answer = await person.pages.post("/chat", data=form, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "data-temporary" in answer.text
    return int(answer.headers["hx-push-url"].rsplit("/", 1)[1])


def with_a_file(chat: int, owner: int, now: int) -> Script[int]:
    """A file of its first message."""
    rows = yield (
        "INSERT INTO stored_file (owner, sha256, mime, size, created_at) VALUES (?, ?, 'image/png', 1, ?)"
        " RETURNING id",
        (owner, "0" * 64, now),
    )
    yield (
        "INSERT INTO message_file (message, file, position)"
        " SELECT MIN(id), CAST(? AS BIGINT), 0 FROM message WHERE conversation = ?",
        (rows[0]["id"], chat),
    )
    return int(rows[0]["id"])


def last_used(chat: int, at: int) -> Script[None]:
    yield "UPDATE conversation SET updated_at = ? WHERE id = ?", (at, chat)


def signed_out(owner: int, now: int) -> Script[None]:
    yield "UPDATE login_session SET revoked_at = ? WHERE owner = ?", (now, owner)


async def left_over(world: World) -> dict[str, int]:
    """How many rows each table holds, those that hold any."""
    counts = {
        name: (await world.resources.db.fetch(f"SELECT COUNT(*) AS n FROM {name}"))[0]["n"] for name in TABLES
    }
    return {name: n for name, n in counts.items() if n}


async def tell(person: Person, chat: int, state: str) -> int:
    return (await person.pages.post(f"/chat/{chat}/presence", data={"state": state})).status_code


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a page to come back."""
    monkeypatch.setattr(service, "GRACE", -1.0)


@pytest.mark.usefixtures("worker")
async def test_leaving_deletes_rows_answers_and_files(world: World) -> None:
    chat = await begun(world.member)
    await finished(world.member, chat)
    await world.resources.db.write(with_a_file, chat, world.member.id, now_ms())
    assert (await left_over(world))["generation"] == 1
    assert await tell(world.member, chat, "gone") == 204
    assert (await world.member.pages.get(f"/chat/{chat}")).status_code == 404
    await service.forget_left(world.resources)
    assert await left_over(world) == {}
    assert await world.resources.db.fetch("SELECT id FROM search_change WHERE was IS NOT NULL") == []


@pytest.mark.usefixtures("worker")
async def test_it_stands_in_no_list_and_no_palette(world: World) -> None:
    await begun(world.member)
    assert "A secret" not in (await world.member.pages.get("/f/chat/list")).text
    assert "A secret" not in (await world.member.pages.get("/f/palette?q=secret")).text.replace(
        "“secret”", ""
    )
    assert (await world.member.api.get("/api/sessions")).json()["data"]["sessions"] == []


async def test_who_comes_back_in_time_finds_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = await begun(world.member)
    monkeypatch.setattr(service, "GRACE", 60.0)
    await tell(world.member, chat, "gone")
    assert await tell(world.member, chat, "here") == 204
    monkeypatch.setattr(service, "GRACE", -1.0)
    assert await service.forget_left(world.resources) == 0
    assert (await world.member.pages.get(f"/chat/{chat}")).status_code == 200


async def test_it_goes_when_nobody_used_it_or_its_owner_signed_out(world: World) -> None:
    chat = await begun(world.member)
    idle = TEMPORARY_MINUTES.default * service.MINUTE_MS
    await world.resources.db.write(last_used, chat, now_ms() - idle - 1)
    assert await service.forget_left(world.resources) == 1
    await begun(world.member)
    assert await service.forget_left(world.resources) == 0
    await world.resources.db.write(signed_out, world.member.id, now_ms())
    assert await service.forget_left(world.resources) == 1
    assert await left_over(world) == {}


async def test_a_kept_one_is_an_ordinary_chat(world: World) -> None:
    chat = await begun(world.member)
    answer = await world.member.pages.post(f"/chat/{chat}/keeping")
    assert answer.headers["location"] == f"/chat/{chat}"
    assert await tell(world.member, chat, "gone") == 404
    assert await service.forget_left(world.resources) == 0
    assert "A secret" in (await world.member.pages.get("/f/chat/list")).text


async def test_ordinary_chats_and_those_of_others_cannot_be_left(world: World) -> None:
    chat = await begun(world.member)
    ordinary = int((await send(world.member, "Stays", cid="o1")).headers["hx-push-url"].rsplit("/", 1)[1])
    assert await tell(world.member, ordinary, "gone") == 404
    assert await tell(world.outsider, chat, "gone") == 404
    assert (await world.outsider.pages.post(f"/chat/{chat}/keeping")).status_code == 404
    assert await service.forget_left(world.resources) == 0
