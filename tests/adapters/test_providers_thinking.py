"""How much to think, in each vendor's own words for models that are known.

Sources: platform.openai.com/docs/guides/reasoning; docs.claude.com/en/docs/build-with-claude/
extended-thinking, adaptive-thinking and effort; ai.google.dev/gemini-api/docs/thinking;
docs.ollama.com/capabilities/thinking.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from parley.providers.base import Dropped
from parley.providers.sampling import Reasoning
from tests.adapters.kinds import Bench, asking, said

OFF, HIGH, BUDGET = (
    Reasoning(mode="off"),
    Reasoning(mode="on", effort="high"),
    Reasoning(mode="on", budget=4096),
)
KNOWN: list[tuple[str, str, Reasoning, dict[str, Any]]] = [
    ("openai", "gpt-5.1", OFF, {"reasoning_effort": "none"}),
    ("openai", "gpt-5.1", HIGH, {"reasoning_effort": "high"}),
    ("openai", "o3", HIGH, {"reasoning_effort": "high"}),
    ("openai-responses", "gpt-5.1", OFF, {"reasoning.effort": "none"}),
    ("openai-responses", "o3", HIGH, {"reasoning.effort": "high"}),
    ("anthropic", "claude-sonnet-4-5", OFF, {"thinking.type": (None, "disabled")}),
    ("anthropic", "claude-sonnet-4-5", BUDGET, {"thinking.type": "enabled", "thinking.budget_tokens": 4096}),
    ("anthropic", "claude-opus-4-6", HIGH, {"thinking.type": "adaptive", "output_config.effort": "high"}),
    ("gemini", "gemini-2.5-flash", OFF, {"generationConfig.thinkingConfig.thinkingBudget": 0}),
    ("gemini", "gemini-2.5-flash", BUDGET, {"generationConfig.thinkingConfig.thinkingBudget": 4096}),
    ("gemini", "gemini-3-pro", HIGH, {"generationConfig.thinkingConfig.thinkingLevel": ("high", "HIGH")}),
    ("ollama", "qwen3", OFF, {"think": False}),
    ("ollama", "qwen3", HIGH, {"think": (True, "high")}),
    ("ollama", "gpt-oss:20b", HIGH, {"think": "high"}),
]  # fmt: skip


def at(body: Any, path: str) -> Any:
    """What stands at a path, None when nothing does."""
    for key in path.split("."):
        body = body.get(key) if isinstance(body, dict) else None
    return body


@pytest.mark.parametrize(
    ("bench", "model", "wish", "expected"),
    KNOWN,
    indirect=["bench"],
    ids=[f"{k[0]}-{k[1]}-{n}" for n, k in enumerate(KNOWN)],
)
async def test_the_wish_is_said_in_the_vendors_words(
    bench: Bench, model: str, wish: Reasoning, expected: dict[str, Any]
) -> None:
    facts = await said(bench.at("tokens=2,speed=0").stream(replace(asking("", reasoning=wish), model=model)))
    body = bench.sent()
    for path, value in expected.items():
        assert at(body, path) in (value if isinstance(value, tuple) else (value,)), body
    assert not any(isinstance(fact, Dropped) for fact in facts)


@pytest.mark.parametrize(
    ("bench", "model"),
    [
        ("openai", "gpt-4o"),
        ("openai-responses", "gpt-4o"),
        ("anthropic", "claude-3-5-haiku-20241022"),
        ("gemini", "gemini-2.0-flash"),
    ],
    indirect=["bench"],
)
async def test_a_model_that_cannot_think_is_not_asked_to(bench: Bench, model: str) -> None:
    facts = await said(bench.at("tokens=2,speed=0").stream(replace(asking("", reasoning=HIGH), model=model)))
    sent = str(bench.sent())
    assert not any(word in sent for word in ("effort", "thinking", "budget"))
    assert [name for fact in facts if isinstance(fact, Dropped) for name in fact.names] == ["reasoning"]


@pytest.mark.parametrize("bench", ["openai"], indirect=True)
async def test_a_model_that_cannot_stop_thinking_is_said_to(bench: Bench) -> None:
    facts = await said(bench.at("tokens=2,speed=0").stream(replace(asking("", reasoning=OFF), model="o3")))
    assert [name for fact in facts if isinstance(fact, Dropped) for name in fact.names] == ["reasoning"]
