"""Guessing passwords does not pay."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from parley.accounts import service
from parley.lib.clock import now_ms
from parley.lib.passwords import PASSWORDS
from tests.world import PASSWORD, World


@pytest.fixture(autouse=True)
def _no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the hashing takes on a busy machine: a second of waiting is over soon."""
    now = now_ms()
    monkeypatch.setattr(service, "now_ms", lambda: now)


async def guess(client: httpx.AsyncClient, username: str, password: str = "wrong password") -> httpx.Response:
    """One try to sign in."""
    return await client.post("/api/auth/login", json={"username": username, "password": password})


async def test_guessing_one_account_is_slowed_down_and_says_until_when(world: World) -> None:
    answers = [await guess(world.visitor.api, "member") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1].headers["retry-after"] == "1"
    assert answers[-1].json()["code"] == "too_many"
    # Even the right password waits: otherwise the answer would tell which guess was right.
    assert (await guess(world.visitor.api, "member", PASSWORD)).status_code == 429
    assert (await guess(world.visitor.api, "outsider", PASSWORD)).status_code == 200


async def test_guesses_at_once_get_no_more_answers_than_guesses_in_a_row(world: World) -> None:
    answers = await asyncio.gather(*(guess(world.visitor.api, "member") for _ in range(20)))
    assert [answer.status_code for answer in answers].count(401) == 3


async def test_unknown_accounts_are_slowed_down_alike(world: World) -> None:
    answers = [await guess(world.visitor.api, "nobody_here") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_spraying_many_accounts_from_one_range_ends_after_thirty(world: World) -> None:
    answers = [await guess(world.visitor.api, f"victim_{n}") for n in range(32)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429] * 2
    assert 0 < int(answers[-1].headers["retry-after"]) <= 600


async def test_a_forged_forwarding_header_does_not_make_another_range(world: World) -> None:
    for n in range(31):
        answer = await world.visitor.api.post(
            "/api/auth/login",
            json={"username": f"victim_{n}", "password": "wrong password"},
            headers={"X-Forwarded-For": f"198.51.{n}.1"},
        )
    assert answer.status_code == 429


async def test_signing_in_together_is_not_guessing(world: World) -> None:
    answers = await asyncio.gather(*(guess(world.visitor.api, "member", PASSWORD) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await world.resources.db.fetch("SELECT key FROM login_throttle WHERE failures > 0") == []


async def test_registering_is_limited_by_range(client: httpx.AsyncClient) -> None:
    taken = {"username": "the_first", "password": "quiet otter 47"}
    answers = [await client.post("/api/auth/register", json=taken) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [201] + [409] * 29 + [429]


async def test_known_and_unknown_names_take_the_same_path(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bool] = []
    verify = PASSWORDS._verify

    def counting(stored: str | None, password: str) -> bool:
        checked.append(stored is None)
        return verify(stored, password)

    monkeypatch.setattr(PASSWORDS, "_verify", counting)
    for name in ("member", "waiting", "nobody_here", "not a name"):
        await guess(world.visitor.api, name)
    assert checked == [False, False, True, True]
