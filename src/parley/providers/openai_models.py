"""What services say about their models at `GET /models`. Pure.

OpenAI only gives ids. More is said by OpenRouter (openrouter.ai/docs/models), Moonshot
(platform.kimi.ai/docs), vLLM (`max_model_len`), LM Studio (lmstudio.ai/docs/api/rest-api), Mistral
(docs.mistral.ai/api), Groq, Together and Azure (learn.microsoft.com/rest/api/azureopenai/models/list).
What is not said stays open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, DecimalException
from typing import Any

from parley.providers.base import CAPABILITIES, ModelInfo, Prices, ProviderError

MAX_MODELS = 2000
MOST_TOKENS = 100_000_000  # a larger window is nonsense
MODEL_ID = re.compile(r"[^\s<>\"'`\x00-\x1f\x7f]{1,256}")

_TRILLION = Decimal(10) ** 12  # per token in dollars -> per million tokens in millionths
_DEAREST = 10**12  # a million dollars per million tokens is nonsense
_LONGEST_PRICE = 40  # characters
_WINDOWS = (
    "context_length",
    "context_window",
    "max_model_len",
    "loaded_context_length",
    "max_context_length",
)
_OUTPUTS = ("max_completion_tokens", "max_output_length", "max_output_tokens")
_KINDS = {
    "llm": "chat",
    "vlm": "chat",
    "chat": "chat",
    "language": "chat",
    "embedding": "embedding",
    "embeddings": "embedding",
    "image": "image",
    "rerank": "other",
    "moderation": "other",
    "audio": "other",
    "transcribe": "other",
}
# Booleans by which services say what a model can, in the entry or in its `capabilities`.
_FLAGS = {
    "supports_image_in": "vision",
    "supports_reasoning": "reasoning",
    "vision": "vision",
    "function_calling": "tools",
    "tool_use": "tools",
    "reasoning": "reasoning",
}
_PARAMETERS = {
    "tools": ("tools",),
    "reasoning": ("reasoning", "include_reasoning", "reasoning_effort"),
    "json": ("response_format", "structured_outputs"),
}


def models_in(data: Any) -> list[ModelInfo]:
    """The models of an answer, the first 2,000 with usable ids; raises ProviderError when it is no list."""
    listed = data.get("data") if isinstance(data, dict) else data
    if not isinstance(listed, list):
        raise ProviderError.of("malformed", "It has no list of models at this address.")
    found: dict[str, ModelInfo] = {}
    for entry in listed:
        raw_id = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(raw_id, str) and MODEL_ID.fullmatch(raw_id) and raw_id not in found:
            found[raw_id] = model_info(raw_id, entry)
            if len(found) == MAX_MODELS:
                break
    return list(found.values())


def model_info(raw_id: str, entry: Mapping[str, Any]) -> ModelInfo:
    """What one entry of the list says."""
    says = dict(_says(entry))
    top = entry.get("top_provider") if isinstance(entry.get("top_provider"), dict) else {}
    name = entry.get("name")
    return ModelInfo(
        raw_id,
        name.strip()[:256] if isinstance(name, str) and name.strip() else raw_id,
        kind=_kind(entry),
        capabilities=tuple(each for each in CAPABILITIES if says.get(each)),
        denied=tuple(each for each in CAPABILITIES if says.get(each) is False),
        context_window=_tokens(entry, _WINDOWS),
        max_output=_tokens(top or {}, _OUTPUTS) or _tokens(entry, _OUTPUTS),
        prices=_prices(entry.get("pricing")),
    )


def _says(entry: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What is affirmed and what is denied, in this order of trust: later counts."""
    if entry.get("type") in ("llm", "vlm"):  # LM Studio
        yield "vision", entry["type"] == "vlm"
    capabilities = entry.get("capabilities")
    if isinstance(capabilities, list):  # LM Studio names those it has
        yield "tools", "tool_use" in capabilities
    flags = {**(capabilities if isinstance(capabilities, dict) else {}), **entry}
    for flag, capability in _FLAGS.items():
        if isinstance(flags.get(flag), bool):
            yield capability, flags[flag]
    architecture = entry.get("architecture")
    shape = architecture if isinstance(architecture, dict) else entry
    if isinstance(shape.get("input_modalities"), list):
        yield "vision", "image" in shape["input_modalities"]
    if isinstance(shape.get("output_modalities"), list):
        yield "image_output", "image" in shape["output_modalities"]
    parameters = entry.get("supported_parameters")
    if isinstance(parameters, list):
        for capability, names in _PARAMETERS.items():
            yield capability, any(name in parameters for name in names)


def _kind(entry: Mapping[str, Any]) -> str:
    known = _KINDS.get(str(entry.get("type", "")).lower())
    if known:
        return known
    architecture = entry.get("architecture")
    outputs = (architecture if isinstance(architecture, dict) else entry).get("output_modalities")
    if isinstance(outputs, list) and outputs:
        return next((kind for word, kind in _OUTPUT_KINDS if word in outputs), "other")
    capabilities = entry.get("capabilities")
    if not isinstance(capabilities, dict):
        return ""
    if capabilities.get("chat_completion") or capabilities.get("completion_chat"):
        return "chat"
    if capabilities.get("embeddings"):
        return "embedding"
    return "other" if capabilities.get("chat_completion") is False else ""


_OUTPUT_KINDS = (("text", "chat"), ("embeddings", "embedding"), ("image", "image"))


def _tokens(entry: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = entry.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_TOKENS:
            return value
    return None


def _prices(pricing: Any) -> Prices | None:
    """OpenRouter's prices per token, in dollars as text."""
    if not isinstance(pricing, dict) or not isinstance(pricing.get("prompt"), str):
        return None
    prices = Prices(*(_price(pricing.get(name)) for name in ("prompt", "completion", "input_cache_read")))
    return None if prices == Prices() else prices


def _price(value: Any) -> int | None:
    if not isinstance(value, str) or len(value) > _LONGEST_PRICE:
        return None
    try:
        price = Decimal(value) * _TRILLION
    except DecimalException:
        return None
    # Compared before it is made an integer: one of "1e99999" takes a third of a second.
    fits = price.is_finite() and 0 <= price <= _DEAREST
    return int(price.to_integral_value()) if fits else None
