"""How much to think, in each vendor's words."""

from __future__ import annotations

from typing import Any

import pytest

from parley.providers.openai_thinking import effort_of, is_openai_thinker, nearest, short_id, thinking_fields
from parley.providers.presets import PRESETS
from parley.providers.sampling import Reasoning

OFF, ON = Reasoning(mode="off"), Reasoning(mode="on")
LOW, MAX = Reasoning(effort="low"), Reasoning(effort="max")
BUDGET = Reasoning(budget=5000)
ENABLED, DISABLED = {"thinking": {"type": "enabled"}}, {"thinking": {"type": "disabled"}}

CASES: list[tuple[str, str, Reasoning, dict[str, Any], bool]] = [
    ("", "gpt-5.2", OFF, {"reasoning_effort": "none"}, False),
    ("", "gpt-5.2", ON, {"reasoning_effort": "medium"}, False),
    ("", "gpt-5.2", MAX, {"reasoning_effort": "xhigh"}, False),
    ("", "gpt-5.1", MAX, {"reasoning_effort": "high"}, False),
    ("", "gpt-5.1-codex", OFF, {"reasoning_effort": "low"}, True),
    ("", "gpt-5-mini", OFF, {"reasoning_effort": "minimal"}, True),
    ("", "gpt-5-pro", LOW, {"reasoning_effort": "high"}, False),
    ("", "o3", ON, {}, False),
    ("", "o4-mini", MAX, {"reasoning_effort": "high"}, False),
    ("", "gpt-4o", OFF, {}, False),
    ("", "gpt-4o", LOW, {}, True),
    ("", "llama-4", OFF, {}, True),
    ("", "llama-4", LOW, {"reasoning_effort": "low"}, False),
    ("", "gpt-oss-120b", MAX, {"reasoning_effort": "high"}, False),
    ("deepseek", "deepseek-v4-pro", OFF, DISABLED, False),
    ("deepseek", "deepseek-v4-pro", MAX, {**ENABLED, "reasoning_effort": "max"}, False),
    ("deepseek", "deepseek-v4-pro", BUDGET, {**ENABLED, "reasoning_effort": "high"}, False),
    ("zhipu", "glm-4.6", OFF, DISABLED, False),
    ("zhipu", "glm-4.6", LOW, ENABLED, True),
    ("zhipu", "glm-4-flash", OFF, {}, False),
    ("zhipu", "glm-5.3", OFF, {"reasoning_effort": "low"}, True),
    ("zai", "glm-5.3", MAX, {"reasoning_effort": "max"}, False),
    ("kimi", "kimi-k2.5", OFF, DISABLED, False),
    ("kimi", "kimi-k3", LOW, {"reasoning_effort": "low"}, False),
    ("kimi", "moonshot-v1-8k", ON, {}, True),
    ("qwen", "qwen-plus", OFF, {"enable_thinking": False}, False),
    ("qwen", "qwen-plus", BUDGET, {"enable_thinking": True, "thinking_budget": 5000}, False),
    ("qwen", "qwen-plus", LOW, {"enable_thinking": True, "thinking_budget": 4096}, False),
    ("qwen", "qwq-plus", OFF, {}, True),
    ("siliconflow", "GLM-5", Reasoning(budget=9), {"enable_thinking": True, "thinking_budget": 128}, False),
    ("openrouter", "openai/gpt-5", OFF, {"reasoning": {"enabled": False}}, False),
    ("openrouter", "anthropic/claude", BUDGET, {"reasoning": {"max_tokens": 5000}}, False),
    ("openrouter", "x/y", MAX, {"reasoning": {"effort": "xhigh"}}, False),
    ("vllm", "qwen3", OFF, {"chat_template_kwargs": {"enable_thinking": False, "thinking": False}}, False),
]  # fmt: skip


def quirks_of(preset: str) -> frozenset[str]:
    """The quirks of a preset, or none."""
    return PRESETS.get(preset).quirks if preset else frozenset()


@pytest.mark.parametrize(("preset", "model", "wish", "fields", "missed"), CASES)
def test_a_wish_in_the_vendors_words(
    preset: str, model: str, wish: Reasoning, fields: dict[str, Any], missed: bool
) -> None:
    assert thinking_fields(model, wish, quirks_of(preset)) == (fields, missed)


@pytest.mark.parametrize("preset", ["", *PRESETS.names()])
def test_no_wish_is_nobodys_business(preset: str) -> None:
    assert thinking_fields("any-model", Reasoning(), quirks_of(preset)) == ({}, False)


def test_whole_answers_of_qwen_do_not_think() -> None:
    qwen = quirks_of("qwen")
    assert thinking_fields("qwen-plus", Reasoning(), qwen, stream=False) == (
        {"enable_thinking": False},
        False,
    )
    assert thinking_fields("qwen-plus", ON, qwen, stream=False) == ({"enable_thinking": False}, True)
    assert thinking_fields("qwq-plus", ON, qwen, stream=False) == ({}, True)


def test_new_models_use_tools_without_thinking() -> None:
    none = {"reasoning_effort": "none"}
    assert thinking_fields("gpt-5.6", Reasoning(), (), tools=True) == (none, False)
    assert thinking_fields("gpt-5.4-mini", LOW, (), tools=True) == (none, True)
    assert thinking_fields("gpt-5.1", LOW, (), tools=True) == ({"reasoning_effort": "low"}, False)
    openrouter = quirks_of("openrouter")
    assert thinking_fields("openai/gpt-5.6", Reasoning(), openrouter, tools=True) == ({}, False)


def test_names_of_gateways_do_not_hide_a_model() -> None:
    assert short_id("openai/GPT-5:free") == "gpt-5"
    assert short_id("ft:gpt-4o-mini:acme") == "gpt-4o-mini"
    assert is_openai_thinker("openai/o3-mini")
    assert not is_openai_thinker("gpt-5-chat-latest")
    assert not is_openai_thinker("gpt-4.1")
    assert not is_openai_thinker("olmo-2")


def test_efforts_are_translated_to_the_closest() -> None:
    assert nearest("medium", ("low", "high", "max")) == "high"
    assert nearest("minimal", ("none", "low", "high")) == "low"
    assert effort_of(Reasoning(budget=900)) == "minimal"
    assert effort_of(Reasoning(budget=900_000)) == "high"
    assert effort_of(Reasoning(effort="low", budget=900_000)) == "low"
