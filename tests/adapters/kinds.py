"""Every provider kind at the local server that speaks its format."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from parley.lib.http import HttpClient, Patience
from parley.providers.base import (
    REGISTRY,
    Fact,
    Finished,
    Prompt,
    Provider,
    ProviderError,
    ReasoningDelta,
    Target,
    TextDelta,
    ToolCall,
    ToolCallDelta,
    Turn,
    UsageReport,
)
from tests.upstream import Upstream
from tests.upstream.dialects import DIALECTS, Dialect

KEY = "sk-canary-0123456789abcdef"
IMPATIENT = Patience(connect=5.0, headers=1.0, idle=1.0, total=20.0)
OPTIONS = {"azure": {"apiVersion": "2024-10-21"}}  # its default is v1, which is OpenAI's own protocol
SERVED = [name for name in REGISTRY.names() if name in DIALECTS]


@dataclass
class Bench:
    """One kind, and the server it speaks with."""

    name: str
    server: Upstream
    http: HttpClient

    @property
    def dialect(self) -> Dialect:
        """What the server speaks with this kind."""
        return DIALECTS[self.name]

    def at(self, how: str = "", **target: Any) -> Provider:
        """The provider, at a base address that behaves as `how` says."""
        kind = REGISTRY.get(self.name)
        given = {each.name: each.default for each in kind.options} | OPTIONS.get(self.name, {})
        target = {"base_url": self.server.url_of(self.name, how), "key": KEY, "options": given, **target}
        return kind.make(Target(**target), self.http)

    async def facts(self, options: str, question: str = "hello", *turns: Turn, **prompt: Any) -> list[Fact]:
        """Everything it says under these options."""
        return await said(self.at().stream(asking(options, question, *turns, **prompt)))

    def sent(self) -> dict[str, Any]:
        """The JSON of the last request."""
        body = self.server.requests[-1].json()
        assert isinstance(body, dict)
        return body

    def complaints(self) -> list[str]:
        """What the vendor would have refused so far."""
        return [each for calls in self.server.calls.values() for call in calls for each in call.complaints]


def asking(options: str, question: str = "hello", *turns: Turn, **prompt: Any) -> Prompt:
    """A prompt to the fake model."""
    return Prompt(f"fake,{options}" if options else "fake", (Turn("user", question), *turns), **prompt)


async def said(stream: AsyncIterator[Fact]) -> list[Fact]:
    """All facts; `Finished` is the last and only one."""
    facts = [fact async for fact in stream]
    assert [number for number, fact in enumerate(facts) if isinstance(fact, Finished)] == [len(facts) - 1]
    return facts


async def failure(stream: AsyncIterator[Fact]) -> tuple[str, ProviderError]:
    """What was said before it failed, and the failure."""
    facts: list[Fact] = []
    failed: ProviderError | None = None
    try:
        async with asyncio.timeout(10):
            async for fact in stream:
                facts.append(fact)
    except ProviderError as error:
        failed = error
    assert failed is not None, f"it did not fail: {facts[-1:]}"
    assert not any(isinstance(fact, Finished) for fact in facts), "finished and failed"
    assert KEY not in failed.message
    return text_in(facts), failed


def text_in(facts: Sequence[Fact]) -> str:
    """The answer."""
    return "".join(fact.text for fact in facts if isinstance(fact, TextDelta))


def reasoning_in(facts: Sequence[Fact]) -> str:
    """The reasoning."""
    return "".join(fact.text for fact in facts if isinstance(fact, ReasoningDelta))


def usage_in(facts: Sequence[Fact]) -> UsageReport | None:
    """The last count."""
    return next((fact for fact in reversed(facts) if isinstance(fact, UsageReport)), None)


def calls_in(facts: Sequence[Fact]) -> list[ToolCall]:
    """The tool calls, put together."""
    found: dict[int, ToolCall] = {}
    for fact in facts:
        if isinstance(fact, ToolCallDelta):
            so_far = found.get(fact.index, ToolCall("", "", ""))
            found[fact.index] = ToolCall(
                so_far.id or fact.id,
                so_far.name or fact.name,
                so_far.arguments + fact.arguments,
                fact.state or so_far.state,
            )
    return [found[index] for index in sorted(found)]
