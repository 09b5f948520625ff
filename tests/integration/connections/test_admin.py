"""The administrator's page of connections."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.integration.connections.conftest import KEY, connect
from tests.upstream import Upstream
from tests.world import Person, World

pytestmark = pytest.mark.one_engine

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGE = "/admin/connections"


async def send(
    person: Person, path: str, method: str = "POST", htmx: bool = False, **fields: str
) -> httpx.Response:
    """A form of the page."""
    form: dict[str, Any] = {"_csrf": person.csrf, **fields}
    return await person.pages.request(method, path, data=form, headers=HTMX if htmx else {})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PAGE),
        ("POST", PAGE),
        ("GET", f"{PAGE}/1"),
        ("PATCH", f"{PAGE}/1"),
        ("POST", f"{PAGE}/1"),
        ("POST", f"{PAGE}/1/verification"),
        ("DELETE", f"{PAGE}/1"),
        ("POST", f"{PAGE}/1/deletion"),
        ("GET", f"{PAGE}/export"),
        ("POST", f"{PAGE}/export"),
        ("POST", f"{PAGE}/import"),
    ],
)
async def test_the_page_exists_for_administrators_only(world: World, method: str, path: str) -> None:
    assert (await send(world.outsider, path, method)).status_code == 404
    for person in (world.pending, world.visitor):
        response = await send(person, path, method)
        assert response.status_code in (303, 401, 403), response.status_code
        assert "connection-1" not in response.text


async def test_the_page_shows_every_connection_as_a_card(world: World, server: Upstream) -> None:
    connection = await connect(world.admin, server.url, name="My <server>")
    page = (await world.admin.pages.get(PAGE)).text
    assert 'id="connection-1"' in page
    assert "built in" in page
    assert f'id="connection-{connection["id"]}"' in page
    assert "My &lt;server&gt;" in page
    assert f"••••{KEY[-4:]}" in page
    assert "4 models" in page
    assert "works, " in page


async def test_a_part_is_answered_to_htmx(world: World) -> None:
    part = await world.admin.pages.get(PAGE, headers=HTMX)
    assert "<html" not in part.text
    assert "<main" in part.text


async def test_adding_leads_to_the_new_card_without_waiting(world: World, server: Upstream) -> None:
    url = server.url_with("fault=stall-before-first")
    response = await send(world.admin, PAGE, provider="openai", baseUrl=url, apiKey=KEY, name="Slow one")
    assert response.status_code == 303
    target = response.headers["location"]
    assert target.startswith(f"{PAGE}#connection-")
    page = (await world.admin.pages.get(PAGE)).text
    assert "Slow one" in page
    assert "testing …" in page


async def test_a_card_follows_its_check_to_the_end(world: World, server: Upstream) -> None:
    url = server.url_with("slow=300")
    response = await send(world.admin, PAGE, provider="openai", baseUrl=url)
    id = response.headers["location"].rpartition("-")[2]
    card = (await world.admin.pages.get(f"{PAGE}/{id}", headers=HTMX)).text
    assert "load delay:1s" in card
    async with asyncio.timeout(10):
        while "load delay" in card:
            await asyncio.sleep(0.05)
            card = (await world.admin.pages.get(f"{PAGE}/{id}", headers=HTMX)).text
    assert "works, " in card


async def test_a_refused_form_keeps_what_was_typed_but_never_the_key(world: World) -> None:
    response = await send(world.admin, PAGE, provider="openai", baseUrl="nonsense", apiKey=KEY, name="Kept")
    assert response.status_code == 400
    assert "must start with http://" in response.text
    assert "Kept" in response.text
    assert KEY not in response.text
    assert 'id="add-baseUrl-error"' in response.text


async def test_a_form_without_an_address_says_so_at_the_field(world: World) -> None:
    response = await send(world.admin, PAGE, provider="openai", baseUrl="")
    assert response.status_code == 400
    assert 'id="add-baseUrl-error"' in response.text


async def test_editing_by_htmx_answers_with_the_card(world: World, server: Upstream) -> None:
    id = (await connect(world.admin, server.url))["id"]
    response = await send(world.admin, f"{PAGE}/{id}", "PATCH", htmx=True, name="Renamed", baseUrl=server.url)
    assert response.status_code == 200
    assert response.text.lstrip().startswith(f'<section class="card" id="connection-{id}"')
    assert "Renamed" in response.text
    refused = await send(world.admin, f"{PAGE}/{id}", "PATCH", htmx=True, name="n", baseUrl="nonsense")
    assert refused.status_code == 400
    assert f'id="connection-{id}-baseUrl-error"' in refused.text
    assert "<details" in refused.text
    assert " open>" in refused.text


async def test_a_plain_form_redirects_back_to_its_card(world: World, server: Upstream) -> None:
    id = (await connect(world.admin, server.url))["id"]
    response = await send(world.admin, f"{PAGE}/{id}", enabled="off")
    assert (response.status_code, response.headers["location"]) == (303, f"{PAGE}#connection-{id}")
    assert "off" in (await world.admin.pages.get(f"{PAGE}/{id}", headers=HTMX)).text
    assert (await send(world.admin, f"{PAGE}/{id}/verification")).status_code == 303


async def test_a_failing_connection_shows_the_reason_and_since_when(world: World, server: Upstream) -> None:
    await connect(world.admin, server.url_with("fault=401"))
    page = (await world.admin.pages.get(PAGE)).text
    assert "failing" in page
    assert "The provider refused the key." in page
    assert "Incorrect API key provided: [key]" in page
    assert "Failing since" in page


async def test_testing_again_shows_that_it_is_under_way(world: World, server: Upstream) -> None:
    id = (await connect(world.admin, server.url))["id"]
    await send(
        world.admin, f"{PAGE}/{id}", "PATCH", htmx=True, name="x", baseUrl=server.url_with("slow=2000")
    )
    card = await send(world.admin, f"{PAGE}/{id}/verification", htmx=True)
    assert "testing …" in card.text


async def test_deleting_removes_the_card_and_the_demo_stays(world: World, server: Upstream) -> None:
    id = (await connect(world.admin, server.url, name="Short-lived"))["id"]
    gone = await send(world.admin, f"{PAGE}/{id}", "DELETE", htmx=True)
    assert "“Short-lived” was deleted." in gone.text
    other = (await connect(world.admin, server.url))["id"]
    assert (await send(world.admin, f"{PAGE}/{other}/deletion")).status_code == 303
    refused = await send(world.admin, f"{PAGE}/1", "DELETE", htmx=True)
    assert refused.status_code == 409
    page = (await world.admin.pages.get(PAGE)).text
    assert 'id="connection-1"' in page
    assert f'id="connection-{other}"' not in page


async def test_a_form_without_its_token_changes_nothing(world: World) -> None:
    client = world.admin.pages
    response = await client.post(f"{PAGE}/1", data={"enabled": "off"}, headers={"X-CSRF-Token": "forged"})
    assert response.status_code == 403
    assert "turned off" not in (await client.get(PAGE)).text
    models = (await world.member.api.get("/api/models")).json()["data"]["models"]
    assert [model["id"] for model in models] == ["demo"]


async def test_a_service_fills_in_the_form(world: World) -> None:
    page = (await world.admin.pages.get(f"{PAGE}?preset=deepseek")).text
    assert 'value="https://api.deepseek.com' in page
    assert 'name="provider" value="deepseek"' in page
    assert "https://platform.deepseek.com/api_keys" in page
    azure = (await world.admin.pages.get(f"{PAGE}?preset=azure")).text
    assert 'name="option.apiVersion"' in azure
    nonsense = await world.admin.pages.get(f"{PAGE}?preset=<script>")
    assert 'name="provider" value="openai"' in nonsense.text
    for group in ("Cloud", "China", "On your own machines", "Custom"):
        assert f'aria-label="{group}"' in page


async def test_keys_are_added_turned_off_and_removed_on_the_card(world: World, server: Upstream) -> None:
    made = await connect(world.admin, server.url)
    path, first = f"{PAGE}/{made['id']}", made["keys"][0]["id"]
    form = {"name": "n", "pool": "1", f"key.{first}.label": "old", "apiKey": "sk-second-0123456789"}
    card = await send(world.admin, path, "PATCH", htmx=True, **form, apiKeyLabel="new")
    assert card.status_code == 200
    keys = (await world.admin.api.get(f"/api/connections/{made['id']}")).json()["data"]["connection"]["keys"]
    assert [(key["label"], key["enabled"]) for key in keys] == [("old", False), ("new", True)]
    form = {"pool": "1", f"key.{first}.remove": "on", f"key.{keys[1]['id']}.on": "on"}
    await send(world.admin, path, "PATCH", htmx=True, **form)
    keys = (await world.admin.api.get(f"/api/connections/{made['id']}")).json()["data"]["connection"]["keys"]
    assert [key["label"] for key in keys] == ["new"]


async def test_what_is_wrong_with_an_option_is_said_at_its_field(world: World, server: Upstream) -> None:
    made = await connect(world.admin, server.url)
    form = {"advanced": "1", "headers": "Host: a", "body": '{"seed": 1}', "models": "a\nb"}
    card = await send(world.admin, f"{PAGE}/{made['id']}", "PATCH", htmx=True, **form)
    assert card.status_code == 400
    assert f'id="connection-{made["id"]}-headers-error"' in card.text
    assert "&#34;seed&#34;: 1" in card.text, "what was typed stays"


async def test_a_wrong_address_is_explained_on_the_card(world: World, server: Upstream) -> None:
    await connect(world.admin, f"http://127.0.0.1:{server.port}/nowhere")
    assert "Add “/v1” to the end of the address." in (await world.admin.pages.get(PAGE)).text
