"""How an answer is drawn: what may be set, and whose word counts. Pure.

The ranges are those of the OpenAI API reference (platform.openai.com/docs/api-reference/chat/create);
`top_k` and `seed` are Gemini's, Anthropic's and Ollama's.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.lib.nesting import is_too_deep

Stop = Annotated[str, Meta(min_length=1, max_length=200)]
LARGEST_FORMAT = 20_000  # bytes of JSON
EFFORTS = ("minimal", "low", "medium", "high", "xhigh", "max")  # weakest first; each vendor has some of them


class Sampling(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """None leaves the decision to whoever is asked next, at last to the vendor."""

    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=1, le=1000)] | None = None
    presence_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    frequency_penalty: Annotated[float, Meta(ge=-2, le=2)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    stop: Annotated[tuple[Stop, ...], Meta(max_length=4)] | None = None
    seed: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] | None = None
    response_format: dict[str, Any] | None = None  # as in OpenAI's Chat Completions

    def over(self, lower: Sampling) -> Sampling:
        """This, and from `lower` what this leaves open."""
        mine = msgspec.structs.asdict(self)
        theirs = msgspec.structs.asdict(lower)
        return Sampling(**{name: theirs[name] if mine[name] is None else mine[name] for name in mine})

    def given(self) -> dict[str, Any]:
        """What is set, by name."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}

    def split(self, supported: Collection[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
        """What is set and supported, by name; and the names of the rest."""
        given = self.given()
        kept = {name: value for name, value in given.items() if name in supported}
        return kept, tuple(name for name in given if name not in supported)


class Reasoning(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """How much a model should think. `mode` "" leaves it to the model; off means off."""

    mode: Annotated[str, Meta(pattern="^(|on|off)$")] = ""
    effort: Annotated[str, Meta(pattern="^(|minimal|low|medium|high|xhigh|max)$")] = ""
    budget: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None  # tokens

    def over(self, lower: Reasoning) -> Reasoning:
        """This, and from `lower` what this leaves open; "off" takes nothing of a lower effort."""
        if self.mode == "off":
            return self
        return Reasoning(
            mode=self.mode or lower.mode,
            effort=self.effort or lower.effort,
            budget=lower.budget if self.budget is None else self.budget,
        )


def is_format(wanted: dict[str, Any]) -> bool:
    """Whether a `response_format` is one that can be kept and sent: neither huge nor nested without end."""
    return not is_too_deep(wanted) and len(msgspec.json.encode(wanted)) <= LARGEST_FORMAT


NO_SAMPLING = Sampling()
AS_THE_MODEL_LIKES = Reasoning()
