"""Ended answers out of nothing, for tests of what was used."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from parley.accounts.scripts import NewUser, insert_user
from parley.lib.db import Database, Many, Script

COLUMNS = (
    "owner",
    "conversation",
    "model",
    "answered_by",
    "status",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "cost_nano",
    "created_at",
    "first_text_at",
    "finished_at",
)


def answer(owner: int, at: int, **others: Any) -> dict[str, Any]:
    """One answer that ended at `at`, four seconds after its question."""
    told = {"conversation": 1, "model": "demo", "answered_by": "demo", "status": "done", "prompt_tokens": 100}
    told |= {"cached_tokens": 20, "completion_tokens": 50, "reasoning_tokens": 10, "cost_nano": 3_000_000}
    return {
        **told,
        "owner": owner,
        "created_at": at - 4000,
        "first_text_at": at - 3000,
        "finished_at": at,
        **others,
    }


def some_answer(chance: random.Random, low: int, high: int) -> dict[str, Any]:
    """Any answer: finished or not, with or without tokens, prices, words."""
    at = chance.randrange(low, high)
    known = chance.random() < 0.8
    return answer(
        chance.choice((1, 2, 3)),
        at,
        model=chance.choice(("demo", "route:fast")),
        answered_by=chance.choice(("demo", "gpt", "")),
        status=chance.choice(("done", "done", "error", "interrupted", "cancelled")),
        prompt_tokens=chance.randrange(5_000) if known else None,
        completion_tokens=chance.randrange(2**31) if known else None,
        cost_nano=chance.randrange(10**9) if known and chance.random() < 0.7 else None,
        first_text_at=at - chance.randrange(3000) if chance.random() < 0.7 else None,
        finished_at=at if chance.random() < 0.9 else None,
    )


def _ground(now: int) -> Script[None]:
    """Three people and the message of the first that all answers are said to be of."""
    for name in ("one", "two", "three"):
        yield from insert_user(NewUser(name, name, "", language=""), now)
    yield (
        "INSERT INTO conversation (id, owner, title, created_at, updated_at)"
        " SELECT 1, MIN(id), 'x', ?, ? FROM user_account",
        (now, now),
    )
    yield (
        "INSERT INTO message (id, conversation, role, text, created_at) VALUES (1, 1, 'assistant', 'x', ?)",
        (now,),
    )


def store(answers: Sequence[dict[str, Any]]) -> Script[None]:
    """Insert them, uncounted, as a worker leaves them behind."""
    marks = ", ".join("?" * len(COLUMNS))
    yield Many(
        f"INSERT INTO generation ({', '.join(COLUMNS)}, message, attempt) VALUES ({marks}, 1, 1)",
        [tuple(each[name] for name in COLUMNS) for each in answers],
    )


async def spend(db: Database, *answers: dict[str, Any]) -> None:
    """Store these answers."""
    if not await db.fetch("SELECT 1 AS one FROM message WHERE id = 1"):
        await db.write(_ground, 1)
    await db.write(store, answers)
