"""What the tests of versions do again and again."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.integration.chat.conftest import ask
from tests.world import Person

HTMX = {"HX-Request": "true"}


async def chat(person: Person, *questions: str) -> int:
    """A chat with these questions, each answered; its id."""
    session: int | None = None
    for n, text in enumerate(questions):
        session = (await ask(person, text, session=session, cid=f"q{n}"))["session"]
    assert session is not None
    return session


async def path_of(person: Person, session: int) -> list[dict[str, Any]]:
    """The messages of the chosen path, once nothing is written there any more."""
    for _ in range(1000):
        answer = await person.api.get(f"/api/sessions/{session}/messages")
        messages: list[dict[str, Any]] = answer.json()["data"]["messages"]
        if all(each["status"] not in ("queued", "streaming") for each in messages):
            return messages
        await asyncio.sleep(0.02)
    raise AssertionError("the answer did not end")


async def texts_of(person: Person, session: int) -> list[str]:
    return [each["content"] for each in await path_of(person, session) if each["role"] == "user"]


async def post(person: Person, path: str, **form: str) -> Any:
    return await person.pages.post(path, data=form, headers=HTMX)
