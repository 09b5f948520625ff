"""The fake servers do see what their vendors would refuse: a contract without teeth proves nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.upstream.dialects import DIALECTS

SAYS: list[dict[str, Any]] = [{"role": "user", "content": "Hi"}]
CALL = {"id": "c", "type": "function", "function": {"name": "t", "arguments": "{}"}}
CLAUDE: dict[str, Any] = {"max_tokens": 2000, "messages": SAYS}
USE = {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "t", "input": {}}]}
THINKING = {"type": "enabled", "budget_tokens": 1500}
GEMINI = [{"role": "user", "parts": [{"text": "Hi"}]}]
GEMINI_CALL = {"role": "model", "parts": [{"functionCall": {"name": "t", "args": {}}}]}
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("openai", {"model": "m", "messages": SAYS, "top_k": 4}),
    ("openai", {"model": "m", "messages": SAYS, "reasoning_effort": "unset"}),
    ("openai", {"model": "o3", "messages": SAYS, "temperature": 0.5}),
    ("openai", {"model": "gpt-5-mini", "messages": SAYS, "max_tokens": 5}),
    ("openai", {"model": "m", "messages": [{"role": "assistant", "tool_calls": [CALL]}, *SAYS]}),
    ("openai", {"model": "m", "messages": [{"role": "tool", "content": "x", "tool_call_id": "c"}]}),
    ("azure", {"model": "o4-mini", "messages": SAYS, "top_p": 0.5}),
    ("openai-responses", {"model": "m", "input": "Hi", "messages": SAYS}),
    ("openai-responses", {"model": "m", "input": [{"type": "function_call", "call_id": "c", "name": "t"}]}),
    ("openai-responses", {"model": "m", "input": [{"type": "reasoning", "summary": []}], "store": False}),
    ("anthropic", {"model": "m", "messages": SAYS}),
    ("anthropic", {"model": "m", **CLAUDE, "seed": 4}),
    ("anthropic", {"model": "m", "max_tokens": 5, "messages": [{"role": "system", "content": "x"}]}),
    ("anthropic", {"model": "m", "max_tokens": 5, "messages": [*SAYS, USE, *SAYS]}),
    ("anthropic", {"model": "m", **CLAUDE, "thinking": THINKING, "temperature": 0.5}),
    ("anthropic", {"model": "m", **CLAUDE, "thinking": THINKING, "tool_choice": {"type": "any"}}),
    ("anthropic", {"model": "claude-opus-4-7", **CLAUDE, "temperature": 0.5}),
    ("anthropic", {"model": "claude-opus-4-7", **CLAUDE, "thinking": THINKING}),
    ("anthropic", {"model": "claude-sonnet-4-5", **CLAUDE, "temperature": 0.5, "top_p": 0.5}),
    ("gemini", {"contents": GEMINI, "model": "m"}),
    ("gemini", {"contents": [{"role": "assistant", "parts": [{"text": "Hi"}]}]}),
    ("gemini", {"contents": [*GEMINI, GEMINI_CALL, *GEMINI]}),
    (
        "gemini",
        {
            "contents": GEMINI,
            "tools": [
                {"functionDeclarations": [{"name": "t", "parameters": {"additionalProperties": False}}]}
            ],
        },
    ),
    ("ollama", {"model": "m", "messages": SAYS, "temperature": 0.5}),
    ("ollama", {"model": "m", "messages": SAYS, "think": "unset"}),
    ("ollama", {"model": "m", "messages": [{"role": "user", "content": [{"type": "text"}]}]}),
]


@pytest.mark.parametrize(("name", "body"), REFUSED, ids=[f"{each[0]}-{n}" for n, each in enumerate(REFUSED)])
def test_what_a_vendor_refuses_is_complained_about(name: str, body: dict[str, Any]) -> None:
    assert DIALECTS[name].complaints(body) != []


def test_what_a_vendor_takes_is_not() -> None:
    assert DIALECTS["openai"].complaints({"model": "gpt-4o", "messages": SAYS, "temperature": 0.5}) == []
    assert DIALECTS["anthropic"].complaints({"model": "claude-sonnet-4-5", **CLAUDE, "top_k": 4}) == []
    assert DIALECTS["gemini"].complaints({"contents": GEMINI}) == []
