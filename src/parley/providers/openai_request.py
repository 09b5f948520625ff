"""A prompt in the form of OpenAI's Chat Completions. Pure.

Source of the format: platform.openai.com/docs/api-reference/chat/create; the settings that reasoning models
refuse: developers.openai.com/api/docs/guides/latest-model (parameter compatibility).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection
from typing import Any

from parley.providers.base import GO_ON, Image, Prompt, Tool, ToolCall, Turn
from parley.providers.openai_thinking import has_new_limit, is_openai_thinker, short_id, thinking_fields
from parley.providers.presets import (
    MAX_COMPLETION_TOKENS,
    NO_STREAM_OPTIONS,
    REASONING_OBJECT,
    TEMPERATURE_TO_ONE,
    THINKING_FIXES_SAMPLING,
    TOP_K,
    WANTS_REASONING_BACK,
)

_USUAL = frozenset(
    {
        "temperature",
        "top_p",
        "presence_penalty",
        "frequency_penalty",
        "max_tokens",
        "stop",
        "seed",
        "response_format",
    }
)
_DRAWING = frozenset({"temperature", "top_p", "presence_penalty", "frequency_penalty"})
_DRAWS = re.compile(r"-image")  # OpenRouter's models that answer with pictures do so when asked to
_FIXED = re.compile(r"kimi-(k[2-9]|latest)")  # Kimi's own models refuse any other drawing than theirs


def request_body(
    prompt: Prompt, quirks: Collection[str] = frozenset()
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The JSON of a request, and the names of what was asked for and is not in it."""
    thinking, missed = thinking_fields(
        prompt.model, prompt.reasoning, quirks, stream=prompt.stream, tools=bool(prompt.tools)
    )
    kept, dropped = _settings(prompt, quirks, thinking)
    body: dict[str, Any] = {
        "model": prompt.model,
        "messages": messages(prompt, quirks),
        "stream": prompt.stream,
        **kept,
        **thinking,
    }
    if prompt.stream and NO_STREAM_OPTIONS not in quirks:
        body["stream_options"] = {"include_usage": True}
    if REASONING_OBJECT in quirks and _DRAWS.search(short_id(prompt.model)):
        body["modalities"] = ["image", "text"]
    if prompt.tools:
        body["tools"] = [_tool(tool) for tool in prompt.tools]
        if prompt.tool_choice:
            body["tool_choice"] = tool_choice(prompt.tool_choice, "function")
    return body, (*dropped, "reasoning") if missed else dropped


def messages(prompt: Prompt, quirks: Collection[str]) -> list[dict[str, Any]]:
    """The turns, oldest first."""
    listed = [_message(turn, prompt, quirks) for turn in prompt.turns]
    if prompt.continues:  # most servers would otherwise begin a new answer
        listed.append({"role": "user", "content": GO_ON})
    return listed


def image_url(image: Image) -> str:
    """The address of a picture, or the picture itself as a data: address."""
    return image.url or f"data:{image.mime};base64,{base64.b64encode(image.data).decode('ascii')}"


def tool_choice(choice: str, *inside: str) -> str | dict[str, Any]:
    """The word as it is, or the tool of that name (under the key `inside`)."""
    if choice in ("auto", "none", "required"):
        return choice
    named: dict[str, Any] = {"name": choice}
    for key in inside:
        named = {key: named}
    return {"type": "function", **named}


def _message(turn: Turn, prompt: Prompt, quirks: Collection[str]) -> dict[str, Any]:
    if turn.role == "tool":
        return {"role": "tool", "tool_call_id": turn.call_id, "content": turn.text}
    if turn.images and turn.role == "user":
        parts: list[dict[str, Any]] = [{"type": "text", "text": turn.text}] if turn.text else []
        parts += [{"type": "image_url", "image_url": {"url": image_url(each)}} for each in turn.images]
        return {"role": "user", "content": parts}
    message: dict[str, Any] = {"role": turn.role, "content": turn.text}
    if turn.calls:
        message["content"] = turn.text or None
        message["tool_calls"] = [_call(call) for call in turn.calls]
    if turn.role == "assistant" and (turn.calls or prompt.tools):
        message.update(_thoughts(turn, quirks))
    return message


def _thoughts(turn: Turn, quirks: Collection[str]) -> dict[str, Any]:
    """What the assistant thought, for those who want it back in a tool loop."""
    if WANTS_REASONING_BACK in quirks and turn.reasoning:
        return {"reasoning_content": turn.reasoning}
    if REASONING_OBJECT in quirks and turn.thought_state:
        details = _json_of(turn.thought_state)
        return {"reasoning_details": details} if _is_details(details) else {}
    return {}


def _is_details(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, dict) and str(each.get("type", "")).startswith("reasoning.") for each in value
    )


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    said: dict[str, Any] = {"id": call.id, "type": "function", "function": function}
    state = _json_of(call.state)
    if isinstance(state, dict):  # Gemini behind a gateway: its signature, as it came
        said["extra_content"] = state
    return said


def _json_of(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):  # another vendor's
        return None


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.schema}
    return {"type": "function", "function": function}


def _settings(
    prompt: Prompt, quirks: Collection[str], thinking: dict[str, Any]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The sampling under the names this service takes, and the names of what it does not take."""
    kept, dropped = prompt.sampling.split(_supported(prompt.model, quirks, thinking))
    if TEMPERATURE_TO_ONE in quirks and kept.get("temperature", 0) > 1:
        kept.pop("temperature")
        dropped = (*dropped, "temperature")
    if "max_tokens" in kept and _renames_limit(prompt.model, quirks):
        kept["max_completion_tokens"] = kept.pop("max_tokens")
    return kept, dropped


def _renames_limit(model: str, quirks: Collection[str]) -> bool:
    return MAX_COMPLETION_TOKENS in quirks or (has_new_limit(model) and REASONING_OBJECT not in quirks)


def _supported(model: str, quirks: Collection[str], thinking: dict[str, Any]) -> frozenset[str]:
    supported = _USUAL | {"top_k"} if TOP_K in quirks else _USUAL
    if is_openai_thinker(model):
        supported -= _DRAWING | {"stop", "top_k"}
        if thinking.get("reasoning_effort") == "none":
            supported |= {"temperature", "top_p"}
    elif _FIXED.match(short_id(model)):
        supported -= _DRAWING
    elif THINKING_FIXES_SAMPLING in quirks and thinking.get("thinking") != {"type": "disabled"}:
        supported -= {"temperature", "presence_penalty", "frequency_penalty"}
    return supported
