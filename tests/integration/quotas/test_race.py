"""One conditional statement decides: of a hundred at once exactly one gets the last message."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from parley.lib.db import Database
from tests.integration.quotas.asking import NETWORK, OWN, POOL, let_through, visitors
from tests.processes import Web
from tests.world import PASSWORD


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


@pytest.fixture
def webs(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[list[Web]]:
    """Two real web processes on one database, which nobody's pace holds back."""
    environ = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PARLEY_SECRET_KEY": secrets.token_urlsafe(48),
        "PARLEY_LOG_LEVEL": "warning",
        "PARLEY_SETTING_LIMITS_PER_MINUTE": "0",
        "PARLEY_SETTING_LIMITS_CONCURRENT": "0",
    }
    running = [Web(tmp_path / f"web{n}", environ) for n in range(2)]
    try:
        for web in running:
            web.wait()
        yield running
    finally:
        for web in running:
            web.stop()


async def test_a_hundred_requests_to_two_web_processes_let_one_through(db: Database, webs: list[Web]) -> None:
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(browser(web.url)) for web in webs]
        csrf = await signed_in(clients)

        async def ask(n: int) -> int:
            form = {"text": "hello", "client_message_id": f"c{n}", "model": "demo"}
            answer = await clients[n % 2].post("/chat", data=form, headers={"X-CSRF-Token": csrf})
            return answer.status_code

        assert [await ask(n) for n in range(2)] == [303, 303]
        statuses = Counter(await asyncio.gather(*(ask(n) for n in range(2, 102))))
    assert statuses == {303: 1, 429: 99}
    assert (await db.fetch("SELECT used FROM quota_use"))[0]["used"] == 3
    left = await db.fetch("SELECT COUNT(*) AS n FROM message UNION ALL SELECT COUNT(*) FROM charge")
    assert [row["n"] for row in left] == [6, 3]


def browser(url: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=50)
    return httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, limits=limits, verify=False)


async def signed_in(clients: list[httpx.AsyncClient]) -> str:
    """The first account on both, with three messages a day; the token for forms."""
    one, other = clients
    person = {"username": "keeper", "password": PASSWORD}
    said = (await one.post("/api/auth/register", json=person)).json()["data"]
    quota = {"unit": "messages", "period": "day", "limit": 3}
    bearer = {"Authorization": f"Bearer {said['token']}"}
    given = await one.put(f"/api/users/{said['user']['id']}/quota", json=quota, headers=bearer)
    assert given.status_code == 200, given.text
    await one.post("/login", data={**person, "_csrf": csrf_of((await one.get("/login")).text)})
    other.cookies = one.cookies
    return csrf_of((await other.get("/chat")).text)


def csrf_of(page: str) -> str:
    found = re.search(r'X-CSRF-Token": "([^"]+)"', page) or re.search(r'name="_csrf" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]
