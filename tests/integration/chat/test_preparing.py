"""Whom a question goes to, and with what: models, access, context, sampling, system prompts."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from parley.chat import prompting, questions
from parley.chat.jobs import prepare
from parley.chat.prompting import Built
from parley.files.service import take_in
from parley.generations.runner import Ask, Prepared
from parley.lib.db import Row, Script
from parley.lib.errors import AppError
from parley.providers.sampling import Reasoning, Sampling
from tests.unit.files.drawings import picture
from tests.world import Person, World


def run(sql: str, *values: object) -> Script[None]:
    yield sql, values


async def connect(world: World, *models: str, **columns: str) -> int:
    """A connection at an address nobody listens at, with these models."""
    body = {"provider": "openai", "baseUrl": "http://127.0.0.1:9/v1", "models": list(models)}
    answer = await world.admin.api.post("/api/connections", json=body)
    id: int = answer.json()["data"]["connection"]["id"]
    for column, value in columns.items():
        await world.resources.db.write(run, f"UPDATE connection SET {column} = ? WHERE id = ?", value, id)
    return id


async def override(world: World, model: str, **fields: object) -> None:
    data = msgspec.json.encode(fields).decode()
    await world.resources.db.write(run, "UPDATE model SET overrides = ? WHERE public_id = ?", data, model)


async def asked(world: World, person: Person, model: str, text: str = "Hi", **columns: str) -> int:
    """A queued question to `model`; the generation."""
    session = (await person.api.post("/api/sessions", json={"modelId": model})).json()["data"]["session"][
        "id"
    ]
    for column, value in columns.items():
        await world.resources.db.write(
            run, f"UPDATE conversation SET {column} = ? WHERE id = ?", value, session
        )
    body = {"sessionId": session, "content": text, "clientMessageId": "c1"}
    async with person.api.stream("POST", "/api/chat/stream", json=body) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: "):
                return int(msgspec.json.decode(line.removeprefix("data: "))["generationId"])
    raise AssertionError("no start")


async def first_ask(world: World, person: Person, model: str, text: str = "Hi", **columns: str) -> Ask:
    prepared: Prepared = await prepare(world.resources, await asked(world, person, model, text, **columns))
    return prepared.asks[0]


async def test_a_model_is_asked_with_every_key_of_its_connection(world: World) -> None:
    id = await connect(world, "m")
    ask = await first_ask(world, world.member, f"{id}:m")
    assert (ask.model, ask.prompt.model, len(ask.keys)) == (f"{id}:m", "m", 1)
    assert [turn.text for turn in ask.prompt.turns] == ["Hi"]
    assert ask.prompt.context_window == 120_000


async def test_the_closest_word_counts_for_sampling_and_reasoning(world: World) -> None:
    defaults = '{"sampling": {"temperature": 0.1, "top_p": 0.5, "seed": 3}, "reasoning": {"effort": "low"}}'
    id = await connect(world, "m", defaults=defaults)
    await override(world, f"{id}:m", sampling={"temperature": 0.2, "top_p": 0.6})
    await world.resources.db.write(
        run, "INSERT INTO setting (key, value, updated_at) VALUES ('sampling.max_tokens', '77', 0)"
    )
    ask = await first_ask(
        world, world.member, f"{id}:m", sampling='{"temperature": 0.3}', reasoning='{"mode": "on"}'
    )
    assert ask.prompt.sampling == Sampling(temperature=0.3, top_p=0.6, seed=3, max_tokens=77)
    assert ask.prompt.reasoning == Reasoning(mode="on", effort="low")


@pytest.mark.parametrize(("own", "personal", "sent"), [
    ("mine for {user}", "person", "mine for member"),
    ("", "person", "person"),
    ("", "", "site"),
])  # fmt: skip
async def test_the_closest_system_prompt_counts(world: World, own: str, personal: str, sent: str) -> None:
    db = world.resources.db
    await db.write(run, "UPDATE user_account SET personal_prompt = ? WHERE id = ?", personal, world.member.id)
    await db.write(
        run, "INSERT INTO setting (key, value, updated_at) VALUES ('context.system_prompt', '\"site\"', 0)"
    )
    ask = await first_ask(world, world.member, "demo", system_prompt=own)
    assert ask.prompt.system == sent


async def test_fallbacks_follow_the_chosen_model_as_far_as_they_may_be_used(world: World) -> None:
    id = await connect(world, "a", "b", "c")
    await override(world, f"{id}:a", fallbacks=[f"{id}:b", f"{id}:c", "99:gone"])
    await override(world, f"{id}:b", accessUser="deny")
    prepared = await prepare(world.resources, await asked(world, world.member, f"{id}:a"))
    assert [ask.model for ask in prepared.asks] == [f"{id}:a", f"{id}:c"]


async def test_access_is_asked_again_when_the_answer_begins(world: World) -> None:
    id = await connect(world, "a")
    generation = await asked(world, world.member, f"{id}:a")
    await override(world, f"{id}:a", accessUser="deny")
    with pytest.raises(AppError, match="You may not use"):
        await prepare(world.resources, generation)
    await override(world, f"{id}:a", accessUser="allow")
    assert (await prepare(world.resources, generation)).asks


async def test_a_connection_that_was_turned_off_leaves_the_answer_to_the_fallback(world: World) -> None:
    first, second = await connect(world, "a"), await connect(world, "b")
    await override(world, f"{first}:a", fallbacks=[f"{second}:b"])
    generation = await asked(world, world.member, f"{first}:a")
    await world.admin.api.patch(f"/api/connections/{first}", json={"enabled": False})
    prepared = await prepare(world.resources, generation)
    assert [ask.model for ask in prepared.asks] == [f"{second}:b"]
    assert prepared.passed_over == ("a", "connection_off")  # readers are told who answers for whom
    await world.admin.api.patch(f"/api/connections/{second}", json={"enabled": False})
    with pytest.raises(AppError, match="turned off"):
        await prepare(world.resources, generation)


async def test_a_small_window_leaves_room_for_the_answer(world: World) -> None:
    id = await connect(world, "m")
    await override(world, f"{id}:m", contextWindow=2000, maxOutput=500)
    ask = await first_ask(world, world.member, f"{id}:m", sampling='{"max_tokens": 9000}')
    assert ask.prompt.sampling.max_tokens == ask.prompt.room == 500
    ask = await first_ask(world, world.admin, f"{id}:m", "word " * 1500, sampling='{"max_tokens": 500}')
    assert ask.prompt.room < 500


async def test_a_route_leads_to_what_fits_now(world: World) -> None:
    id = await connect(world, "a", "b")
    rules: list[dict[str, object]] = [
        {"target": f"{id}:a", "start": "00:00", "end": "00:00", "weekdays": []},
        {"target": f"{id}:b"},
    ]
    rules[0] |= {"maxPriceInput": 1}  # its price is not known
    await world.resources.db.write(
        run,
        "INSERT INTO route (slug, name, rules, created_at, updated_at) VALUES ('cheap', 'Cheap', ?, 0, 0)",
        msgspec.json.encode(rules).decode(),
    )
    assert (await first_ask(world, world.member, "route:cheap")).model == f"{id}:b"


async def test_a_route_of_which_nobody_knows_whether_it_sees_is_sent_pictures(world: World) -> None:
    id = await connect(world, "m")
    await world.resources.db.write(
        run,
        "INSERT INTO route (slug, name, rules, created_at, updated_at) VALUES ('r', 'R', ?, 0, 0)",
        msgspec.json.encode([{"target": f"{id}:m"}]).decode(),
    )
    generation = await asked(world, world.member, "route:r")
    kept = await take_in(world.resources, world.member.id, picture())
    await world.resources.db.write(
        run, "INSERT INTO message_file (message, file, position) SELECT MIN(id), ?, 0 FROM message", kept.id
    )
    prepared = await prepare(world.resources, generation)
    assert [len(turn.images) for turn in prepared.asks[0].prompt.turns] == [1]


async def test_many_targets_and_fallbacks_are_read_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await connect(world, *"abcdefgh")
    await override(world, f"{id}:a", fallbacks=[f"{id}:{name}" for name in "efgh"])
    await world.resources.db.write(
        run,
        "INSERT INTO route (slug, name, rules, created_at, updated_at) VALUES ('r', 'R', ?, 0, 0)",
        msgspec.json.encode([{"target": f"{id}:{name}"} for name in "abcd"]).decode(),
    )
    generation = await asked(world, world.member, "route:r")
    db, reads = world.resources.db, []
    fetch = db.fetch

    async def counted(sql: str, *values: object) -> list[Row]:
        reads.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(db, "fetch", counted)
    prepared = await prepare(world.resources, generation)
    assert len(prepared.asks) == 6
    assert sum(sql.startswith("SELECT m.connection, m.public_id") for sql in reads) <= 2


async def test_other_answers_flow_while_a_long_chat_is_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []

    def seen(*path: Any, **more: Any) -> Built:
        threads.append(threading.current_thread())
        return built(*path, **more)

    built = prompting.built
    monkeypatch.setattr(prompting, "built", seen)
    await first_ask(world, world.member, "demo")
    assert threads
    assert threading.main_thread() not in threads


async def test_messages_too_old_to_be_read_count_as_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "LONGEST_PATH", 3)
    generation = await asked(world, world.member, "demo")
    for _ in range(2):  # an exchange before the first message, and one before that
        for role in ("assistant", "user"):
            await world.resources.db.write(
                run,
                "INSERT INTO message (conversation, role, text, created_at)"
                " SELECT conversation, ?, 'old', 0 FROM message WHERE parent IS NULL",
                role,
            )
            await world.resources.db.write(
                run,
                "UPDATE message SET parent = (SELECT MAX(id) FROM message)"
                " WHERE parent IS NULL AND id < (SELECT MAX(id) FROM message)",
            )
    ask = (await prepare(world.resources, generation)).asks[0]
    assert ([turn.text for turn in ask.prompt.turns], ask.left_out) == (["old", "old", "Hi"], 2)
