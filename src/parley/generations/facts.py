"""What happens during a generation, as committed and as told to readers. Pure.

A fact is (seq, kind, data): `text` and `reasoning` carry raw text; `tool`, `image`, `usage`, `notice` and
`end` carry JSON. There is exactly one `end`, and it is the last. OUTPUT is what a provider was paid for:
once one of these is stored, no provider is called again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from parley.providers.base import UsageReport
from parley.web.i18n import N_

Fact = tuple[int, str, str]

TEXT, REASONING, TOOL, IMAGE = "text", "reasoning", "tool", "image"
USAGE, NOTICE, END = "usage", "notice", "end"
OUTPUT = frozenset({TEXT, REASONING, TOOL, IMAGE})
PASSING = frozenset({"waiting"})  # codes of notices that mean nothing once the answer is there
SHORTEST_SPAN = 250  # ms of writing from which tokens per second mean something
# Said to a person when no provider is to blame; stored in English, translated where they are shown.
WORKER_LOST = N_("The program that was writing this answer stopped. What was shown is kept.")
NOT_STORED = N_("A part of this answer could not be stored. What was shown is kept. Try again.")
NEVER_STARTED = N_("The answer could not be started after several tries. Try again.")
# Why an answer was stopped when not by whoever asked. The code is written when it is asked to stop.
STOPPED_BY = {
    "account_off": N_("The answer was stopped because the account was turned off."),
    "account_gone": N_("The answer was stopped because the account was deleted."),
}

_encode = msgspec.json.Encoder().encode
encode_facts = _encode  # the payload of a "gen:{id}" channel
decode_facts = msgspec.json.Decoder(list[Fact]).decode


@dataclass(frozen=True, slots=True)
class Used:
    """Which model answered and what that took. `estimated`: the counts are ours, not the vendor's."""

    model: str = ""  # public id
    name: str = ""
    usage: UsageReport | None = None
    estimated: bool = False
    cost_nano: int | None = None  # billionths of the currency
    window: int | None = None  # tokens the model can read


NOTHING_USED = Used()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended; `error` is a sentence, `code` a stable word for programs."""

    status: str  # done, error, cancelled, interrupted
    error: str = ""
    code: str = ""
    finish_reason: str = ""
    used: Used = NOTHING_USED


INTERRUPTED = Ending("interrupted", WORKER_LOST, "interrupted")
CANCELLED = Ending("cancelled")  # why, if not by the person: see `STOPPED_BY`
UNSTORABLE = Ending("error", NOT_STORED, "internal")
EXHAUSTED = Ending("error", NEVER_STARTED, "worker_lost")


def usage_data(used: Used) -> dict[str, Any] | None:
    """Token counts under the names of the OpenAI API."""
    usage = used.usage
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "cached_tokens": usage.cached_tokens,
        "estimated": used.estimated,
    }


def as_json(data: object) -> str:
    """Compact JSON for a fact's data."""
    return _encode(data).decode()


def end_data(ending: Ending, timing: Timing) -> str:
    """The data of the `end` fact."""
    used = ending.used
    return as_json(
        {
            "status": ending.status,
            "error": ending.error,
            "code": ending.code,
            "finish_reason": ending.finish_reason,
            "usage": usage_data(used),
            "cost": None if used.cost_nano is None else {"nano": used.cost_nano},
            "answered_by": used.model,
            "answered_name": used.name,
            "window": used.window,
            "metrics": timing.metrics(used.usage),
        }
    )


def end_summary(ending: Ending) -> dict[str, Any]:
    """How it ended, for its trace; only what there is to say."""
    used = ending.used
    said = {
        "error": ending.error,
        "code": ending.code,
        "finish_reason": ending.finish_reason,
        "answered_by": used.name or used.model,
        "usage": usage_data(used),
        "cost_nano": used.cost_nano,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


@dataclass(frozen=True, slots=True)
class Timing:
    """When things happened, in ms since the epoch; None is never."""

    created_at: int
    finished_at: int
    first_fact_at: int | None = None
    first_text_at: int | None = None
    reasoned: bool = False  # there is reasoning among the facts

    @property
    def reasoning_ms(self) -> int | None:
        """From the first thought to the first word of the answer, or to the end without one."""
        if not self.reasoned or self.first_fact_at is None:
            return None
        return max(0, (self.first_text_at or self.finished_at) - self.first_fact_at)

    def metrics(self, usage: UsageReport | None) -> dict[str, float | None]:
        """What a person waited since the question was stored, and how fast words came once they came.

        The speed leaves out the time and the tokens of reasoning.
        """
        speed = None
        writing = 0 if self.first_text_at is None else self.finished_at - self.first_text_at
        if usage is not None and writing >= SHORTEST_SPAN:
            words = max(0, usage.completion_tokens - usage.reasoning_tokens)
            speed = round(words * 1000 / writing, 1)
        first = self.first_fact_at
        return {
            "firstTokenMs": None if first is None else max(0, first - self.created_at),
            "durationMs": max(0, self.finished_at - self.created_at),
            "tokensPerSecond": speed,
            "reasoningMs": self.reasoning_ms,
        }


def lasting_notices(facts: Iterable[Fact]) -> str:
    """JSON list of the notices that stay with the answer."""
    notices = [msgspec.json.decode(data) for _, kind, data in facts if kind == NOTICE]
    return as_json([notice for notice in notices if notice.get("code") not in PASSING])


def files_of(facts: Iterable[Fact]) -> list[int]:
    """Ids of the pictures the model made, in their order."""
    return [int(msgspec.json.decode(data)["file"]) for _, kind, data in facts if kind == IMAGE]


def texts(facts: Iterable[Fact]) -> tuple[str, str]:
    """The answer and the reasoning that the facts spell."""
    spelled = {TEXT: [""], REASONING: [""]}
    for _, kind, data in facts:
        if kind in spelled:
            spelled[kind].append(data)
    return "".join(spelled[TEXT]), "".join(spelled[REASONING])
