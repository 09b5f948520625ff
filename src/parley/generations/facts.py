"""What happens during a generation, as committed and as told to readers. Pure.

A fact is (seq, kind, data): `text` and `reasoning` carry raw text, `usage`, `notice` and `end` carry
JSON. There is exactly one `end`, and it is the last.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from parley.lib.db import Row
from parley.providers.base import UsageReport
from parley.web.i18n import N_

Fact = tuple[int, str, str]

TEXT, REASONING, USAGE, NOTICE, END = "text", "reasoning", "usage", "notice", "end"
# Said to a person when no provider is to blame; stored in English, translated where they are shown.
WORKER_LOST = N_("The program that was writing this answer stopped. What was shown is kept.")
NEVER_STARTED = N_("The answer could not be started after several tries. Try again.")

_encode = msgspec.json.Encoder().encode
encode_facts = _encode  # the payload of a "gen:{id}" channel
decode_facts = msgspec.json.Decoder(list[Fact]).decode


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended; `error` is a sentence, `code` a stable word for programs."""

    status: str  # done, error, cancelled, interrupted
    error: str = ""
    code: str = ""
    finish_reason: str = ""
    usage: UsageReport | None = None


INTERRUPTED = Ending("interrupted", WORKER_LOST, "interrupted")
CANCELLED = Ending("cancelled")
EXHAUSTED = Ending("error", NEVER_STARTED, "worker_lost")


def usage_data(usage: UsageReport | None) -> dict[str, int] | None:
    """Token counts under the names of the OpenAI API."""
    if usage is None:
        return None
    return {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens}


def as_json(data: object) -> str:
    """Compact JSON for a fact's data."""
    return _encode(data).decode()


def end_data(ending: Ending, row: Row, finished_at: int) -> str:
    """The data of the `end` fact; `row` has created_at and first_fact_at of the generation."""
    return as_json(
        {
            "status": ending.status,
            "error": ending.error,
            "code": ending.code,
            "finish_reason": ending.finish_reason,
            "usage": usage_data(ending.usage),
            "metrics": metrics(row["created_at"], row["first_fact_at"], finished_at, ending.usage),
        }
    )


def metrics(
    created_at: int, first_fact_at: int | None, finished_at: int, usage: UsageReport | None
) -> dict[str, float | None]:
    """What a person waited, in ms since the question was stored, and how fast text came after the first."""
    speed = None
    if usage is not None and first_fact_at is not None and finished_at > first_fact_at:
        speed = round(usage.completion_tokens * 1000 / (finished_at - first_fact_at), 1)
    return {
        "firstTokenMs": None if first_fact_at is None else max(0, first_fact_at - created_at),
        "durationMs": max(0, finished_at - created_at),
        "tokensPerSecond": speed,
    }


def texts(facts: Iterable[Fact]) -> tuple[str, str]:
    """The answer and the reasoning that the facts spell."""
    spelled = {TEXT: [""], REASONING: [""]}
    for _, kind, data in facts:
        if kind in spelled:
            spelled[kind].append(data)
    return "".join(spelled[TEXT]), "".join(spelled[REASONING])
