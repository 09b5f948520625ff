"""How much a model should think, in the words of each service that imitates Chat Completions. Pure.

Sources: developers.openai.com/api/docs/guides/reasoning and .../latest-model; api-docs.deepseek.com
guides/thinking_mode; docs.z.ai guides/capabilities/thinking-mode; platform.kimi.ai docs (thinking models);
help.aliyun.com/zh/model-studio deep-thinking; docs.siliconflow.cn docs/api/chat-completions-post;
openrouter.ai/docs/use-cases/reasoning-tokens; docs.vllm.ai features/reasoning_outputs.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from parley.providers.presets import (
    ENABLE_THINKING,
    REASONING_OBJECT,
    TEMPLATE_THINKING,
    THINKING_TYPE,
    THINKS_ONLY_IN_STREAMS,
)
from parley.providers.sampling import EFFORTS, Reasoning

Said = tuple[dict[str, Any], bool]  # fields of the request, and whether something asked for is not in them

_PLAIN = re.compile(r"(gpt-3|gpt-4|chatgpt|gpt-5(\.\d+)?-chat)")
_THINKING = re.compile(r"(o[1-9](-|$)|gpt-[5-9]|codex)")
_SCALES = (  # the first pattern that matches a model's id says which efforts it has
    (re.compile(r"gpt-5-pro"), ("high",)),
    (re.compile(r"gpt-5\.\d+-pro"), ("medium", "high", "xhigh")),
    (re.compile(r"gpt-5(\.1)?-codex(?!-max)"), ("low", "medium", "high")),
    (re.compile(r"gpt-5(-|$)"), ("minimal", "low", "medium", "high")),
    (re.compile(r"gpt-5\.1(?!-codex)"), ("none", "low", "medium", "high")),
    (re.compile(r"gpt-5\.\d+-codex|codex"), ("low", "medium", "high", "xhigh")),
    (re.compile(r"gpt-[5-9]"), ("none", "low", "medium", "high", "xhigh")),
    (re.compile(r"o[1-9]"), ("low", "medium", "high")),
)
# In Chat Completions these think or use tools; both at once only in Responses. They refuse silence about it.
_EITHER_OR = re.compile(r"gpt-5\.([4-9]|\d\d)(?!.*-chat)|gpt-[6-9]")
_ALWAYS_THINKS = re.compile(r"(glm-5\.[3-9]|glm-[6-9]|kimi-k([3-9]|2\.[7-9]|2-thinking)|deepseek-reasoner)")
_NEVER_THINKS = re.compile(r"(moonshot-v1|glm-4-|glm-4v|glm-3|kimi-k2-\d)")
_HAS_EFFORT = re.compile(r"(deepseek|glm-5\.[2-9]|glm-[6-9]|kimi-k[3-9])")
_QWEN_ALWAYS = re.compile(r"(qwq|qvq|thinking|-r1\b|reasoner)")
_THREE = ("low", "high", "max")
_OPEN = ("low", "medium", "high")
# Tokens that stand for an effort where a vendor only knows a budget; more is left to the model.
_BUDGETS = {"minimal": 1024, "low": 4096, "medium": 8192, "high": 16384}
_SMALLEST_BUDGET, _LARGEST_BUDGET = 128, 32_768


def short_id(model: str) -> str:
    """The id without the names gateways put before it: `openai/gpt-5:free` is gpt-5."""
    return model.lower().rpartition("/")[2].removeprefix("ft:").partition(":")[0]


def is_openai_thinker(model: str) -> bool:
    """Whether it is one of OpenAI's reasoning models, which refuse most settings of the others."""
    name = short_id(model)
    return bool(_THINKING.match(name)) and not _PLAIN.match(name)


def has_new_limit(model: str) -> bool:
    """Whether it is of OpenAI's families that refuse `max_tokens` and want `max_completion_tokens`."""
    return bool(_THINKING.match(short_id(model)))


def is_openai_plain(model: str) -> bool:
    """Whether it is one of OpenAI's models that do not reason and refuse to be asked about it."""
    return bool(_PLAIN.match(short_id(model)))


def nearest(effort: str, scale: Collection[str]) -> str:
    """The effort of `scale` that is closest to `effort`; the stronger of two."""
    place = EFFORTS.index(effort)
    known = [each for each in scale if each in EFFORTS]
    return min(known, key=lambda each: (abs(EFFORTS.index(each) - place), -EFFORTS.index(each)))


def effort_of(wish: Reasoning) -> str:
    """The effort asked for, or the one that a budget amounts to; "" when neither is."""
    if wish.effort or wish.budget is None:
        return wish.effort
    return next((name for name, tokens in _BUDGETS.items() if wish.budget <= tokens), "high")


