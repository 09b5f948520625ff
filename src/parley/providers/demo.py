"""Answers from a script, without a network: for trying out and for tests of the whole way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable

from parley.lib.http import HttpClient
from parley.providers.base import (
    N_,
    REGISTRY,
    Fact,
    Finished,
    Kind,
    ModelInfo,
    Prompt,
    ProviderError,
    ReasoningDelta,
    Target,
    TextDelta,
    UsageReport,
)
from parley.providers.demo_script import Script, script_for

TOKENS_PER_SECOND = 40.0
TOKENS_BEFORE_FAILING = 24
# Words with the space before them; Chinese in pairs of characters, about what real tokens carry.
_HAN = r"\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_TOKEN = re.compile(rf"[{_HAN}]{{1,2}}|\s*[^\s{_HAN}]+|\s+")


class DemoProvider:
    """Streams the script at about 40 tokens a second.

    The question "fail" breaks off with an error; a question that begins with "long" gets a long
    answer, with "fast" one without pauses.
    """

    def __init__(
        self,
        target: Target | None = None,
        http: HttpClient | None = None,
        *,
        tokens_per_second: float = TOKENS_PER_SECOND,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._speed = tokens_per_second
        self._sleep = sleep

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts of the script, see `base.Provider`."""
        asked = [turn for turn in prompt.turns if turn.role == "user"]
        said = prompt.turns[-1].text if prompt.continues else ""
        said_last = asked[-1].text.rpartition("</file>\n\n")[2] if asked else ""  # what files say is no wish
        script = script_for(said_last, len(asked[-1].images)) if asked else script_for("")
        text = script.after(said)
        speed = 0.0 if script.mode == "fast" else self._speed
        count = 0
        async for fact in self._paced("" if said else script.reasoning, text, speed):
            yield fact
            count += 1
            if script.mode == "fail" and not said and count == TOKENS_BEFORE_FAILING:
                raise ProviderError.of("server", script.failure)
        yield UsageReport(sum(len(_TOKEN.findall(turn.text)) for turn in prompt.turns), count)
        yield Finished("stop")

    async def models(self) -> list[ModelInfo]:
        """The one model."""
        return [ModelInfo("demo", "Demo model")]

    async def _paced(self, reasoning: str, text: str, speed: float) -> AsyncIterator[Fact]:
        """Tokens at their scheduled times; a late one does not delay the next."""
        now = asyncio.get_running_loop().time
        due = now()
        facts: list[Fact] = [ReasoningDelta(token) for token in tokens(reasoning)]
        facts += [TextDelta(token) for token in tokens(text)]
        for fact in facts:
            if speed:
                due += 1 / speed
                await self._sleep(max(due - now(), 0))
            yield fact


def tokens(text: str) -> list[str]:
    """`text` in pieces; together they are `text` again."""
    return _TOKEN.findall(text)


REGISTRY.add("demo", Kind(name="demo", label=N_("Demo"), make=DemoProvider, needs_url=False, needs_key=False))

__all__ = ["DemoProvider", "Script", "tokens"]
