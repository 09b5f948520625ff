"""CPU that reading an answer costs in a worker, provider by provider, beside the same bytes read raw."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
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
SDK = "anthropic"  # its vendor's SDK decides what it costs

Read = Callable[[HttpClient, str, str], Awaitable[int]]  # (client, kind, base address) -> tokens


async def provider_cpu(port: int, tokens: int) -> AsyncIterator[Row]:
    """A row for each kind that has an upstream to speak with; `port` is the fake upstream's."""
    addresses = Upstream(port=port)
    kinds = [kind.name for kind in REGISTRY if kind.name in DIALECTS]
    bare = await _cost(_raw, "openai", addresses, tokens)
    base = await _cost(_facts, "openai", addresses, tokens)
    for kind in sorted(kinds, key=lambda kind: kind != "openai"):
        cost = base if kind == "openai" else await _cost(_facts, kind, addresses, tokens)
        note = f"x{cost / base:.2f} of openai" + (", its SDK's price" if kind == SDK else "")
        budget = None if kind in ("openai", SDK) else MOST * base
        yield Row(f"CPU per 1,000 tokens read, {kind}", "ms", cost, budget, bare, note)


async def _cost(read: Read, kind: str, addresses: Upstream, tokens: int) -> float:
    """Milliseconds of this process's CPU for 1,000 tokens, the better of two rounds."""
    http = HttpClient()
    url = addresses.url_of(kind, f"tokens={tokens},speed={SPEED}")
    await read(http, kind, addresses.url_of(kind, "tokens=5,speed=0"))  # imports, connections
    costs = []
    for _ in range(2):
        before = time.process_time()
        counts = await asyncio.gather(*(read(http, kind, url) for _ in range(STREAMS)))
        costs.append((time.process_time() - before) * 1e6 / sum(counts))
    await http.aclose()
    return min(costs)


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
