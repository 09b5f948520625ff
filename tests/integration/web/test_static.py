"""Static files over HTTP: kept for ever under their own address, safe and small."""

import gzip
import re

import httpx
import pytest
from litestar import Litestar

from parley.app import create_app
from parley.lib.config import Config

pytestmark = pytest.mark.one_engine


@pytest.fixture
def app(config: Config) -> Litestar:
    """The whole application, as it is served."""
    return create_app(config)


async def address_of(client: httpx.AsyncClient, name: str) -> str:
    """Where the entry page says a file is."""
    page = (await client.get("/setup")).text
    found = re.search(rf'(?:href|src)="([^"]*{re.escape(name)})', page)
    assert found, name
    return found[1]


async def test_a_file_is_kept_for_ever_and_never_guessed_at(client: httpx.AsyncClient) -> None:
    answer = await client.get(await address_of(client, "css/parley.css"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/css")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_text_is_packed_for_those_who_can_unpack_it(client: httpx.AsyncClient) -> None:
    address = await address_of(client, "js/entry.js")
    packed = await client.get(address, headers={"Accept-Encoding": "gzip"})
    plain = await client.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(gzip.compress(plain.content, 1))


async def test_a_page_from_before_an_upgrade_gets_the_new_file_and_does_not_keep_it(
    client: httpx.AsyncClient,
) -> None:
    address = await address_of(client, "img/favicon.svg")
    old = re.sub(r"/static/[^/]+/", "/static/000000000000/", address)
    answer = await client.get(old)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["nothing.css", "../pyproject.toml", "%2e%2e/pyproject.toml", "vendor/VENDOR.toml"]
)
async def test_nothing_else_is_served(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.get(f"/static/000000000000/{name}")).status_code == 404
