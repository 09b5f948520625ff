"""The pages of no origin, and what they alone may load."""

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


@pytest.mark.parametrize("name", ["artifact", "mermaid"])
async def test_a_frame_has_no_origin_and_no_network(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.get(f"/frame/{name}")
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";")
    )
    assert policy["sandbox"] == "allow-scripts"
    assert policy["default-src"] == "'none'"
    assert policy["form-action"] == policy["base-uri"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert not {"connect-src", "frame-src", "child-src", "worker-src"} & policy.keys()
    assert "http" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers


async def test_only_what_a_frame_loads_is_given_to_other_origins(client: httpx.AsyncClient) -> None:
    page = (await client.get("/frame/mermaid")).text
    for address in re.findall(r'(?:src|data-library)="([^"]+)"', page):
        answer = await client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/javascript")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    ours = await client.get(re.sub(r"js/frames/.*", "js/parley.js", re.findall(r'src="([^"]+)"', page)[0]))
    assert ours.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in ours.headers


async def test_the_artifact_page_asks_for_nothing_at_all(client: httpx.AsyncClient) -> None:
    page = (await client.get("/frame/artifact")).text
    assert "src=" not in page
    assert "document.write(event.data.show)" in page
