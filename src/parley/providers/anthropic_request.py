"""The JSON of a request to Anthropic's Messages API. Pure.

Source of the format: platform.claude.com/docs/en/api/messages/create; caching as advised under
build-with-claude/prompt-caching, structured answers under build-with-claude/structured-outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parley.providers.anthropic_messages import messages_of
from parley.providers.anthropic_models import Manners, manners_of
from parley.providers.anthropic_thinking import Thinking, thinking_for
from parley.providers.base import Prompt, Tool
from parley.providers.sampling import Sampling

USUAL_LIMIT = 32_000  # tokens of an answer when nobody says: the API wants a number
_SUPPORTED = frozenset({"temperature", "top_p", "top_k", "max_tokens", "stop", "response_format"})
_DRAWN: tuple[str, ...] = ("temperature", "top_p", "top_k")
_CACHED = {"type": "ephemeral"}


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, what was left out, and the version of the API it is written for."""

    body: dict[str, Any]
    dropped: tuple[str, ...]
    version: str


def request_of(prompt: Prompt) -> Request:
    """The request for `prompt`, in the manners of its model."""
    manners = manners_of(prompt.model)
    limit = _limit(prompt, manners)
    thinking = thinking_for(prompt, manners, limit)
    drawn, dropped = _sampling(prompt.sampling, manners, thinking)
    messages = messages_of(prompt, prefill=manners.prefill and not thinking.on)
    body: dict[str, Any] = {
        "model": prompt.model,
        "max_tokens": limit,
        "messages": messages,
        "stream": prompt.stream,
        **drawn,
        **thinking.fields,
    }
    if "output_config" in drawn:
        body["output_config"] = {**drawn["output_config"], **body["output_config"]}
    if prompt.system.strip():
        body["system"] = [{"type": "text", "text": prompt.system}]
    if prompt.tools:
        body["tools"] = [_tool(tool) for tool in prompt.tools]
        choice = _tool_choice(prompt.tool_choice)
        if thinking.free_choice and choice is not None and choice["type"] in ("any", "tool"):
            dropped = (*dropped, "tool_choice")
        elif choice is not None:
            body["tool_choice"] = choice
    _mark_for_cache(body)
    return Request(body, tuple(dict.fromkeys((*dropped, *thinking.dropped))), manners.version)


def _limit(prompt: Prompt, manners: Manners) -> int:
    asked = prompt.sampling.max_tokens
    if asked is not None:
        return asked
    wanted = USUAL_LIMIT
    if manners.thinking == "budget" and prompt.reasoning.budget is not None:
        wanted = max(wanted, prompt.reasoning.budget + USUAL_LIMIT // 2)
    return min(wanted, manners.most, prompt.room or wanted)


def _sampling(
    sampling: Sampling, manners: Manners, thinking: Thinking
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields of a request that say how the answer is drawn, and the names of what has no field."""
    kept, unknown = sampling.split(_SUPPORTED)
    unfit = [name for name in _DRAWN if name in kept]
    if manners.sampling:
        unfit = [name for name in unfit if not _fits(name, kept, manners, thinking)]
    fields = {name: kept[name] for name in _DRAWN if name in kept and name not in unfit}
    stops = [text for text in kept.get("stop", ()) if text.strip()]  # blank ones are refused
    if stops:
        fields["stop_sequences"] = stops
    shape = kept.get("response_format", {})
    if shape.get("type") == "json_schema" and manners.schema:
        schema = shape.get("json_schema", {}).get("schema", {})
        fields["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
    elif shape.get("type", "text") != "text":
        unfit.append("response_format")
    return fields, (*unknown, *unfit)


def _fits(name: str, given: Mapping[str, Any], manners: Manners, thinking: Thinking) -> bool:
    """Whether a model that takes sampling takes this (build-with-claude/thinking, "Sampling parameters")."""
    if thinking.on:
        return name == "top_p" and given[name] >= 0.95
    if name == "temperature":
        return bool(given[name] <= 1) or manners.imitator
    if name == "top_p":
        return not (manners.one_of_temperature_and_top_p and "temperature" in given)
    return True


def _tool(tool: Tool) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"name": tool.name, **described, "input_schema": {"type": "object", **tool.schema}}


def _tool_choice(choice: str) -> dict[str, str] | None:
    if choice in ("", "auto"):
        return None
    if choice == "none":
        return {"type": "none"}
    return {"type": "any"} if choice == "required" else {"type": "tool", "name": choice}


def _mark_for_cache(body: dict[str, Any]) -> None:
    """Mark the ends of what the next request will repeat: the tools and system prompt, the last two turns.

    The mark of the turn before lets a request find what an earlier one stored, however much a tool loop
    put between: the API only looks 20 blocks back from a mark.
    """
    stable = body.get("system") or body.get("tools")
    marked = [stable[-1]] if stable else []
    marked += [each["content"][-1] for each in body["messages"] if each["role"] == "user"][-2:]
    for block in marked:
        block["cache_control"] = _CACHED
