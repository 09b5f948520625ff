"""How a Claude model is asked to think, or not to. Pure; sources as in anthropic_models.py."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from parley.providers.anthropic_messages import signed_blocks
from parley.providers.anthropic_models import Manners
from parley.providers.base import Prompt
from parley.providers.sampling import EFFORTS, Reasoning

LEAST_BUDGET = 1024  # tokens, by the API
ANSWER = 4096  # tokens of the limit that are kept for the answer itself
# Where effort has to be said in tokens.
BUDGETS = {"minimal": 1024, "low": 4096, "medium": 10_000, "high": 20_000, "xhigh": 32_000, "max": 48_000}


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a request says about thinking."""

    fields: dict[str, Any] = field(default_factory=dict)
    on: bool = False
    free_choice: bool = False  # the model cannot be made to call a tool
    dropped: tuple[str, ...] = ()  # what was asked for and cannot be had


def thinking_for(prompt: Prompt, manners: Manners, limit: int) -> Thinking:
    """What to say about thinking in a request whose answer may take `limit` tokens."""
    asked = prompt.reasoning
    mode = asked.mode or ("on" if asked.effort or asked.budget is not None else "")
    if not manners.thinking:
        return Thinking(dropped=("reasoning",) if mode == "on" else ())
    if mode == "off":
        return _off(manners)
    if mode == "" and not manners.thinks_unasked:
        return Thinking()
    if (
        _forces_a_tool(prompt) and manners.forced_tools
    ):  # which excludes thinking; the tool is the sharper wish
        off = _off(manners)
        return Thinking(off.fields, dropped=("reasoning",) if mode == "on" else ())
    if manners.thinking == "budget":
        return _with_budget(prompt, manners, limit)
    return _adaptive(asked, manners)


def level(effort: str, known: tuple[str, ...]) -> str:
    """The strongest of `known` that is not above `effort`, else the weakest."""
    reach = EFFORTS[: EFFORTS.index(effort) + 1]
    return next((each for each in reversed(known) if each in reach), known[0])


def _off(manners: Manners) -> Thinking:
    if manners.off:
        return Thinking({"thinking": {"type": manners.off}}, free_choice=not manners.forced_tools)
    least = _adaptive(Reasoning(mode="on", effort="low"), manners)  # as near to off as this model gets
    return Thinking(least.fields, on=True, free_choice=True, dropped=("reasoning",))


def _with_budget(prompt: Prompt, manners: Manners, limit: int) -> Thinking:
    asked = prompt.reasoning
    wanted = BUDGETS[asked.effort or "medium"] if asked.budget is None else asked.budget
    budget = min(max(wanted, LEAST_BUDGET), limit - min(ANSWER, limit // 2))
    if budget < LEAST_BUDGET or _has_lost_thoughts(prompt):
        return Thinking(dropped=("reasoning",))
    fields: dict[str, Any] = {"thinking": {"type": "enabled", "budget_tokens": budget}}
    if asked.effort and manners.efforts:
        fields["output_config"] = {"effort": level(asked.effort, manners.efforts)}
    return Thinking(fields, on=True)


def _adaptive(asked: Reasoning, manners: Manners) -> Thinking:
    thinking = {"type": "adaptive"}
    if manners.display:
        thinking["display"] = "summarized"
    fields: dict[str, Any] = {"thinking": thinking}
    if asked.effort:
        fields["output_config"] = {"effort": level(asked.effort, manners.efforts)}
    dropped = ("reasoning_budget",) if asked.budget is not None else ()
    return Thinking(fields, on=True, free_choice=not manners.forced_tools, dropped=dropped)


def _forces_a_tool(prompt: Prompt) -> bool:
    return bool(prompt.tools) and prompt.tool_choice not in ("", "auto", "none")


def _has_lost_thoughts(prompt: Prompt) -> bool:
    """Whether the tool loop at the end began without thoughts we can return: then it must go on without."""
    first = None
    for turn in reversed(prompt.turns):
        if turn.role == "user":
            break
        if turn.calls:
            first = turn
    return first is not None and not signed_blocks(first, prompt.model)
