"""Google's Gemini API in its own words.

Source of the format: ai.google.dev/api/generate-content and ai.google.dev/api/models.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from parley.lib.http import CONNECTION_ADMIN, HttpClient, HttpError, Profile
from parley.providers.base import N_, REGISTRY, Fact, Kind, ModelInfo, Prompt, ProviderError, Target
from parley.providers.exchange import Call, facts_of, headers_for, laid_over, secrets_of
from parley.providers.gemini_reading import GeminiReading, refused
from parley.providers.gemini_request import GUARDED, request_body
from parley.providers.vendor_errors import transport_error

MAX_MODELS = 2000
PAGES = 10  # of 1,000 models; a server that never ends its list is not followed
KEY_HEADER = "x-goog-api-key"
_MODEL_ID = re.compile(r"[^\s<>\"'`\x00-\x1f\x7f]{1,256}")
# What a model is for, by the first of its methods that says so.
_KINDS = {"generateContent": "chat", "embedContent": "embedding", "predict": "image"}


class GeminiProvider:
    """One target that speaks `generateContent`."""

    def __init__(self, target: Target, http: HttpClient, *, profile: Profile = CONNECTION_ADMIN) -> None:
        self._target = target
        self._base = target.base_url.rstrip("/")
        self._secrets = secrets_of(target)
        self._http = http
        self._profile = profile

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, see `base.Provider`."""
        body, dropped = request_body(prompt)
        changes = {name: value for name, value in self._target.body.items() if name not in GUARDED}
        verb = "streamGenerateContent?alt=sse" if prompt.stream else "generateContent"
        call = Call(
            url=f"{self._base}/{path_of(prompt.model)}:{verb}",
            headers=self._headers(),
            body=laid_over(body, changes),
            dropped=dropped,
            secrets=self._secrets,
            profile=self._profile,
            patience=self._target.patience,
            refusal=refused,
        )
        async with aclosing(facts_of(self._http, call, GeminiReading(self._secrets))) as facts:
            async for fact in facts:
                yield fact

    async def models(self) -> list[ModelInfo]:
        """What `GET /models` lists, page by page, the first 2,000 whose ids can be ids."""
        entries: list[dict[str, Any]] = []
        token = ""
        for _page in range(PAGES):
            data = await self._page(token)
            listed = data.get("models") if isinstance(data, dict) else None
            if not isinstance(listed, list) and not (isinstance(data, dict) and entries):
                raise ProviderError.of("malformed", "It has no list of models at this address.")
            entries += [entry for entry in listed or [] if isinstance(entry, dict)]
            token = data.get("nextPageToken") or ""
            if not isinstance(token, str) or not token or len(entries) >= MAX_MODELS:
                break
        tells = any("thinking" in entry for entry in entries)
        infos = (info_of(entry, tells) for entry in entries)
        return list({info.raw_id: info for info in infos if info is not None}.values())[:MAX_MODELS]

    async def _page(self, token: str) -> Any:
        url = f"{self._base}/models?pageSize=1000" + (f"&pageToken={quote(token, safe='')}" if token else "")
        try:
            answer = await self._http.json("GET", url, headers=self._headers(), profile=self._profile)
        except HttpError as error:
            raise transport_error(error, self._secrets) from None
        if answer.status != 200:
            raise refused(answer.status, answer.headers, answer.data, answer.text, self._secrets)
        return answer.data

    def _headers(self) -> dict[str, str]:
        return headers_for(self._target, "header", KEY_HEADER)


def path_of(model: str) -> str:
    """Where a model lives below the base: most under models/, tuned ones where their id says."""
    named = model if model.startswith(("models/", "tunedModels/", "publishers/")) else f"models/{model}"
    return quote(named, safe="/-._~")


def info_of(entry: dict[str, Any], tells_thinking: bool) -> ModelInfo | None:
    """One entry of the list, None when it has no id; absent `thinking` is a no where others say yes."""
    name = entry.get("name")
    if not isinstance(name, str):
        return None
    raw_id = name.removeprefix("models/")
    if not _MODEL_ID.fullmatch(raw_id):
        return None
    methods = entry.get("supportedGenerationMethods")
    kind = ""
    if isinstance(methods, list) and methods:
        kind = next((_KINDS[method] for method in _KINDS if method in methods), "other")
    label = entry.get("displayName")
    thinks = entry.get("thinking") is True
    return ModelInfo(
        raw_id,
        label if isinstance(label, str) and label else raw_id,
        kind=kind,
        capabilities=("reasoning",) if thinks else (),
        denied=("reasoning",) if tells_thinking and not thinks and kind == "chat" else (),
        context_window=_count(entry.get("inputTokenLimit")),
        max_output=_count(entry.get("outputTokenLimit")),
    )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


REGISTRY.add(
    "gemini",
    Kind(
        name="gemini",
        label=N_("Google Gemini"),
        make=GeminiProvider,
        default_url="https://generativelanguage.googleapis.com/v1beta",
        key_hint="AIza…",
        bare_path="/v1beta",
        docs="https://ai.google.dev/gemini-api/docs/api-key",
        auths=("header", "bearer"),
        calls=("/models", "/openai"),
    ),
)
