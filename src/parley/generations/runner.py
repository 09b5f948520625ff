"""The only place that talks to a provider: its facts, made fit to store, go to `put`.

It knows no database, no Redis and no HTML. Cancelling it closes the upstream request.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from parley.generations.facts import NOTICE, REASONING, TEXT, USAGE, Ending, as_json, usage_data
from parley.providers.base import (
    Fact,
    Finished,
    Prompt,
    Provider,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    UsageReport,
)
from parley.web.i18n import N_

FIRST_FACT_WITHIN = 120.0  # seconds; reasoning models that hide their reasoning are silent for long
NEXT_FACT_WITHIN = 60.0  # seconds
LONGEST = 1_000_000  # characters of text, and as many of reasoning
RETRY_AFTER = 1.0  # seconds before the one retry, when the provider does not say
RETRY_SHORTEST, RETRY_LONGEST = 0.5, 30.0  # seconds; a longer wait is the person's decision
MOST_TOKENS = 2**31 - 1  # what an INTEGER column holds

TOO_LONG = N_("The answer was cut because it became too long.")


class Sink(Protocol):
    """Takes facts; `room` waits while too many are unwritten."""

    def put(self, kind: str, data: str) -> None: ...
    @property
    def full(self) -> bool: ...
    async def room(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """Whom to ask, and what."""

    provider: Provider
    prompt: Prompt


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait and how much to take; other values only in tests."""

    first_fact: float = FIRST_FACT_WITHIN
    next_fact: float = NEXT_FACT_WITHIN
    longest: int = LONGEST
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep


@dataclass(slots=True)
class _Answer:
    """What has come so far."""

    sizes: dict[str, int] = field(default_factory=lambda: {TEXT: 0, REASONING: 0})
    usage: UsageReport | None = None
    finish_reason: str | None = None
    began: bool = False

    @property
    def longest(self) -> int:
        return max(self.sizes.values())


async def run(provider: Provider, prompt: Prompt, sink: Sink, limits: Limits | None = None) -> Ending:
    """Ask the provider, hand over its facts and say how it ended: `done` or `error`.

    One retry when the provider says that it may help, and only before the first fact.
    """
    limits = limits or Limits()
    answer = _Answer()
    try:
        try:
            await _take(provider.stream(prompt), answer, sink, limits)
        except ProviderError as error:
            pause = _pause_before_retry(error, answer)
            if pause is None:
                raise
            await limits.pause(pause)
            await _take(provider.stream(prompt), answer, sink, limits)
    except ProviderError as error:
        return Ending("error", clean(error.message), error.code, usage=answer.usage)
    return Ending("done", finish_reason=answer.finish_reason or "", usage=answer.usage)


def _pause_before_retry(error: ProviderError, answer: _Answer) -> float | None:
    wait = RETRY_AFTER if error.retry_after is None else error.retry_after
    if not error.retryable or answer.began or wait > RETRY_LONGEST:
        return None
    return max(wait, RETRY_SHORTEST)


async def _take(stream: AsyncIterator[Fact], answer: _Answer, sink: Sink, limits: Limits) -> None:
    loop = asyncio.get_running_loop()
    try:
        async with _closing(stream), asyncio.timeout(limits.first_fact) as limit:
            async for fact in stream:
                _keep(fact, answer, sink)
                if answer.longest > limits.longest:
                    sink.put(NOTICE, as_json({"code": "too_long", "text": TOO_LONG}))
                    answer.finish_reason = "length"
                if answer.finish_reason is not None:
                    return
                if sink.full:
                    limit.reschedule(None)  # our disk is slow, not the provider
                    await sink.room()
                limit.reschedule(loop.time() + limits.next_fact)
    except TimeoutError as error:
        raise ProviderError.of("timeout") from error
    raise ProviderError.of("incomplete")


def _keep(fact: Fact, answer: _Answer, sink: Sink) -> None:
    match fact:
        case TextDelta(text):
            _keep_text(TEXT, clean(text), answer, sink)
        case ReasoningDelta(text):
            _keep_text(REASONING, clean(text), answer, sink)
        case UsageReport(prompt_tokens, completion_tokens):
            answer.began = True
            answer.usage = UsageReport(_sane(prompt_tokens), _sane(completion_tokens))
            sink.put(USAGE, as_json(usage_data(answer.usage)))
        case Finished(reason):
            answer.finish_reason = clean(reason)[:32]


def _keep_text(kind: str, text: str, answer: _Answer, sink: Sink) -> None:
    if text:
        answer.began = True
        answer.sizes[kind] += len(text)
        sink.put(kind, text)


def clean(text: str) -> str:
    """Text that both databases store: no NUL, no half of a surrogate pair.

    PostgreSQL refuses U+0000 and SQLite's functions cut at it; a lone surrogate has no UTF-8 form.
    """
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _sane(tokens: int) -> int:
    return min(max(tokens, 0), MOST_TOKENS)


@contextlib.asynccontextmanager
async def _closing(stream: AsyncIterator[Fact]) -> AsyncIterator[None]:
    """Close a generator, and with it the upstream request, however it is left."""
    try:
        yield
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
