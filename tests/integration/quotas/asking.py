"""Many questions at the same moment."""

from __future__ import annotations

import asyncio

from parley.chat import scripts
from parley.chat.scripts import Question
from parley.lib.clock import now_ms
from parley.lib.db import Database, Script
from parley.lib.errors import OverQuota
from parley.quotas.rules import Person, Plan, Rule, slots_of

NETWORK = "192.0.2.0/24"
OWN = Rule(1, "visitors", "", "", "messages", "day", 3)
POOL = Rule(2, "range", "", "", "messages", "month", 3)


def visitors(number: int) -> Script[list[int]]:
    """So many visitors of one network."""
    made = []
    for n in range(number):
        rows = yield (
            "INSERT INTO user_account (username, username_key, password_hash, role, status, created_at)"
            " VALUES ('', ?, '', 'visitor', 'active', 0) RETURNING id",
            (f"~{n}",),
        )
        made.append(int(rows[0]["id"]))
    return made


async def let_through(db: Database, owners: list[int], rule: Rule, tag: str) -> int:
    """All ask at once, each in a new chat; how many are accepted."""

    async def ask(n: int, owner: int) -> bool:
        person, now = Person(owner, "visitor", network=NETWORK), now_ms()
        plan = Plan(person, "1:m", now, slots_of([rule], person, now, "1:m"))
        question = Question(owner, None, "hello", f"{tag}-{n}", "hash", "1:m", "M", "hello", plan=plan)
        try:
            await db.write(scripts.accept, question, now)
        except OverQuota:
            return False
        return True

    return sum(await asyncio.gather(*(ask(n, owner) for n, owner in enumerate(owners))))
