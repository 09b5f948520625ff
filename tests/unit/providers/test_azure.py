"""Where Azure's calls go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from parley.lib.http import HttpClient, JsonAnswer, NetworkFailed
from parley.providers.azure import AzureProvider, deployments_in
from parley.providers.base import Prompt, ProviderError, Target, Turn
from parley.providers.sampling import Sampling

BASE = "https://acme.openai.azure.com"


class Recorder:
    """Remembers what was asked, and is not there."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.url = ""
        self.headers: dict[str, str] = {}
        self.body: dict[str, Any] = {}

    @asynccontextmanager
    async def stream(
        self, method: str, url: str, *, headers: dict[str, str], json: Any, **_more: Any
    ) -> AsyncIterator[None]:
        """As HttpClient.stream."""
        self.url, self.headers, self.body = url, headers, json
        raise NetworkFailed("connection refused")
        yield

    async def json(self, method: str, url: str, **_more: Any) -> JsonAnswer:
        """As HttpClient.json."""
        self.url = url
        listed = [{"id": "gpt-5", "capabilities": {"chat_completion": True}}, {"id": "gpt-4o"}]
        return JsonAnswer(self.status, {}, {"data": listed}, "")


async def asked(base: str = BASE, *, model: str = "gpt-5", auth: str = "", **options: str) -> Recorder:
    """The request for an answer of `model`."""
    http = Recorder()
    target = Target(base, "k" * 32, auth=auth, options=options)
    prompt = Prompt(model, (Turn("user", "hi"),), Sampling(max_tokens=9))
    with pytest.raises(ProviderError, match="connection refused"):
        _ = [fact async for fact in AzureProvider(target, cast(HttpClient, http)).stream(prompt)]
    return http


@pytest.mark.parametrize(
    ("base", "options", "url"),
    [
        (BASE, {}, "/openai/v1/chat/completions"),
        (f"{BASE}/openai/v1", {"apiVersion": "2024-10-21"}, "/openai/v1/chat/completions"),
        (
            BASE,
            {"apiVersion": "2024-10-21"},
            "/openai/deployments/gpt-5/chat/completions?api-version=2024-10-21",
        ),
        (
            f"{BASE}/openai/deployments/pasted",
            {"apiVersion": "2025-04-01-preview", "deployments": "gpt-5=my gpt"},
            "/openai/deployments/my%20gpt/chat/completions?api-version=2025-04-01-preview",
        ),
    ],
)
async def test_the_address_of_a_call(base: str, options: dict[str, str], url: str) -> None:
    assert (await asked(base, **options)).url == BASE + url


async def test_the_deployment_is_named_and_the_model_decides() -> None:
    call = await asked(deployments="gpt-5=mine")
    assert call.body["model"] == "mine"
    assert call.body["max_completion_tokens"] == 9


async def test_the_key_goes_where_azure_wants_it() -> None:
    assert (await asked()).headers["api-key"] == "k" * 32
    assert (await asked(auth="bearer")).headers["authorization"] == "Bearer " + "k" * 32


async def test_models_are_the_deployments_where_they_are_named() -> None:
    http = Recorder()
    target = Target(BASE, "k", options={"deployments": "gpt-5=mine, other"})
    found = await AzureProvider(target, cast(HttpClient, http)).models()
    assert [(model.raw_id, model.kind) for model in found] == [("gpt-5", "chat"), ("other", "")]
    assert http.url == f"{BASE}/openai/v1/models"
    everything = await AzureProvider(Target(BASE, "k"), cast(HttpClient, http)).models()
    assert [model.raw_id for model in everything] == ["gpt-5", "gpt-4o"]


async def test_named_deployments_need_no_list_but_a_key_that_fits() -> None:
    target = Target(BASE, "k", options={"deployments": "mine"})
    found = await AzureProvider(target, cast(HttpClient, Recorder(404))).models()
    assert [model.raw_id for model in found] == ["mine"]
    for refused, options in ((401, {"deployments": "mine"}), (404, {})):
        with pytest.raises(ProviderError):
            await AzureProvider(
                Target(BASE, "k", options=options), cast(HttpClient, Recorder(refused))
            ).models()


def test_deployments_out_of_text() -> None:
    assert deployments_in(" a = b , c;\n, =x ") == {"a": "b", "c": "c"}
    assert deployments_in("") == {}
