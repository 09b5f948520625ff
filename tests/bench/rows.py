"""The rows of architecture section 9 that exist today, measured one after the other."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator

from tests.bench.figures import Row, p50, p99
from tests.bench.procfs import pss_mb
from tests.bench.runs import Load, Run, conversations, one_after_another, straight, through_page
from tests.bench.site import Site
from tests.bench.streams import Reader, Seen, ask_bare, prompt
from tests.client import connect
from tests.processes import Parley


def cold_start(parley: Parley, times: int) -> Row:
    """Start an installed copy again; leaves it running."""
    taken = []
    for _ in range(times):
        parley.stop()
        parley.start()
        taken.append(parley.started_in)
    note = f"of {times}, worst {max(taken):.2f} s"
    return Row("cold start of an installed copy", "s", statistics.median(taken), 3.0, note=note)


def memory(site: Site) -> dict[str, float]:
    """MB by process."""
    return {name: pss_mb(pid) for name, pid in site.pids.items()}


def idle_memory(found: dict[str, float]) -> Row:
    """All processes together."""
    return Row("idle memory (PSS)", "MB", sum(found.values()), 180, note=_parts(found, "{:.0f}"))


def _parts(found: dict[str, float], shape: str) -> str:
    return ", ".join(f"{name} {shape.format(value)}" for name, value in found.items())


async def first_token_alone(site: Site, times: int) -> AsyncIterator[Row]:
    """One answer at a time; and how long its POST took."""
    ids = await conversations(site, times)
    reader, bare = Reader(site), await connect(site.upstream)
    await reader.open()
    await one_after_another(lambda n: reader.ask(ids[0], 3, 50), 3)  # warm
    here = await one_after_another(lambda n: reader.ask(ids[n], 3, 50), times)
    there = await one_after_another(lambda n: ask_bare(3, 50, bare), times)
    reader.close()
    bare.close()
    for row in _added(here, there, "1 stream", 15, 60):
        yield row


def _added(
    here: list[Seen], there: list[Seen], what: str, half: float | None, worst: float | None
) -> list[Row]:
    base = p50([seen.first for seen in there])
    added = [seen.first - base for seen in here]
    note = f"of {len(added)}"
    return [
        Row(f"added time to first token, {what}, p50", "ms", p50(added), half, base, note),
        Row(f"added time to first token, {what}, p99", "ms", p99(added), worst, base, note),
    ]


async def posts(site: Site, times: int) -> AsyncIterator[Row]:
    """POST of a message to its answer fragment, nothing else going on."""
    ids = await conversations(site, times)
    reader, taken = Reader(site), []
    await reader.open()
    for id in ids:
        seen = Seen()
        await reader.post(id, prompt(1, 0, slow=500), seen)
        taken.append(seen.post)
        await asyncio.sleep(0.02)
    reader.close()
    yield Row("POST of a message, p50", "ms", p50(taken), 12, note=f"of {times}")
    yield Row("POST of a message, p99", "ms", p99(taken), 60)


async def one_stream(site: Site, tokens: int) -> AsyncIterator[Row]:
    """CPU of a lonely answer."""
    load = Load(1, tokens, 50)
    run = await through_page(site, load)
    yield _cpu(run, "1 stream x 50/s", 1.5)
    yield _delay(run, await straight(site, load), "1 stream x 50/s", None, None)[0]


async def fifty_streams(site: Site, tokens: int) -> AsyncIterator[Row]:
    """Fifty at 50 tokens a second, started within a second."""
    load = Load(50, tokens, 50, over=1.0)
    here, there = await through_page(site, load), await straight(site, load)
    for row in _added(here.seen, there.seen, "50 streams", 30, 120):
        yield row
    for row in _delay(here, there, "50 streams x 50/s", 35, 120):
        yield row
    yield _cpu(here, "50 streams x 50/s", 0.25)
    yield Row("POST while 50 stream, p50", "ms", p50(here.posts))
    yield Row("POST while 50 stream, p99", "ms", p99(here.posts))
    burst = Load(50, 20, 50)
    here, there = await through_page(site, burst), await straight(site, burst)
    yield _added(here.seen, there.seen, "50 in one instant", None, None)[0]


def _delay(here: Run, there: Run, what: str, half: float | None, worst: float | None) -> list[Row]:
    note = f"client {here.harness:.2f}, upstream {here.upstream:.2f}, others {here.foreign:.2f} cores"
    return [
        Row(f"per-token delay, {what}, p50", "ms", p50(here.delays), half, p50(there.delays), note),
        Row(f"per-token delay, {what}, p99", "ms", p99(here.delays), worst, p99(there.delays)),
    ]


def _cpu(run: Run, what: str, budget: float | None) -> Row:
    spent = run.cpu_per_1000
    note = _parts(spent, "{:.3f}")
    return Row(f"CPU per 1,000 tokens, {what}", "s", sum(spent.values()), budget, note=note)


async def held_streams(site: Site, streams: int, tokens: int) -> AsyncIterator[Row]:
    """Many at 30 tokens a second."""
    load = Load(streams, tokens, 30, over=streams / 100)
    here, there = await through_page(site, load), await straight(site, load)
    what = f"gap p99 with {streams} streams x 30/s"
    note = f"client {here.harness:.2f}, upstream {here.upstream:.2f}, others {here.foreign:.2f} cores"
    yield Row(what, "ms", p99(here.gaps), 250, p99(there.gaps), note)
    yield _delay(here, there, f"{streams} streams x 30/s", None, None)[1]
    spent = here.cpu_per_1000
    yield Row(
        f"CPU per 1,000 tokens, {streams} streams x 30/s",
        "s",
        sum(spent.values()),
        note=_parts(spent, "{:.3f}"),
    )


async def memory_after(site: Site, before: dict[str, float], answers: int) -> AsyncIterator[Row]:
    """Growth over many answers, twenty at a time."""
    lanes = 20
    turns = answers // (lanes * 5)

    async def lane() -> None:
        reader = Reader(site)
        await reader.open()
        for id in await conversations(site, 5):
            for _ in range(turns):
                await reader.ask(id, 40, 400)
        reader.close()

    await asyncio.gather(*(lane() for _ in range(lanes)))
    await asyncio.sleep(2)
    after = memory(site)
    grown = {name: after[name] - before[name] for name in before}
    note = _parts(grown, "{:+.1f}")
    yield Row(f"memory growth after {lanes * 5 * turns} answers", "MB", sum(grown.values()), 20, note=note)
