"""How much a Gemini model thinks, and which of its generations it is. Pure.

Sources: ai.google.dev/gemini-api/docs/thinking (budgets of 2.5, levels since 3),
docs.cloud.google.com/gemini-enterprise-agent-platform/models/thinking (which model has which level),
ai.google.dev/gemini-api/docs/whats-new-gemini-3.5 (sampling is left to the model).
"""

from __future__ import annotations

import re
from typing import Any

from parley.providers.sampling import Reasoning

NEWEST = (3, 8)  # what an alias such as gemini-flash-latest stands for
BUDGETS = {"minimal": 512, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 32768, "max": 32768}
LEVELS = {"minimal": "minimal", "low": "low", "medium": "medium"}  # everything above is high
_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?")
_SPEAKING = ("tts", "audio", "live", "embedding")

Config = dict[str, Any]
Dropped = tuple[str, ...]


def generation(model: str) -> tuple[int, int]:
    """The version in a model's name, (0, 0) for what is no Gemini or does not say."""
    found = _VERSION.search(model)
    if found:
        return int(found[1]), int(found[2] or 0)
    return NEWEST if "gemini-" in model and model.endswith("-latest") else (0, 0)


def thinking_config(model: str, wanted: Reasoning) -> tuple[Config, Dropped]:
    """The `thinkingConfig` of a request, {} to send none; and what cannot be had from this model."""
    version = generation(model)
    if version < (2, 5) or any(word in model for word in _SPEAKING) or _draws(model, version):
        return {}, _asked(wanted)
    if "image" in model:  # thinks as much as it likes, since 3
        shown = wanted.mode != "off"
        return {"includeThoughts": shown}, _asked(wanted) if shown else ("reasoning",)
    return _levels(model, version, wanted) if version >= (3, 0) else _budget(model, wanted)


def _draws(model: str, version: tuple[int, int]) -> bool:
    return "image" in model and version < (3, 0)


def _asked(wanted: Reasoning) -> Dropped:
    """What is missed by somebody who wanted this of a model that cannot be told."""
    if wanted.mode == "off":
        return ()
    return ("reasoning",) if wanted != Reasoning() else ()


def _budget(model: str, wanted: Reasoning) -> tuple[Config, Dropped]:
    """Tokens, as 2.5 has them; -1 lets the model decide, 0 turns thinking off except in Pro."""
    always = "pro" in model
    least, most = (128, 32768) if always else (512 if "lite" in model else 1, 24576)
    if wanted.mode == "off":
        config = {"thinkingBudget": least if always else 0, "includeThoughts": False}
        return config, ("reasoning",) if always else ()
    config = {"includeThoughts": True}
    tokens = wanted.budget or BUDGETS.get(wanted.effort, 0)
    if tokens:
        config["thinkingBudget"] = min(max(tokens, least), most)
    elif wanted.mode == "on":
        config["thinkingBudget"] = -1
    return config, ()


def _levels(model: str, version: tuple[int, int], wanted: Reasoning) -> tuple[Config, Dropped]:
    """Words, since 3. Nothing turns thinking off; the weakest level comes near."""
    weakest = "minimal" if "flash" in model and version <= (3, 5) else "low"
    if wanted.mode == "off":
        return {"thinkingLevel": weakest, "includeThoughts": False}, ("reasoning",)
    config: Config = {"includeThoughts": True}
    effort = wanted.effort
    if not effort and wanted.budget is not None:
        effort = next((word for word, tokens in BUDGETS.items() if wanted.budget <= tokens), "max")
    if effort:
        level = LEVELS.get(effort, "high")
        if level == "minimal":
            level = weakest
        if level == "medium" and version == (3, 0) and "pro" in model:  # has only low and high
            level = "high"
        config["thinkingLevel"] = level
    return config, ("reasoning",) if wanted.budget is not None else ()
