"""The short form of `./start.sh chaos`: twenty seconds of kills in the normal suite."""

from __future__ import annotations

import random

import pytest

from tests.chaos.run import Plan, keep, run
from tests.servers import missing, redis_binary


@pytest.mark.chaos
async def test_twenty_seconds_of_kills_lose_nothing() -> None:
    if redis_binary() is None:
        missing("redis-server or valkey-server")
    verdict = await run(Plan(seed=random.randrange(1_000_000), seconds=20))
    print(verdict.certificate())  # shown with -s, and when it fails
    assert not verdict.violations, f"{verdict.certificate()}\nhistory kept in {keep(verdict)}"