def thinking_fields(
    model: str, wish: Reasoning, quirks: Collection[str], *, stream: bool = True, tools: bool = False
) -> Said:
    """The fields of the request for this wish; empty when it is the model's own business."""
    if tools and _EITHER_OR.match(short_id(model)) and REASONING_OBJECT not in quirks:
        return {"reasoning_effort": "none"}, wish.mode == "on" or bool(effort_of(wish))
    if THINKS_ONLY_IN_STREAMS in quirks and not stream:
        asked = wish.mode == "on" or bool(effort_of(wish))
        return ({} if _QWEN_ALWAYS.search(short_id(model)) else {"enable_thinking": False}), asked
    if wish == Reasoning():
        return {}, False
    if REASONING_OBJECT in quirks:
        return _object(wish)
    if THINKING_TYPE in quirks:
        return _typed(short_id(model), wish)
    if ENABLE_THINKING in quirks:
        return _enabled(short_id(model), wish)
    if TEMPLATE_THINKING in quirks:
        return _template(wish)
    return _effort(short_id(model), wish)


def effort_words(model: str, wish: Reasoning) -> tuple[str, bool]:
    """The word for OpenAI's `reasoning_effort` ("" for none of it), and whether that misses the wish."""
    name = short_id(model)
    effort = effort_of(wish)
    if _PLAIN.match(name):
        return "", wish.mode != "off"
    if not _THINKING.match(name):
        return _foreign_effort(name, wish, effort)
    scale = next(scale for pattern, scale in (*_SCALES, (_THINKING, _OPEN)) if pattern.match(name))
    if wish.mode == "off":
        return ("none", False) if "none" in scale else (scale[0], True)
    if not effort:  # on: those that can be off are off by themselves
        return ("medium" if "none" in scale else ""), False
    return nearest(effort, scale), False


def _foreign_effort(name: str, wish: Reasoning, effort: str) -> tuple[str, bool]:
    if wish.mode == "off":
        return ("low" if "gpt-oss" in name else ""), True
    if not effort:
        return "", False
    return nearest(effort, _OPEN if "gpt-oss" in name else EFFORTS[:-1]), False


def _effort(name: str, wish: Reasoning) -> Said:
    word, missed = effort_words(name, wish)
    return ({"reasoning_effort": word} if word else {}), missed


def _object(wish: Reasoning) -> Said:
    if wish.mode == "off":
        return {"reasoning": {"enabled": False}}, False
    if wish.budget is not None:
        return {"reasoning": {"max_tokens": wish.budget}}, False
    if wish.effort:
        return {"reasoning": {"effort": nearest(wish.effort, EFFORTS[:-1])}}, False
    return {"reasoning": {"enabled": True}}, False


def _typed(name: str, wish: Reasoning) -> Said:
    effort = effort_of(wish)
    if _NEVER_THINKS.match(name):
        return {}, wish.mode != "off"
    has_effort = bool(_HAS_EFFORT.match(name))
    if _ALWAYS_THINKS.match(name):
        if wish.mode == "off":
            effort = "minimal"
        fields = {"reasoning_effort": nearest(effort, _THREE)} if effort and has_effort else {}
        return fields, wish.mode == "off" or bool(effort and not has_effort)
    if wish.mode == "off":
        return {"thinking": {"type": "disabled"}}, False
    on: dict[str, Any] = {"thinking": {"type": "enabled"}}
    if effort and has_effort:
        on["reasoning_effort"] = nearest(effort, _THREE)
    return on, bool(effort and not has_effort)


def _enabled(name: str, wish: Reasoning) -> Said:
    always = bool(_QWEN_ALWAYS.search(name))
    if wish.mode == "off":
        return ({} if always else {"enable_thinking": False}), always
    fields: dict[str, Any] = {} if always else {"enable_thinking": True}
    budget = wish.budget if wish.budget is not None else _BUDGETS.get(wish.effort)
    if budget is not None:
        fields["thinking_budget"] = min(max(budget, _SMALLEST_BUDGET), _LARGEST_BUDGET)
    return fields, False


def _template(wish: Reasoning) -> Said:
    """Qwen, GLM and others call the switch `enable_thinking`, DeepSeek and Granite `thinking`."""
    on = wish.mode != "off"
    fields: dict[str, Any] = {"chat_template_kwargs": {"enable_thinking": on, "thinking": on}}
    effort = effort_of(wish)
    if on and effort:
        fields["reasoning_effort"] = nearest(effort, _OPEN)
    return fields, False
