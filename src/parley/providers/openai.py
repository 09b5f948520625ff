"""OpenAI's Chat Completions and everything that imitates it.

Sources of the format: see `openai_request`, `openai_thinking`, `openai_chunks` and `openai_models`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from parley.lib.http import CONNECTION_ADMIN, HttpClient, Profile
from parley.providers.base import N_, REGISTRY, Fact, Kind, ModelInfo, Prompt, Target
from parley.providers.exchange import Call, facts_of, fetch, headers_for, laid_over, secrets_of
from parley.providers.openai_models import models_in
from parley.providers.openai_reading import ChatReading
from parley.providers.openai_request import request_body
from parley.providers.presets import quirks_at

KEY_HEADER = "api-key"
CALLS = ("/chat/completions", "/completions", "/models", "/responses", "/embeddings")


class OpenAIProvider:
    """One target that speaks Chat Completions."""

    def __init__(self, target: Target, http: HttpClient, *, profile: Profile = CONNECTION_ADMIN) -> None:
        self._target = target
        self._http = http
        self._profile = profile
        self._base = target.base_url.rstrip("/")
        self._quirks = target.quirks or quirks_at(target.base_url)
        self._headers = headers_for(target, "bearer", KEY_HEADER)

    def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, see `base.Provider`."""
        body, dropped = request_body(prompt, self._quirks)
        secrets = secrets_of(self._target)
        call = Call(
            f"{self._base}/chat/completions",
            self._headers,
            laid_over(body, self._target.body),
            dropped,
            secrets,
            self._profile,
            self._target.patience,
        )
        return facts_of(self._http, call, ChatReading(secrets))

    async def models(self) -> list[ModelInfo]:
        """What `GET /models` lists, see `openai_models`."""
        url = f"{self._base}/models"
        return models_in(await fetch(self._http, url, self._headers, secrets_of(self._target), self._profile))


REGISTRY.add(
    "openai",
    Kind(
        name="openai",
        label=N_("OpenAI-compatible"),
        make=OpenAIProvider,
        default_url="https://api.openai.com/v1",
        key_hint="sk-…",
        bare_path="/v1",
        docs="https://platform.openai.com/api-keys",
        auths=("bearer", "header", "none"),
        calls=CALLS,
    ),
)
