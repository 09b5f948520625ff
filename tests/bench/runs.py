"""Loads: so many streams at once through the page, or straight at the upstream, with what they cost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.bench.procfs import CpuMeter, machine_busy_seconds
from tests.bench.site import Site
from tests.bench.streams import Reader, Seen, ask_bare
from tests.client import call, connect


@dataclass(frozen=True, slots=True)
class Load:
    """`streams` answers of `tokens` at `speed` tokens per second, started within `over` seconds."""

    streams: int
    tokens: int
    speed: float
    over: float = 0.0


@dataclass
class Run:
    """What a load measured."""

    seen: list[Seen]
    cpu: dict[str, float] = field(default_factory=dict)  # seconds by process
    harness: float = 0.0  # cores that this client took
    upstream: float = 0.0  # cores of the fake upstream
    foreign: float = 0.0  # cores that the rest of the machine took meanwhile

    @property
    def delays(self) -> list[float]:
        """Of every token, ms."""
        return [delay for seen in self.seen for delay in seen.delays]

    @property
    def firsts(self) -> list[float]:
        """Time to the first token of every answer, ms."""
        return [seen.first for seen in self.seen]

    @property
    def posts(self) -> list[float]:
        """Time to the answer fragment of every question, ms."""
        return [seen.post for seen in self.seen]

    @property
    def gaps(self) -> list[float]:
        """Between two arrivals, of every stream, ms."""
        return [gap for seen in self.seen for gap in seen.gaps]

    @property
    def cpu_per_1000(self) -> dict[str, float]:
        """CPU seconds per 1,000 tokens by process."""
        thousands = len(self.delays) / 1000
        return {name: seconds / thousands for name, seconds in self.cpu.items()}


async def conversations(site: Site, count: int) -> list[int]:
    """New conversations, so that no prompt grows."""
    made = []
    for _ in range(count):
        _, said = await call(site.url, "POST", "/api/sessions", site.token, {})
        made.append(int(said["data"]["session"]["id"]))
    return made


async def through_page(site: Site, load: Load) -> Run:
    """The load on the page path: POST of the turn, then the stream of partials."""
    ids = await conversations(site, load.streams)
    readers = [Reader(site) for _ in ids]
    for reader in readers:
        await reader.open()
    try:
        return await _measured(
            site, load, lambda n: readers[n].ask(ids[n], load.tokens, load.speed), site.pids
        )
    finally:
        for reader in readers:
            reader.close()


async def straight(site: Site, load: Load) -> Run:
    """The same load on the bare upstream."""
    connections = [await connect(site.upstream) for _ in range(load.streams)]
    try:
        return await _measured(site, load, lambda n: ask_bare(load.tokens, load.speed, connections[n]), {})
    finally:
        for connection in connections:
            connection.close()


async def _measured(
    site: Site, load: Load, ask: Callable[[int], Awaitable[Seen]], pids: dict[str, int]
) -> Run:
    parley, upstream = CpuMeter(pids), CpuMeter({"upstream": site.upstream_pid})
    own, busy, began = time.process_time(), machine_busy_seconds(), time.monotonic()

    async def one(n: int) -> Seen:
        await asyncio.sleep(n * load.over / load.streams)
        return await ask(n)

    seen = list(await asyncio.gather(*(one(n) for n in range(load.streams))))
    lasted = time.monotonic() - began
    cpu = parley.read()
    harness, fake = time.process_time() - own, upstream.read()["upstream"]
    foreign = machine_busy_seconds() - busy - sum(cpu.values()) - harness - fake
    run = Run(seen, cpu, harness / lasted, fake / lasted, max(0.0, foreign / lasted))
    broken = [s for s in seen if not s.complete or len(s.delays) < load.tokens]
    assert not broken, f"{len(broken)} of {len(seen)} answers incomplete: {[len(s.delays) for s in broken]}"
    return run


async def one_after_another(ask: Callable[[int], Awaitable[Seen]], times: int) -> list[Seen]:
    """Alone on the machine, `times` times."""
    return [await ask(n) for n in range(times)]
