"""Ollama in its own words: lines of JSON, options, and what each model can do.

Sources: docs.ollama.com/api/chat, docs.ollama.com/api/tags, docs.ollama.com/api-reference/show-model-details.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from parley.lib.http import CONNECTION_ADMIN, HttpClient, HttpError, JsonAnswer, Profile
from parley.providers.base import N_, REGISTRY, Fact, Kind, ModelInfo, Option, Prompt, ProviderError, Target
from parley.providers.exchange import Call, facts_of, headers_for, laid_over, secrets_of
from parley.providers.ollama_reading import OllamaReading, refused
from parley.providers.ollama_request import request_body
from parley.providers.vendor_errors import transport_error

MAX_MODELS = 2000
AT_ONCE = 4  # models that are asked about at the same time
LIST_SECONDS = 8.0
LOOK_SECONDS = 5.0  # for all details; with the list less than a check may take
CONTEXT_OPTION = "contextLength"
NO_THINKING = "does not support thinking"
_MODEL_ID = re.compile(r"[^\s<>\"'`\x00-\x1f\x7f]{1,256}")
_NUM_CTX = re.compile(r"^num_ctx\s+(\d+)\s*$", re.MULTILINE)
_CAPABILITIES = {"vision": "vision", "tools": "tools", "thinking": "reasoning"}


class OllamaProvider:
    """One Ollama server."""

    def __init__(self, target: Target, http: HttpClient, *, profile: Profile = CONNECTION_ADMIN) -> None:
        self._target = target
        self._base = target.base_url.rstrip("/")
        self._longest = _number(target.options.get(CONTEXT_OPTION, ""))
        self._secrets = secrets_of(target)
        self._http = http
        self._profile = profile

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, see `base.Provider`.

        A model that cannot think refuses `think`, before it says anything: then it is asked without.
        """
        body, dropped = request_body(prompt, self._longest)
        try:
            async with aclosing(self._answer(body, dropped)) as facts:
                async for fact in facts:
                    yield fact
            return
        except ProviderError as error:
            if "think" not in body or NO_THINKING not in error.message:
                raise
        del body["think"]
        async with aclosing(self._answer(body, () if "reasoning" in dropped else ("reasoning",))) as facts:
            async for fact in facts:
                yield fact

    def _answer(self, body: dict[str, Any], dropped: tuple[str, ...]) -> AsyncGenerator[Fact, None]:
        call = Call(
            url=f"{self._base}/api/chat",
            headers=self._headers(),
            body=laid_over(body, self._target.body),
            dropped=dropped,
            secrets=self._secrets,
            profile=self._profile,
            patience=self._target.patience,
            refusal=refused,
            lines=True,
        )
        return facts_of(self._http, call, OllamaReading(self._secrets))

    async def models(self) -> list[ModelInfo]:
        """What `GET /api/tags` lists, with what `POST /api/show` says of each model in time."""
        names = await self._names()
        found: dict[str, ModelInfo] = {}
        gate = asyncio.Semaphore(AT_ONCE)

        async def look(name: str) -> None:
            async with gate:
                info = await self._look(name)
            if info is not None:
                found[name] = info

        try:
            async with asyncio.timeout(LOOK_SECONDS), asyncio.TaskGroup() as group:
                for name in names:
                    group.create_task(look(name))
        except TimeoutError:
            pass  # the list is worth more than the details
        return [found.get(name) or ModelInfo(name, name) for name in names]

    async def _names(self) -> list[str]:
        try:
            answer = await self._ask("GET", "/api/tags", None, LIST_SECONDS)
        except HttpError as error:
            raise transport_error(error, self._secrets) from None
        if answer.status != 200:
            raise refused(answer.status, answer.headers, answer.data, answer.text, self._secrets)
        listed = answer.data.get("models") if isinstance(answer.data, dict) else None
        if not isinstance(listed, list):
            raise ProviderError.of("malformed", "It has no list of models at this address.")
        entries = (each for each in listed if isinstance(each, dict))
        names = (each.get("model") or each.get("name") for each in entries)
        usable = dict.fromkeys(each for each in names if isinstance(each, str) and _MODEL_ID.fullmatch(each))
        return list(usable)[:MAX_MODELS]

    async def _look(self, name: str) -> ModelInfo | None:
        """What the server says of one model, None when it does not say."""
        try:
            answer = await self._ask("POST", "/api/show", {"model": name}, LOOK_SECONDS)
        except HttpError:
            return None
        if answer.status != 200 or not isinstance(answer.data, dict):
            return None
        return info_of(name, answer.data, self._longest)

    async def _ask(self, method: str, path: str, body: Any, seconds: float) -> JsonAnswer:
        return await self._http.json(
            method,
            self._base + path,
            headers=self._headers(),
            json=body,
            profile=self._profile,
            seconds=seconds,
        )

    def _headers(self) -> dict[str, str]:
        return headers_for(self._target, "none", "authorization")


def info_of(name: str, shown: dict[str, Any], longest: int = 0) -> ModelInfo:
    """A model out of the answer of `/api/show`; `longest` limits its window, 0 does not."""
    said = shown.get("capabilities")
    can = {each for each in said if isinstance(each, str)} if isinstance(said, list) else set()
    window = _window(shown)
    if window and longest:
        window = min(window, longest)
    kind = "chat" if "completion" in can else "embedding" if "embedding" in can else ""
    return ModelInfo(
        name,
        name,
        kind=kind or ("image" if "image" in can else ""),
        capabilities=tuple(ours for theirs, ours in _CAPABILITIES.items() if theirs in can),
        denied=tuple(ours for theirs, ours in _CAPABILITIES.items() if can and theirs not in can),
        context_window=window,
    )


def _window(shown: dict[str, Any]) -> int | None:
    """The `num_ctx` of the Modelfile, else what the model was trained for."""
    parameters = shown.get("parameters")
    fixed = _NUM_CTX.search(parameters) if isinstance(parameters, str) else None
    if fixed:
        return int(fixed[1]) or None
    facts = shown.get("model_info")
    if not isinstance(facts, dict):
        return None
    trained = facts.get(f"{facts.get('general.architecture')}.context_length")
    return trained if isinstance(trained, int) and trained > 0 else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


REGISTRY.add(
    "ollama",
    Kind(
        name="ollama",
        label=N_("Ollama"),
        make=OllamaProvider,
        needs_key=False,
        default_url="http://127.0.0.1:11434",
        docs="https://docs.ollama.com/api/authentication",
        auths=("none", "bearer"),
        options=(
            Option(
                CONTEXT_OPTION,
                N_("Longest context"),
                hint=N_("In tokens. A longer context takes more memory on the computer that runs Ollama."),
            ),
        ),
        calls=("/api/chat", "/api/generate", "/api/tags", "/api", "/v1"),
    ),
)
