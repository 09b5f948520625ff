"""Connections and models over JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parley.connections import scripts
from parley.connections.service import provider_for
from parley.lib.clock import now_ms
from parley.lib.errors import AppError
from parley.lib.secretbox import KeyUnreadable, SecretBox
from parley.providers.openai import OpenAIProvider
from tests.integration.connections.conftest import KEY, connect, data
from tests.upstream import Upstream
from tests.world import World

ADDRESSES = [
    ("POST", "/api/connections"),
    ("GET", "/api/connections"),
    ("GET", "/api/connections/1"),
    ("PATCH", "/api/connections/1"),
    ("DELETE", "/api/connections/1"),
    ("POST", "/api/connections/1/verify"),
    ("POST", "/api/connections/verify"),
    ("GET", "/api/connections/export"),
    ("POST", "/api/connections/export"),
    ("POST", "/api/connections/import"),
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
async def test_nobody_but_an_administrator_finds_connections(world: World, method: str, path: str) -> None:
    body = (
        {"provider": "demo", "file": "{}", "passphrase": "12345678"} if method in ("POST", "PATCH") else None
    )
    for person, status in ((world.outsider, 404), (world.pending, 423), (world.visitor, 401)):
        response = await person.api.request(method, path, json=body)
        assert response.status_code == status, response.text
        assert response.json()["success"] is False


async def test_models_are_for_approved_accounts(world: World) -> None:
    models = data(await world.member.api.get("/api/models"))["models"]
    assert models[0]["id"] == "demo"
    assert {"id", "name", "connectionId", "rawId", "capabilities"} <= models[0].keys()
    assert (await world.pending.api.get("/api/models")).status_code == 423
    assert (await world.visitor.api.get("/api/models")).status_code == 401


async def test_a_connection_is_made_and_its_models_appear(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    assert connection["hasKey"] is True
    assert connection["keyHint"] == KEY[-4:]
    assert connection["error"] is None
    models = data(await world.member.api.get("/api/models"))["models"]
    assert models[0]["id"] == f"{connection['id']}:fake"
    assert models[0]["rawId"] == "fake"
    assert models[0]["connectionId"] == connection["id"]
    assert [model["id"] for model in models][-1] == "demo", "a real model comes before the demo"
    assert models[-2]["rawId"] == "text-embedding-fake", "what cannot chat comes last"


async def test_verify_tells_what_it_found(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    found = data(await world.admin.api.post(f"/api/connections/{connection['id']}/verify"))
    assert found["ok"] is True
    assert found["error"] is None
    assert found["models"][0]["id"] == "fake"
    assert found["latencyMs"] >= 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("fault=401", "refused the key"),
        ("fault=429", "asks to wait"),
        ("fault=500", "The server had an error"),
        ("fault=redirect", "redirects"),
    ],
)
async def test_verify_tells_the_exact_error(world: World, server: Upstream, options: str, words: str) -> None:
    connection = await connect(world.admin, server.url_with(options))
    found = data(await world.admin.api.post(f"/api/connections/{connection['id']}/verify"))
    assert found["ok"] is False
    assert words in found["error"]
    assert found["models"] == []
    shown = data(await world.admin.api.get(f"/api/connections/{connection['id']}"))["connection"]
    assert shown["error"] == found["error"]
    assert KEY not in found["error"]


async def test_an_upstream_that_hangs_keeps_no_program_waiting_at_creation(
    world: World, server: Upstream
) -> None:
    connection = await connect(world.admin, server.url_with("fault=stall-before-first"))
    assert connection["checkedAt"] is None


@pytest.mark.parametrize("address", ["http://169.254.169.254/v1", "http://0.0.0.0/v1"])
async def test_metadata_addresses_are_not_asked(world: World, address: str) -> None:
    connection = await connect(world.admin, address)
    found = data(await world.admin.api.post(f"/api/connections/{connection['id']}/verify"))
    assert (found["ok"], found["code"]) == (False, "address")
    assert "does not connect to this address" in found["error"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"provider": "abacus"}, "demo, gemini, ollama, openai"),
        ({"provider": "openai", "baseUrl": "ftp://a.example"}, "http"),
        ({"provider": "openai", "baseUrl": "http://u:p@a.example"}, "password"),
        ({"provider": "openai", "baseUrl": "http://a.example", "apiKey": "a\r\nb: c"}, "key"),
        ({"name": "no provider"}, ""),
        ({"provider": "openai", "enabled": "perhaps"}, ""),
    ],
)
async def test_what_cannot_be_used_is_refused_with_a_sentence(
    world: World, body: dict[str, Any], word: str
) -> None:
    response = await world.admin.api.post("/api/connections", json=body)
    assert response.status_code == 400, response.text
    assert word in response.text
    assert len(data(await world.admin.api.get("/api/connections"))["connections"]) == 1


async def test_another_address_forgets_the_key(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    path = f"/api/connections/{connection['id']}"
    moved = data(await world.admin.api.patch(path, json={"baseUrl": server.url_with("slow=0")}))["connection"]
    assert (moved["hasKey"], moved["keyHint"]) == (False, "")
    assert "authorization" not in server.requests[-1].headers, "the new host never saw the old key"
    again = data(
        await world.admin.api.patch(path, json={"baseUrl": server.url, "apiKey": "sk-new-0123456789abcd"})
    )["connection"]
    assert again["keyHint"] == "abcd"
    assert server.requests[-1].headers["authorization"] == "Bearer sk-new-0123456789abcd"


async def test_the_same_address_written_otherwise_keeps_the_key(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    path = f"/api/connections/{connection['id']}"
    change = {"baseUrl": server.url + "/", "name": "New name", "apiKey": ""}
    kept = data(await world.admin.api.patch(path, json=change))["connection"]
    assert (kept["hasKey"], kept["name"]) == (True, "New name")
    cleared = data(await world.admin.api.patch(path, json={"apiKey": None}))["connection"]
    assert cleared["hasKey"] is False


async def test_a_connection_turned_off_offers_no_models(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    path = f"/api/connections/{connection['id']}"
    data(await world.admin.api.patch(path, json={"enabled": False}))
    models = data(await world.member.api.get("/api/models"))["models"]
    assert [model["id"] for model in models] == ["demo"]
    with pytest.raises(AppError, match="turned off"):
        await provider_for(world.resources, f"{connection['id']}:fake")


async def test_the_demo_cannot_be_deleted_but_turned_off(world: World) -> None:
    demo = data(await world.admin.api.get("/api/connections"))["connections"][0]
    assert demo["builtIn"] is True
    path = f"/api/connections/{demo['id']}"
    refused = await world.admin.api.delete(path)
    assert refused.status_code == 409
    assert "Turn it off" in refused.text
    assert (await world.admin.api.patch(path, json={"provider": "openai"})).status_code == 409
    assert data(await world.admin.api.patch(path, json={"enabled": False}))["connection"]["enabled"] is False
    assert data(await world.member.api.get("/api/models"))["models"] == []
    data(await world.admin.api.post(f"{path}/verify"))


async def test_a_second_demo_has_a_model_of_its_own(world: World) -> None:
    made = data(
        await world.admin.api.post("/api/connections", json={"provider": "demo", "name": "More"}), 201
    )
    id = made["connection"]["id"]
    ids = [model["id"] for model in data(await world.member.api.get("/api/models"))["models"]]
    assert ids == ["demo", f"{id}:demo"]
    data(await world.admin.api.delete(f"/api/connections/{id}"))


async def test_a_deleted_connection_takes_its_models_with_it(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    path = f"/api/connections/{connection['id']}"
    data(await world.admin.api.delete(path))
    for method, address in (("GET", path), ("DELETE", path), ("POST", f"{path}/verify")):
        assert (await world.admin.api.request(method, address)).status_code == 404
    with pytest.raises(AppError, match="not there any more"):
        await provider_for(world.resources, f"{connection['id']}:fake")


async def test_models_that_vanish_upstream_are_removed_and_others_stay(
    world: World, server: Upstream
) -> None:
    connection = await connect(world.admin, server.url)
    path = f"/api/connections/{connection['id']}"
    before = await world.resources.db.fetch("SELECT id FROM model WHERE raw_id = 'fake'")
    await world.resources.db.write(_add_model, connection["id"])
    data(await world.admin.api.post(f"{path}/verify"))
    rows = await world.resources.db.fetch(
        "SELECT id, raw_id FROM model WHERE connection = ?", connection["id"]
    )
    assert "gone" not in {row["raw_id"] for row in rows}
    assert {row["id"] for row in rows if row["raw_id"] == "fake"} == {before[0]["id"]}


def _add_model(connection: int) -> Any:
    yield (
        "INSERT INTO model (connection, public_id, raw_id, name, created_at)"
        " VALUES (?, ?, 'gone', 'gone', 0)",
        (connection, f"{connection}:gone"),
    )


async def test_provider_for_gives_the_opened_key_and_the_raw_id(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url)
    provider, raw_id = await provider_for(world.resources, f"{connection['id']}:fake")
    assert isinstance(provider, OpenAIProvider)
    assert raw_id == "fake"
    assert (await provider.models())[0].raw_id == "fake"
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"


async def test_another_secret_asks_for_the_key_again_and_overwrites_nothing(
    world: World, server: Upstream
) -> None:
    connection = await connect(world.admin, server.url)
    stored = "SELECT sealed FROM connection_key WHERE connection = ?"
    stolen = (await world.resources.db.fetch(stored, connection["id"]))[0]["sealed"]
    with pytest.raises(KeyUnreadable):
        SecretBox(b"another secret").unseal(stolen, table="connection", row=connection["id"], column="key")
    await world.resources.db.write(_copy_key, connection["id"], 1)
    found = data(await world.admin.api.post("/api/connections/1/verify"))
    assert found["ok"] is False
    assert "Enter it again" in found["error"]
    assert (await world.resources.db.fetch(stored, 1))[0]["sealed"] == stolen


def _copy_key(source: int, target: int) -> Any:
    yield (
        "INSERT INTO connection_key (connection, sealed, created_at)"
        " SELECT ?, k.sealed, 0 FROM connection_key k WHERE k.connection = ?",
        (target, source),
    )


SECRET = "header-canary-0123456789"
CANARIES = {"provider": "openai", "baseUrl": "http://127.0.0.1:9/v1", "apiKey": KEY}


async def test_every_field_comes_back_as_it_was_given(world: World, server: Upstream) -> None:
    more = {
        "options": {
            "auth": "header",
            "authHeader": "X-Key",
            "headers": {"X-Team": SECRET},
            "body": {"seed": 7},
            "reasoningTags": {"mode": "custom", "open": "<t>", "close": "</t>"},
        },
        "prefix": "Home ",
        "tags": ["fast"],
        "defaults": {"sampling": {"temperature": 0.5}, "reasoning": {"effort": "low"}},
    }
    made = await connect(world.admin, server.url, provider="custom", **more)
    sent = server.requests[-1].headers
    assert (sent["x-key"], sent["x-team"]) == (KEY, SECRET)
    assert "authorization" not in sent
    shown = {name: made[name] for name in more}
    options = {**more["options"], "headers": {"X-Team": None}}  # type: ignore[dict-item]
    assert shown == {**more, "options": options}
    assert (made["provider"], made["kind"]) == ("custom", "openai")
    path = f"/api/connections/{made['id']}"
    again = data(await world.admin.api.patch(path, json=shown))["connection"]
    assert {name: again[name] for name in more} == shown, "what was read can be written back"
    await world.admin.api.post(f"{path}/verify")
    assert server.requests[-1].headers["x-team"] == SECRET
    moved = data(await world.admin.api.patch(path, json={"baseUrl": server.url_with("slow=0")}))["connection"]
    assert (moved["hasKey"], "headers" in moved["options"]) == (False, False)
    assert "x-team" not in server.requests[-1].headers, "the new host never saw the old secret"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"options": {"headers": {"Host": "x"}}}, "options.headers"),
        ({"options": {"body": {"model": "x"}}}, "options.body"),
        ({"defaults": {"sampling": {"temperature": 9}}}, "defaults"),
        ({"models": ["a b"]}, "models"),
        ({"tags": ["x" * 41]}, "tags"),
        ({"prefix": "x" * 41}, "prefix"),
        ({"apiKeys": [{"label": "x"}]}, "apiKeys"),
    ],
)
async def test_a_field_that_cannot_be_used_is_named(world: World, change: dict[str, Any], field: str) -> None:
    body = {"provider": "openai", "baseUrl": "http://127.0.0.1:9/v1", **change}
    response = await world.admin.api.post("/api/connections", json=body)
    assert response.status_code == 400
    assert field in response.text


async def test_a_model_somebody_said_something_about_is_only_marked_as_gone(
    world: World, server: Upstream
) -> None:
    connection = await connect(world.admin, server.url)
    path = f"/api/connections/{connection['id']}"
    await world.resources.db.write(
        scripts.store_overrides, connection["id"], {"fake": {"hidden": True}}, now_ms()
    )
    gone = "SELECT gone_at FROM model WHERE raw_id = 'fake'"
    data(await world.admin.api.patch(path, json={"models": ["other"]}))
    assert (await world.resources.db.fetch(gone))[0]["gone_at"] is not None
    data(await world.admin.api.patch(path, json={"models": None}))
    assert (await world.resources.db.fetch(gone))[0]["gone_at"] is None


async def test_the_key_is_in_no_answer_no_log_and_no_database(
    world: World, server: Upstream, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    headers = {"headers": {"X-Team": SECRET}}
    connection = await connect(
        world.admin, server.url_with("fault=401"), options=headers
    )  # it echoes the key
    path = f"/api/connections/{connection['id']}"
    texts = [
        (await world.admin.api.post(f"{path}/verify")).text,
        (await world.admin.api.get(path)).text,
        (await world.admin.api.get("/api/connections")).text,
        (await world.admin.api.patch(path, json={"apiKey": KEY, "name": ""})).text,
        (await world.admin.api.patch(path, json={"apiKey": f"{KEY} {KEY}"})).text,
        (await world.admin.pages.get("/admin/connections")).text,
        (await world.member.api.get("/api/models")).text,
        (await world.admin.api.get("/api/connections/export")).text,
        (await world.admin.pages.get("/admin/connections/export")).text,
        (await world.admin.api.post("/api/connections/verify", json={**CANARIES, "options": headers})).text,
    ]
    form = {"name": "x" * 99, "apiKey": KEY, "_csrf": world.admin.csrf, "advanced": "1"}
    form |= {"headers": f"X-Team: {SECRET}", "pool": "1"}
    texts.append((await world.admin.pages.post(f"/admin/connections/{connection['id']}", data=form)).text)
    captured = capfd.readouterr()
    for text in [*texts, captured.out, captured.err]:
        assert KEY not in text
        assert SECRET not in text
    assert KEY in server.requests[-1].headers["authorization"], "the test did use the key"
    assert files_with(tmp_path, KEY) + files_with(tmp_path, SECRET) == []
    for table in ("connection", "connection_key", "model"):
        rows = str(await world.resources.db.fetch(f"SELECT * FROM {table}"))
        assert KEY not in rows
        assert SECRET not in rows


def files_with(directory: Path, text: str) -> list[Path]:
    """The files that hold `text` in the clear: the database, its log, and whatever else was written."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()]
