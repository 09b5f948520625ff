"""A prompt in the form of OpenAI's Responses. Pure.

Source of the format: platform.openai.com/docs/api-reference/responses/create,
/docs/guides/reasoning (encrypted reasoning items), /docs/guides/function-calling.
"""

from __future__ import annotations

import json
from typing import Any

from parley.providers.base import GO_ON, Prompt, Tool, Turn
from parley.providers.openai_request import image_url, tool_choice
from parley.providers.openai_thinking import effort_words, is_openai_plain, is_openai_thinker
from parley.providers.sampling import Reasoning

SEALED = "reasoning.encrypted_content"
LEAST_OUTPUT = 16  # tokens; less is refused
_SUPPORTED = frozenset({"temperature", "top_p", "max_tokens", "response_format"})


def request_body(prompt: Prompt, summary: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The JSON of a request, and the names of what was asked for and is not in it.

    `summary` is how reasoning is to be summed up: auto, concise or detailed; "" for not at all.
    """
    word, missed = "", False
    if prompt.reasoning != Reasoning():
        word, missed = effort_words(prompt.model, prompt.reasoning)
    settings, dropped = _settings(prompt, word)
    body: dict[str, Any] = {
        "model": prompt.model,
        "input": input_items(prompt),
        "stream": prompt.stream,
        "store": False,
        **settings,
    }
    if prompt.system:
        body["instructions"] = prompt.system
    reasoning = {"effort": word} if word else {}
    if not is_openai_plain(prompt.model):
        body["include"] = [SEALED]
        if summary and word != "none":
            reasoning["summary"] = summary
    if reasoning:
        body["reasoning"] = reasoning
    if prompt.tools:
        body["tools"] = [_tool(tool) for tool in prompt.tools]
        if prompt.tool_choice:
            body["tool_choice"] = tool_choice(prompt.tool_choice)
    return body, (*dropped, "reasoning") if missed else dropped


def input_items(prompt: Prompt) -> list[dict[str, Any]]:
    """The turns as items, oldest first; the system turns are the instructions."""
    items = [item for turn in prompt.turns if turn.role != "system" for item in _items(turn)]
    if prompt.continues:
        items.append({"role": "user", "content": GO_ON})
    return items


def _items(turn: Turn) -> list[dict[str, Any]]:
    if turn.role == "tool":
        return [{"type": "function_call_output", "call_id": turn.call_id, "output": turn.text}]
    if turn.role == "assistant":
        items = _thoughts(turn.thought_state) if turn.calls else []
        if turn.text or not turn.calls:
            items.append({"role": "assistant", "content": turn.text})
        calls = (
            {"call_id": each.id, "name": each.name, "arguments": each.arguments or "{}"}
            for each in turn.calls
        )
        return [*items, *({"type": "function_call", **call} for call in calls)]
    if not turn.images:
        return [{"role": "user", "content": turn.text}]
    parts: list[dict[str, Any]] = [{"type": "input_text", "text": turn.text}] if turn.text else []
    parts += [{"type": "input_image", "image_url": image_url(each)} for each in turn.images]
    return [{"role": "user", "content": parts}]


def _thoughts(state: str) -> list[dict[str, Any]]:
    """The sealed reasoning items of an earlier answer; nothing of another vendor's."""
    try:
        items = json.loads(state) if state else []
    except (ValueError, RecursionError):
        return []
    if not isinstance(items, list):
        return []
    return [
        each
        for each in items
        if isinstance(each, dict) and each.get("type") == "reasoning" and each.get("encrypted_content")
    ]


def _settings(prompt: Prompt, effort: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    supported = _SUPPORTED
    if is_openai_thinker(prompt.model) and effort != "none":
        supported -= {"temperature", "top_p"}
    kept, dropped = prompt.sampling.split(supported)
    if "max_tokens" in kept:
        kept["max_output_tokens"] = max(kept.pop("max_tokens"), LEAST_OUTPUT)
    if "response_format" in kept:
        kept["text"] = {"format": _format(kept.pop("response_format"))}
    return kept, dropped


def _format(wanted: dict[str, Any]) -> dict[str, Any]:
    """Chat Completions keeps the schema one level deeper."""
    schema = wanted.get("json_schema")
    return {"type": "json_schema", **schema} if isinstance(schema, dict) else wanted


def _tool(tool: Tool) -> dict[str, Any]:
    """Not strict, which is the default here and would refuse most schemas."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.schema,
        "strict": False,
    }
