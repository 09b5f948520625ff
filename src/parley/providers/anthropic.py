"""Anthropic's Messages API, through its SDK.

The SDK builds the request and knows the errors. It does not open sockets (`lib/http/httpx2_bridge.py`), reads
nothing of the environment, never sees the key, and does not retry: that is the runner's business. The
stream is read with our own parser, because the SDK's makes every event a pydantic model, at several
times the CPU. It is loaded at the first answer and not before: it costs 50 MB and a second.
Models are listed without it, so that the process of the pages never loads it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from parley.lib.http import CONNECTION_ADMIN, HttpClient, HttpError, Profile
from parley.lib.logging import quieten
from parley.providers.anthropic_models import NEW_VERSION
from parley.providers.anthropic_reading import AnthropicReading
from parley.providers.anthropic_request import request_of
from parley.providers.base import (
    REGISTRY,
    Dropped,
    Fact,
    Kind,
    ModelInfo,
    Prompt,
    ProviderError,
    Target,
)
from parley.providers.exchange import facts_in, fetch, headers_for, laid_over, secrets_of
from parley.providers.vendor_errors import transport_error

if TYPE_CHECKING:
    from parley.providers.anthropic_sdk import Sdk

MAX_MODELS = 2000
PAGES = 10  # of 1,000 models; a server that never ends its list is not followed
KEY_HEADER = "x-api-key"
_VERSION = "anthropic-version"
_MODEL_ID = re.compile(r"[^\s<>\"'`\x00-\x1f\x7f]{1,256}")
# What the Models API calls our CAPABILITIES.
_CAPABILITIES = {"vision": "image_input", "reasoning": "thinking", "json": "structured_outputs"}


class AnthropicProvider:
    """One target that speaks the Messages API."""

    def __init__(self, target: Target, http: HttpClient, *, profile: Profile = CONNECTION_ADMIN) -> None:
        self._target = target
        self._base = target.base_url.rstrip("/")
        self._secrets = secrets_of(target)
        self._http = http
        self._profile = profile
        self._sdk: Sdk | None = None

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, see `base.Provider`."""
        request = request_of(prompt)
        if request.dropped:
            yield Dropped(request.dropped)
        body = laid_over(request.body, self._target.body)
        reading = AnthropicReading(prompt.model, self._secrets, keeps=bool(prompt.tools))
        try:
            async with aclosing(self._answer(body, request.version, reading)) as batches:
                async for facts in batches:
                    for fact in facts:
                        yield fact
        except HttpError as error:
            raise transport_error(error, self._secrets) from None
        for fact in reading.last():
            yield fact

    async def models(self) -> list[ModelInfo]:
        """What `GET /v1/models` lists, page by page, the first 2,000 whose ids can be ids."""
        headers = {_VERSION: NEW_VERSION, **self._headers()}
        entries: list[Any] = []
        after = ""
        for _page in range(PAGES):
            url = f"{self._base}/v1/models?limit=1000" + (f"&after_id={quote(after)}" if after else "")
            data = await fetch(self._http, url, headers, self._secrets, self._profile)
            listed = data.get("data") if isinstance(data, dict) else None
            if not isinstance(listed, list):
                raise ProviderError.of("malformed", "It has no list of models at this address.")
            entries += listed
            before, after = after, str(data.get("last_id") or "")
            if not data.get("has_more") or after in ("", before) or len(entries) >= MAX_MODELS:
                break
        found = [model_info(entry) for entry in entries if isinstance(entry, dict)]
        return list({each.raw_id: each for each in found if each is not None}.values())[:MAX_MODELS]

    def _headers(self) -> dict[str, str]:
        headers = headers_for(self._target, "header", KEY_HEADER)
        for value in headers.values():
            if not (value.isascii() and value.isprintable()):
                raise ProviderError.of("authentication", "The key holds characters that no key has.")
        return headers

    async def _answer(
        self, body: Mapping[str, Any], version: str, reading: AnthropicReading
    ) -> AsyncGenerator[list[Fact], None]:
        """The facts of each event, read off a response that the SDK asked for; raises HttpError too."""
        if self._sdk is None:
            make = await asyncio.to_thread(_load)  # in a thread: other answers go on meanwhile
            terms = (self._profile, self._target.patience)
            self._sdk = make(self._http, self._base, self._headers(), *terms)
        async with (
            self._sdk.asked(body, version, self._secrets) as response,
            aclosing(facts_in(response, reading)) as batches,
        ):
            async for facts in batches:
                yield facts


def model_info(entry: Mapping[str, Any]) -> ModelInfo | None:
    """A model as the Models API lists it (docs/en/api/models/list); None for one that cannot be used."""
    raw_id = entry.get("id")
    if not isinstance(raw_id, str) or not _MODEL_ID.fullmatch(raw_id) or entry.get("lifecycle") == "retired":
        return None
    told = entry.get("capabilities")
    told = told if isinstance(told, dict) else {}
    supported = {
        ours: told[theirs].get("supported")
        for ours, theirs in _CAPABILITIES.items()
        if isinstance(told.get(theirs), dict)
    }
    return ModelInfo(
        raw_id,
        str(entry.get("display_name") or raw_id)[:200],
        kind="chat" if told else "",
        capabilities=tuple(name for name, value in supported.items() if value is True),
        denied=tuple(name for name, value in supported.items() if value is False),
        context_window=_tokens(entry.get("max_input_tokens")),
        max_output=_tokens(entry.get("max_tokens")),
    )


def _tokens(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _load() -> type[Sdk]:
    from parley.providers.anthropic_sdk import Sdk

    quieten()  # ANTHROPIC_LOG=debug makes the SDK log whole chats
    return Sdk


REGISTRY.add(
    "anthropic",
    Kind(
        name="anthropic",
        label="Anthropic",
        make=AnthropicProvider,
        default_url="https://api.anthropic.com",
        key_hint="sk-ant-…",
        docs="https://platform.claude.com/settings/keys",
        auths=("header", "bearer"),
        calls=("/v1/messages", "/v1/models", "/v1"),
    ),
)
