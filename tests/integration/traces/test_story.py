"""The trace of an answer that was rate-limited, tried again and asked for a tool, down to the file."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.integration.connections.conftest import KEY, data
from tests.integration.generations.workshop import until
from tests.integration.traces.conftest import Traced
from tests.world import PASSWORD

pytestmark = pytest.mark.one_engine

PAGE = Path(__file__).parents[3] / "docs" / "traces.md"
FAULT = "fault=429 failures=1 retry_after=2 reasoning=3 tools=1 speed=0"
QUESTION = f"key=story What is the weather in Lisbon? [[{FAULT}]]"


def shape(text: str) -> list[str]:
    """The lines of a trace without its figures, and without those whose number is chance."""
    text = re.sub(r"\d[\d.,:-]*( ms| s| KB| B| min)?(?!\w)", "#", re.sub(r"UTC|127\.0\.0\.1:\d+", "", text))
    lines = [re.sub(r"[+\s]+", " ", line).strip() for line in text.splitlines()]
    return sorted({line for line in lines if line and "stored in" not in line and "database" not in line})


async def test_it_reads_like_a_story(traced: Traced) -> None:
    member = traced.world.admin
    await traced.ask(member, QUESTION, traceEnabled=True)
    id = await traced.only(member)
    answer = await member.api.get(f"/api/task-trace/{id}/export")
    assert answer.headers["content-disposition"] == f'attachment; filename="task-trace-{id}.txt"'
    text = answer.text
    order = [
        "characters came from keeper.", "A worker took the question on after",
        "What the model gets was put together",
        "is asked over “Nearby”", "The request went out to", "The provider answered 429 after",
        "asked to wait 2 s", "That brought no answer: The provider asks to wait.",
        "Parley waited 2 s, as the provider asked",
        "The provider answered 200", "The model began to think.", "The model asked for the tool",
        "The answer is complete.",
    ]  # fmt: skip
    at = [text.index(words) for words in order]
    assert at == sorted(at), text
    assert KEY not in text
    sample = re.search(r"```text\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert sample is not None
    assert shape(sample[1]) == shape(text), text


async def test_who_stopped_an_answer_is_told(traced: Traced) -> None:
    world, db = traced.world, traced.world.resources.db

    async def is_so(column: str) -> bool:
        return bool(await db.fetch(f"SELECT 1 FROM generation WHERE {column}"))

    question = "key=off [[fault=hang-body speed=0]]"
    asking = asyncio.create_task(traced.ask(world.member, question, traceEnabled=True))
    await until(lambda: is_so("shown"), "the first words are there")
    for status in ("DISABLED", "ACTIVE"):
        data(await world.admin.api.post(f"/api/users/{world.member.id}/status", json={"status": status}))
    await until(lambda: is_so("finished_at IS NOT NULL"), "the answer is stopped")
    await asyncio.wait([asking])  # cut off, or told of the end
    why = "The answer was stopped because the account was turned off."
    (trace,) = await traced.traces(world.admin)
    text = (await world.admin.api.get(f"/api/task-trace/{trace['id']}/export")).text
    assert text.count(why) == 2  # above the line, and at its end
    assert ("Reason: " in text, "Error: " in text) == (True, False)
    login = {"username": "member", "password": PASSWORD}
    token = data(await world.visitor.api.post("/api/auth/login", json=login))["token"]
    own = {"Authorization": f"Bearer {token}"}
    (session,) = data(await world.visitor.api.get("/api/sessions", headers=own))["sessions"]
    told = data(await world.visitor.api.get(f"/api/sessions/{session['id']}/messages", headers=own))
    answer = told["messages"][-1]
    assert (answer["status"], answer["errorCode"], answer["error"]) == ("cancelled", "account_off", why)
