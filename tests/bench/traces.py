"""What traces cost the worker: the same load without and with, in turns: `python -m tests.bench --traces`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from tests.bench.figures import Row
from tests.bench.runs import Load, through_page
from tests.bench.site import Site
from tests.client import call

ROUNDS = 4
BUDGET = 10.0  # per cent


async def trace_rows(site: Site, tokens: int) -> AsyncIterator[Row]:
    """Fifty at 50 tokens a second, none of them traced, all of them, all, none, and so on."""
    load = Load(50, tokens, 50, over=1.0)
    spent: dict[str, list[float]] = {"off": [], "always": []}
    await _captured(site, "always", Load(50, 20, 50))  # warm
    for number in range(ROUNDS):
        for capture in ("off", "always") if number % 2 == 0 else ("always", "off"):
            spent[capture].append(await _captured(site, capture, load))
    # The least disturbed of each: what else the machine does only ever adds.
    without, traced = min(spent["off"]), min(spent["always"])
    for name, found in spent.items():
        note = ", ".join(f"{each:.3f}" for each in found)
        yield Row(f"CPU of the worker per 1,000 tokens, traces {name}", "s", min(found), note=note)
    yield Row("what traces add to the worker", "%", (traced / without - 1) * 100, BUDGET)


async def _captured(site: Site, capture: str, load: Load) -> float:
    """CPU seconds of the worker per 1,000 tokens."""
    body = {"traces.capture": capture}
    status, said = await call(site.url, "PUT", "/api/settings/system", site.token, body)
    assert status == 200, said
    return (await through_page(site, load)).cpu_per_1000["worker"]
