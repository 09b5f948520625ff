"""A local upstream beside the world."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.upstream import Upstream, upstream
from tests.world import Person

KEY = "sk-canary-0123456789abcdef"


@pytest.fixture
async def server() -> AsyncIterator[Upstream]:
    """An OpenAI-compatible upstream."""
    async with upstream() as running:
        yield running


def data(response: httpx.Response, status: int = 200) -> Any:
    """The data of a successful answer."""
    assert response.status_code == status, response.text
    body = response.json()
    assert body["success"] is True
    return body["data"]


async def connect(person: Person, url: str, **more: Any) -> dict[str, Any]:
    """A new connection at `url`, as the API describes it."""
    body = {"name": "Here", "provider": "openai", "baseUrl": url, "apiKey": KEY, "enabled": True, **more}
    connection: dict[str, Any] = data(await person.api.post("/api/connections", json=body), 201)["connection"]
    return connection
