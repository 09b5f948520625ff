"""One conditional statement decides: of a hundred at once exactly one gets the last message."""

from __future__ import annotations

import asyncio
import sys

from parley.lib.db import Database
from tests.integration.quotas.asking import NETWORK, OWN, POOL, let_through, visitors
from tests.servers import ROOT


async def used(db: Database, key: str) -> int:
    rows = await db.fetch("SELECT used FROM quota_use WHERE key = ?", key)
    return int(rows[0]["used"])


async def test_a_hundred_at_once_and_one_left_let_one_through(db: Database) -> None:
    (owner,) = await db.write(visitors, 1)
    assert await let_through(db, [owner] * 2, OWN, "before") == 2
    assert await let_through(db, [owner] * 100, OWN, "race") == 1
    assert await used(db, f"user {owner}") == 3
    left = await db.fetch("SELECT COUNT(*) AS n FROM message UNION ALL SELECT COUNT(*) FROM charge")
    assert [row["n"] for row in left] == [6, 3]  # of the refused nothing is left


async def test_a_hundred_visitors_of_one_network_share_what_is_left(db: Database) -> None:
    owners = await db.write(visitors, 102)
    assert await let_through(db, owners[:2], POOL, "before") == 2
    assert await let_through(db, owners[2:], POOL, "race") == 1
    assert await used(db, f"range {NETWORK}") == 3


async def test_two_processes_let_one_through(db: Database, database_url: str) -> None:
    (owner,) = await db.write(visitors, 1)
    assert await let_through(db, [owner] * 2, OWN, "before") == 2
    command = (sys.executable, "-m", "tests.integration.quotas.asking", database_url)
    processes = [
        await asyncio.create_subprocess_exec(
            *command, f"p{n}", ",".join([str(owner)] * 50), cwd=ROOT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={"PYTHONPATH": f"{ROOT}/src:{ROOT}", "PATH": "/usr/bin:/bin"},
        )
        for n in range(2)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert sum(int(output) for output, _errors in told) == 1
    assert await used(db, f"user {owner}") == 3
