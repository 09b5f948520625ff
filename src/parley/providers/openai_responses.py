"""OpenAI's Responses, the protocol in which its reasoning models say what they think.

Sources of the format: see `responses_request` and `responses_reading`. Nothing is stored at OpenAI: each
request carries the whole conversation, in a tool loop also the model's sealed thoughts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from parley.lib.http import CONNECTION_ADMIN, HttpClient, Profile
from parley.providers.base import N_, REGISTRY, Fact, Kind, ModelInfo, Option, Prompt, Target
from parley.providers.exchange import Call, facts_of, fetch, headers_for, laid_over, secrets_of
from parley.providers.openai import CALLS, KEY_HEADER
from parley.providers.openai_models import models_in
from parley.providers.responses_reading import ResponsesReading
from parley.providers.responses_request import request_body

SUMMARY = "auto"
SUMMARIES = ("auto", "concise", "detailed")


class ResponsesProvider:
    """One target that speaks Responses."""

    def __init__(self, target: Target, http: HttpClient, *, profile: Profile = CONNECTION_ADMIN) -> None:
        self._target = target
        self._http = http
        self._profile = profile
        self._base = target.base_url.rstrip("/")
        wanted = target.options.get("reasoningSummary", "").strip() or SUMMARY
        self._summary = wanted if wanted in SUMMARIES else ""
        self._headers = headers_for(target, "bearer", KEY_HEADER)

    def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, see `base.Provider`."""
        body, dropped = request_body(prompt, self._summary)
        secrets = secrets_of(self._target)
        call = Call(
            f"{self._base}/responses",
            self._headers,
            laid_over(body, self._target.body),
            dropped,
            secrets,
            self._profile,
            self._target.patience,
        )
        return facts_of(self._http, call, ResponsesReading(secrets))

    async def models(self) -> list[ModelInfo]:
        """What `GET /models` lists, see `openai_models`."""
        url = f"{self._base}/models"
        return models_in(await fetch(self._http, url, self._headers, secrets_of(self._target), self._profile))


REGISTRY.add(
    "openai-responses",
    Kind(
        name="openai-responses",
        label=N_("OpenAI Responses"),
        make=ResponsesProvider,
        default_url="https://api.openai.com/v1",
        key_hint="sk-…",
        bare_path="/v1",
        docs="https://platform.openai.com/api-keys",
        auths=("bearer", "header", "none"),
        options=(
            Option(
                "reasoningSummary",
                N_("Reasoning summary"),
                N_("auto, concise, detailed or none. OpenAI gives summaries to verified organisations only."),
                SUMMARY,
            ),
        ),
        calls=CALLS,
    ),
)
