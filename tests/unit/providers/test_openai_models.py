"""Lists of models, with what gateways say about them."""

from __future__ import annotations

from typing import Any

import pytest

from parley.providers.base import ModelInfo, Prices, ProviderError
from parley.providers.openai_models import MAX_MODELS, models_in

OPENROUTER = {
    "id": "openai/gpt-5",
    "name": "OpenAI: GPT-5",
    "context_length": 400_000,
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    "top_provider": {"context_length": 400_000, "max_completion_tokens": 128_000, "is_moderated": True},
    "pricing": {"prompt": "0.00000125", "completion": "0.00001", "input_cache_read": "0.000000125"},
    "supported_parameters": ["tools", "reasoning", "max_tokens"],
}


def info(**entry: Any) -> ModelInfo:
    """What one entry says."""
    return models_in({"data": [{"id": "m", **entry}]})[0]


def test_openrouter_says_almost_everything() -> None:
    assert models_in({"data": [OPENROUTER]}) == [
        ModelInfo(
            "openai/gpt-5",
            "OpenAI: GPT-5",
            kind="chat",
            capabilities=("vision", "tools", "reasoning"),
            denied=("image_output", "json"),
            context_window=400_000,
            max_output=128_000,
            prices=Prices(1_250_000, 10_000_000, 125_000),
        )
    ]


@pytest.mark.parametrize(
    ("pricing", "prices"),
    [
        ({"prompt": "-1", "completion": "-1"}, None),
        ({"prompt": "0", "completion": "0"}, Prices(0, 0)),
        ({"prompt": "free"}, None),
        ({"prompt": "NaN", "completion": "Infinity"}, None),
        ({"prompt": "1e99"}, None),
        ({"prompt": "1e99999", "completion": "9e999999999"}, None),
        ("0.1", None),
        ({"prompt": 0.1}, None),
    ],
)
def test_prices_that_are_none(pricing: Any, prices: Prices | None) -> None:
    assert info(pricing=pricing).prices == prices


@pytest.mark.parametrize(
    ("entry", "kind", "capabilities", "denied", "window"),
    [
        ({"object": "model", "owned_by": "openai"}, "", (), (), None),
        ({"max_model_len": 32768}, "", (), (), 32768),
        (
            {"context_length": 262144, "supports_image_in": True, "supports_reasoning": False},
            "",
            ("vision",),
            ("reasoning",),
            262144,
        ),
        ({"type": "vlm", "max_context_length": 4096, "capabilities": ["tool_use"]}, "chat",
         ("vision", "tools"), (), 4096),
        ({"type": "llm", "capabilities": []}, "chat", (), ("vision", "tools"), None),
        ({"type": "embeddings"}, "embedding", (), (), None),
        (
            {"capabilities": {"completion_chat": True, "function_calling": True, "vision": False}},
            "chat",
            ("tools",),
            ("vision",),
            None,
        ),
        ({"capabilities": {"chat_completion": False, "embeddings": True}}, "embedding", (), (), None),
        ({"capabilities": {"chat_completion": False, "embeddings": False}}, "other", (), (), None),
        ({"architecture": {"output_modalities": ["image"]}}, "image", ("image_output",), (), None),
        ({"context_length": -1, "max_model_len": True, "context_window": "big"}, "", (), (), None),
        ({"context_length": 10**12, "architecture": [], "capabilities": 7, "name": 3}, "", (), (), None),
    ],
)  # fmt: skip
def test_others_say_less(
    entry: dict[str, Any],
    kind: str,
    capabilities: tuple[str, ...],
    denied: tuple[str, ...],
    window: int | None,
) -> None:
    found = info(**entry)
    assert (found.kind, found.capabilities, found.denied, found.context_window) == (
        kind,
        capabilities,
        denied,
        window,
    )
    assert found.name == "m"


def test_ids_that_cannot_be_are_left_out_and_each_comes_once() -> None:
    listed = [{"id": "a"}, {"id": "a"}, {"id": "b c"}, {"id": 7}, "x", {"id": "<i>"}, {"id": "b"}]
    assert [model.raw_id for model in models_in(listed)] == ["a", "b"]
    assert len(models_in([{"id": f"m{n}"} for n in range(MAX_MODELS + 5)])) == MAX_MODELS


@pytest.mark.parametrize("data", [None, {}, {"data": None}, {"data": {"id": "a"}}, "models"])
def test_what_is_no_list_is_an_error(data: Any) -> None:
    with pytest.raises(ProviderError, match="no list of models"):
        models_in(data)
