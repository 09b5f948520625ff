"""CPU that reading an answer costs in a worker, provider by provider, beside the same bytes read raw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import parley.providers  # noqa: F401  fills the registry
from parley.lib.http import CONNECTION_ADMIN, HttpClient
from parley.providers.base import REGISTRY, Prompt, Target, TextDelta, Turn
from tests.bench.figures import Row
from tests.upstream.dialects import DIALECTS
from tests.upstream.server import Upstream

STREAMS = 25
SPEED = 50  # tokens a second
MOST = 1.3  # times what the OpenAI-compatible provider costs
BASE, BARE = "openai", "bare"
SDK = "anthropic"  # its vendor's SDK decides what it costs
ROUNDS = 3


async def provider_cpu(port: int, tokens: int) -> AsyncIterator[Row]:
    """A row for each kind that has an upstream to speak with; `port` is the fake upstream's.

    All are measured in turn, several times, and the best round of each counts: how reads fall together
    changes from second to second, and with it what each costs.
    """
    addresses = Upstream(port=port)
    kinds = [BARE, *sorted((each.name for each in REGISTRY if each.name in DIALECTS), key=_base_first)]
    costs: dict[str, float] = {}
    for _ in range(ROUNDS):
        for kind in kinds:
            cost = await _cost(kind, addresses, tokens)
            costs[kind] = min(cost, costs.get(kind, cost))
    base = costs[BASE]
    for kind in kinds[1:]:
        note = f"x{costs[kind] / base:.2f} of {BASE}" + (", through its SDK" if kind == SDK else "")
        budget = None if kind in (BASE, SDK) else MOST * base
        yield Row(f"CPU per 1,000 tokens read, {kind}", "ms", costs[kind], budget, costs[BARE], note)


def _base_first(kind: str) -> bool:
    return kind != BASE


async def _cost(kind: str, addresses: Upstream, tokens: int) -> float:
    """Milliseconds of this process's CPU for 1,000 tokens."""
    http = HttpClient()
    read, dialect = (_raw, BASE) if kind == BARE else (_facts, kind)
    await read(http, dialect, addresses.url_of(dialect, "tokens=5,speed=0"))  # imports, connections
    url = addresses.url_of(dialect, f"tokens={tokens},speed={SPEED}")
    before = time.process_time()
    counts = await asyncio.gather(*(read(http, dialect, url) for _ in range(STREAMS)))
    spent = time.process_time() - before
    await http.aclose()
    return spent * 1e6 / sum(counts)


async def _facts(http: HttpClient, kind: str, url: str) -> int:
    provider = REGISTRY.get(kind).make(Target(url, "sk-bench"), http)
    stream = provider.stream(Prompt("fake", (Turn("user", "Say much."),)))
    count = 0
    async with aclosing(stream) as facts:  # type: ignore[type-var]
        async for fact in facts:
            count += isinstance(fact, TextDelta)
    return count


async def _raw(http: HttpClient, kind: str, url: str) -> int:
    """The bytes of the OpenAI stream, counted only."""
    body = {"model": "fake", "stream": True, "messages": [{"role": "user", "content": "Say much."}]}
    count = 0
    async with http.stream(
        "POST", f"{url}/chat/completions", json=body, profile=CONNECTION_ADMIN
    ) as response:
        async for chunk in response.aiter_raw():
            count += chunk.count(b'"content"')
    return count
