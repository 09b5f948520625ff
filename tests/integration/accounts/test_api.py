"""The JSON API of accounts, as outside programs see it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from parley.lib.config import Config
from tests.integration.accounts.conftest import accounts_app
from tests.world import PASSWORD, World, served

NAME = {"username": "first_one", "password": "quiet otter 47"}


def body(answer: httpx.Response) -> dict[str, Any]:
    """The envelope."""
    content: dict[str, Any] = answer.json()
    assert set(content) >= {"success", "data", "error"}
    assert content["success"] is (answer.status_code < 400)
    return content


async def test_the_first_to_register_is_the_administrator(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/auth/register", json=NAME)
    assert answer.status_code == 201
    data = body(answer)["data"]
    assert data["token"]
    assert data["user"] == {
        "id": data["user"]["id"],
        "username": "first_one",
        "role": "ADMIN",
        "status": "ACTIVE",
    }
    me = await client.get("/api/auth/me", headers={"Authorization": f"Bearer {data['token']}"})
    assert body(me)["data"]["user"] == data["user"]


async def test_later_ones_wait_and_get_no_token(world: World) -> None:
    answer = await world.visitor.api.post("/api/auth/register", json=NAME)
    assert answer.status_code == 201
    data = body(answer)["data"]
    assert "token" not in data
    assert data["user"]["status"] == "PENDING"
    login = await world.visitor.api.post("/api/auth/login", json=NAME)
    assert login.status_code == 423
    assert body(login)["code"] == "pending"


async def test_ten_first_registrations_at_once_make_one_administrator(client: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *(
            client.post("/api/auth/register", json={"username": f"user_{n}", "password": "quiet otter 47"})
            for n in range(10)
        )
    )
    assert [answer.status_code for answer in answers] == [201] * 10
    roles = [body(answer)["data"]["user"]["role"] for answer in answers]
    assert sorted(roles) == ["ADMIN"] + ["USER"] * 9


async def test_two_web_processes_make_one_administrator(config: Config) -> None:
    async with (
        served(accounts_app(config)) as one,
        served(accounts_app(config)) as two,
        httpx.AsyncClient(timeout=20, trust_env=False) as clients,
    ):
        answers = await asyncio.gather(
            *(
                clients.post(
                    f"{(one, two)[n % 2]}/api/auth/register",
                    json={"username": f"user_{n}", "password": "quiet otter 47"},
                )
                for n in range(10)
            )
        )
    roles = [body(answer)["data"]["user"]["role"] for answer in answers]
    assert sorted(roles) == ["ADMIN"] + ["USER"] * 9


async def test_ten_registrations_of_one_name_make_one_account(client: httpx.AsyncClient) -> None:
    names = ["Ann", "ann", "ANN", "ａｎｎ", "aNN", "anN", "ANn", "AnN", "aNn", "Ann"]
    answers = await asyncio.gather(
        *(
            client.post("/api/auth/register", json={"username": name, "password": "quiet otter 47"})
            for name in names
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert body(refused)["code"] == "username_taken"
    assert "username" in body(refused)["fields"]


async def test_nobody_registers_a_role_or_status(world: World) -> None:
    wish = {**NAME, "role": "admin", "status": "active", "id": 1, "ver": 9}
    answer = await world.visitor.api.post("/api/auth/register", json=wish)
    assert body(answer)["data"]["user"]["role"] == "USER"
    assert body(answer)["data"]["user"]["status"] == "PENDING"


@pytest.mark.parametrize(
    ("credentials", "fields"),
    [
        ({"username": "ab", "password": "quiet otter 47"}, {"username"}),
        ({"username": "good_name", "password": "short"}, {"password"}),
        ({"username": "good_name", "password": "x" * 100_000}, {"password"}),
        ({"username": "good_name\0", "password": "quiet otter 47"}, {"username"}),
        ({"username": "good_name"}, set()),
        ({"username": 5, "password": []}, set()),
        ([], set()),
    ],
)
async def test_bad_registrations_name_what_is_wrong(
    client: httpx.AsyncClient, credentials: Any, fields: set[str]
) -> None:
    answer = await client.post("/api/auth/register", json=credentials)
    assert answer.status_code == 400
    assert set(body(answer).get("fields", {})) >= fields


async def test_a_program_signs_in_works_and_signs_out(world: World) -> None:
    answer = await world.visitor.api.post(
        "/api/auth/login", json={"username": "MEMBER", "password": PASSWORD}
    )
    assert answer.status_code == 200
    assert answer.headers.get("set-cookie") is None
    token = {"Authorization": f"Bearer {body(answer)['data']['token']}"}
    assert (await world.visitor.api.get("/api/secret", headers=token)).json() == {"username": "member"}
    assert (await world.visitor.api.post("/api/auth/logout", headers=token)).status_code == 200
    after = await world.visitor.api.get("/api/secret", headers=token)
    assert after.status_code == 401
    assert body(after)["code"] == "not_signed_in"


async def test_unknown_names_and_wrong_passwords_get_one_answer(world: World) -> None:
    answers = [
        await world.visitor.api.post("/api/auth/login", json={"username": name, "password": "wrong password"})
        for name in ("member", "nobody_here", "waiting", "not a name\0", "")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1


async def test_only_the_right_password_tells_that_an_account_is_shut(world: World) -> None:
    await world.admin.api.post(f"/api/users/{world.member.id}/status", json={"status": "DISABLED"})
    await world.admin.api.post(f"/api/users/{world.pending.id}/reject", json={"reason": "Who are you?"})
    for name, code in (("member", "disabled"), ("waiting", "rejected")):
        wrong = await world.visitor.api.post(
            "/api/auth/login", json={"username": name, "password": "wrong password"}
        )
        assert wrong.status_code == 401
        right = await world.visitor.api.post("/api/auth/login", json={"username": name, "password": PASSWORD})
        assert right.status_code == 403
        assert body(right)["code"] == code
    assert "Who are you?" in body(right)["error"]


async def test_a_bearer_token_alone_decides_where_there_is_one(world: World) -> None:
    answer = await world.member.pages.get("/api/secret", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    empty = await world.member.pages.get("/api/secret", headers={"Authorization": "Bearer"})
    assert empty.status_code == 401


async def test_the_credentials_of_a_proxy_in_front_do_not_disturb_the_cookie(world: World) -> None:
    basic = {"Authorization": "Basic bWVtYmVyOng="}
    assert (await world.member.pages.get("/api/secret", headers=basic)).status_code == 200
    world.member.pages.headers.pop("x-csrf-token")
    assert (await world.member.pages.post("/logout", headers=basic)).status_code == 403


@pytest.mark.parametrize("place", ["x-api-key", "api-key", "x-access-token"])
async def test_a_token_counts_nowhere_but_in_authorization(world: World, place: str) -> None:
    token = world.member.token
    assert (await world.visitor.api.get("/api/secret", headers={place: token})).status_code == 401
    assert (await world.visitor.api.get(f"/api/secret?key={token}&token={token}")).status_code == 401
    world.visitor.api.cookies.set("sid", token)
    assert (await world.visitor.api.get("/api/secret")).status_code == 401


async def test_json_routes_take_only_json(world: World) -> None:
    content = '{"username": "x", "a": "b"}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        answer = await world.visitor.api.post("/api/echo", content=content, headers={"content-type": kind})
        assert answer.status_code == 415, kind
        assert body(answer)["code"] == "not_json"
    good = await world.visitor.api.post("/api/echo", json={"a": "b"})
    assert good.status_code == 201


async def test_a_cookie_needs_the_token_on_json_routes_too(world: World) -> None:
    world.member.pages.headers.pop("x-csrf-token")
    assert (await world.member.pages.post("/api/echo", json={})).status_code == 403
    with_token = await world.member.pages.post(
        "/api/echo", json={}, headers={"x-csrf-token": world.member.csrf}
    )
    assert with_token.status_code == 201


async def test_who_waits_may_ask_how_it_stands_and_nothing_else(world: World) -> None:
    assert body(await world.pending.api.get("/api/auth/me"))["data"]["user"]["status"] == "PENDING"
    refused = await world.pending.api.get("/api/secret")
    assert refused.status_code == 423
    assert (await world.pending.api.get("/api/users")).status_code == 423
