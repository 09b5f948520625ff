"""What settings about answers, files and chats do: each test changes them as an administrator would."""

from __future__ import annotations

import pytest

from parley.chat import tempering
from parley.files.service import clear_away, limits, take_in
from parley.lib.clock import now_ms
from parley.lib.db import Script
from parley.providers.sampling import Reasoning
from parley.settings.queries import load
from tests.integration.chat.test_preparing import asked, connect, first_ask, override
from tests.unit.files.drawings import picture
from tests.world import Person, World

pytestmark = pytest.mark.one_engine
API = "/api/settings/system"
DAY = 86_400_000


async def put(person: Person, values: dict[str, object]) -> None:
    answer = await person.api.put(API, json=values)
    assert answer.status_code == 200, answer.text


def run(sql: str, *values: object) -> Script[None]:
    yield sql, values


async def test_prompt_window_and_sampling_go_with_a_question(world: World) -> None:
    id = await connect(world, "m")
    await override(world, f"{id}:m", capabilities={"reasoning": True})
    decided = {
        "context.system_prompt": "Be brief, {user}.",
        "context.window": 5_000,
        "reasoning.effort": "low",
    }
    await put(
        world.admin,
        {**decided, "sampling.temperature": 0.7, "sampling.top_p": 0.9, "sampling.max_tokens": 321},
    )
    ask = await first_ask(world, world.member, f"{id}:m")
    assert "Be brief, member." in ask.prompt.system
    assert ask.prompt.context_window == 5_000
    sampling = ask.prompt.sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens) == (0.7, 0.9, 321)
    assert ask.prompt.reasoning == Reasoning(effort="low")


async def test_nobody_writes_a_longer_prompt_than_is_allowed(world: World) -> None:
    await put(world.admin, {"context.prompt_limit": 10})
    own = {"personalPrompt": "x" * 11}
    assert (await world.member.api.put("/api/settings/personal", json=own)).status_code == 400


async def test_patience_and_tags_are_those_of_the_settings(world: World) -> None:
    seconds = {"connect": 1.5, "headers": 2.5, "first_token": 9.5, "idle": 3.5, "total": 40}
    await put(world.admin, {f"patience.{name}": value for name, value in seconds.items()})
    values = await load(world.resources.db)
    patience = tempering.patience_of(values)
    assert (patience.connect, patience.headers, patience.idle, patience.total) == (1.5, 2.5, 3.5, 40)
    assert tempering.limits_of(values).first_fact == 9.5


async def test_files_are_made_smaller_and_kept_as_long_as_decided(world: World) -> None:
    await put(world.admin, {"files.picture_side": 512, "files.loose_days": 3, "files.keep_days": 30})
    assert (await limits(world.resources)).side == 512
    file = await take_in(world.resources, world.member.id, picture(), "a.png")
    db = world.resources.db
    kept = await take_in(world.resources, world.member.id, picture("JPEG"), "b.jpg")
    session = (await world.member.api.post("/api/sessions", json={})).json()["data"]["session"]["id"]
    await db.write(
        run, "INSERT INTO message (id, conversation, role, created_at) VALUES (1, ?, 'user', 1)", session
    )
    await db.write(run, "INSERT INTO message_file (message, file, position) VALUES (1, ?, 0)", kept.id)
    for age, left in ((2, 1), (4, 0)):
        await db.write(run, "UPDATE stored_file SET created_at = ?", now_ms() - age * DAY)
        await clear_away(world.resources)
        found = await db.fetch("SELECT COUNT(*) AS n FROM stored_file WHERE id = ?", file.id)
        assert found[0]["n"] == left
    for age, there in ((29, True), (31, False)):
        await db.write(run, "UPDATE stored_file SET created_at = ?", now_ms() - age * DAY)
        await clear_away(world.resources)
        rows = await db.fetch("SELECT sha256 FROM stored_file WHERE id = ?", kept.id)
        assert bool(rows[0]["sha256"]) is there


async def test_a_question_to_a_denied_model_is_refused(world: World) -> None:
    id = await connect(world, "m")
    assert await asked(world, world.member, f"{id}:m")
    await put(world.admin, {"models.access_user": "deny"})
    found = (await world.member.api.get("/api/models")).text
    assert f"{id}:m" not in found
