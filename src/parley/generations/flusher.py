"""Group commit: one transaction appends the pending facts of all runs of this worker; then they are told.

Facts get their seq here, so it is contiguous, and they are told only after the commit: nobody sees
what the database lacks. The end goes the same way as the text.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from itertools import groupby
from operator import itemgetter

import structlog

from parley.generations.facts import (
    NOTICE,
    OUTPUT,
    REASONING,
    TEXT,
    UNSTORABLE,
    Ending,
    Fact,
    encode_facts,
)
from parley.generations.scripts import Claim, Ended, Held, Part, Written
from parley.generations.service import news_of_end
from parley.generations.tracing import note_fact
from parley.lib.db import is_refused
from parley.traces.recorder import Recorder, TracePart

log = structlog.get_logger()

BUSY, QUIET, WIDEST = 0.025, 0.045, 0.1  # seconds between flushes: many runs, few runs, a slow disk
FEW = 5  # runs; below, each flush wakes web and browser for little text
SHARE = 0.25  # of the time that writing may take
BREATH = 0.02  # seconds at most in which others may have the write lock after us
BOUND = 1_000_000  # characters that may wait for the disk before runs have to
RETRY_EVERY = 0.5  # seconds between tries while the database refuses
COMPLAIN_EVERY = 10.0  # seconds

Write = Callable[[list[Part], bool], Awaitable[Written]]
Publish = Callable[[list[tuple[str, bytes]]], bool]


class Run:
    """One claimed generation in this worker, and where its facts wait. A `runner.Sink`."""

    def __init__(self, claim: Claim, flusher: Flusher) -> None:
        self.claim = claim
        self.held = Held(claim.generation, claim.attempt)
        self.seq = claim.seq  # the last one committed
        self.pending: list[tuple[str, str]] = []
        self.began = False  # output was put: from now on it cannot be tried again
        self.shown = self.texted = False  # output, and text, is committed or on its way
        self.ending: Ending | None = None
        self.lost = False  # another attempt owns the generation
        self.ended = asyncio.Event()  # committed, or lost
        self.on_lost: Callable[[], None] = lambda: None
        self._flusher = flusher
        self.trace: Recorder | None = None
        if claim.trace:
            self.trace = Recorder(
                claim.trace, claim.attempt, claim.trace_most, lambda: flusher.take(self, 0, urgent=False)
            )

    def put(self, kind: str, data: str) -> None:
        """Hand over a fact; it is stored and told soon. Ignored after the end."""
        if self.ending is None and not self.lost:
            first = kind in OUTPUT and not self.began
            self.began = self.began or first
            if self.trace is not None:
                note_fact(self.trace, kind, data)
            self.pending.append((kind, data))
            self._flusher.take(self, len(data), urgent=first or kind == NOTICE)

    def end(self, ending: Ending) -> None:
        """Store the end together with what is pending; `ended` is set after the commit."""
        self.ending = ending
        self._flusher.take(self, 0, urgent=True)

    @property
    def full(self) -> bool:
        """Whether too much waits for the disk."""
        return self._flusher.full

    async def room(self) -> None:
        """Wait until less does."""
        await self._flusher.room()


class Flusher:
    """Writes what runs put, in as few transactions as keep the text flowing."""

    def __init__(self, write: Write, publish: Publish) -> None:
        """`write(parts, durable)` is one transaction around `scripts.write_batch`."""
        self._write = write
        self._publish = publish
        self._dirty: dict[Run, None] = {}
        self._wake, self._urgent, self._roomy = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._waiting = 0  # characters
        self._interval, self._last, self._breath = BUSY, 0.0, 0.0

    def take(self, run: Run, size: int, *, urgent: bool) -> None:
        """Note that a run has something to write; the first words and the end do not wait for the tick."""
        self._waiting += size
        self._dirty[run] = None
        self._wake.set()
        if urgent:
            self._urgent.set()

    @property
    def full(self) -> bool:
        """Whether more than BOUND characters wait for the disk."""
        return self._waiting > BOUND

    async def room(self) -> None:
        """Wait until that is no longer so."""
        while self.full:
            self._roomy.clear()
            await self._roomy.wait()

    async def run(self) -> None:
        """Flush for the life of the process; cancel to stop, after the runs have ended."""
        while True:
            await self._wake.wait()
            left = self._last + self._interval - time.monotonic()
            if left > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(left):
                        await self._urgent.wait()
            await asyncio.sleep(self._breath)
            self._wake.clear()
            self._urgent.clear()
            self._last = time.monotonic()
            runs = await self.flush()
            self._pace(time.monotonic() - self._last, runs)

    async def flush(self) -> int:
        """Write and tell everything pending; how many runs that were."""
        dirty, self._dirty = list(self._dirty), {}
        size = sum(len(data) for run in dirty for _, data in run.pending)
        batch = [(run, part) for run in dirty for part in [_part(run)] if not run.lost]
        if batch:
            began = time.monotonic()
            written = await self._write_at_last([part for _, part in batch])
            stored = time.monotonic()
            self._publish([news for run, part in batch for news in _settle(run, part, written)])
            for run, part in batch:
                if run.trace is not None and run.ending is None:
                    told = time.monotonic() - stored
                    run.trace.stored(round((stored - began) * 1e6), round(told * 1e6), len(part.facts))
        self._waiting -= size
        if not self.full:
            self._roomy.set()
        return len(batch)

    def _pace(self, took: float, runs: int) -> None:
        """Leave the lock to others for as long as we held it; commit less often when the disk is slow."""
        self._breath = min(took, BREATH)
        floor = QUIET if runs < FEW else BUSY
        wanted = min(max(floor, took / SHARE), WIDEST)
        self._interval += (wanted - self._interval) * 0.2  # smoothed against single slow fsyncs

    async def _write_at_last(self, parts: list[Part]) -> Written:
        """Try until the database takes it: the facts are kept here, and shown to nobody meanwhile."""
        # An fsync where a promise hangs on it: something is shown (no second call), or it is the end.
        durable = any(part.first or part.ending is not None for part in parts)
        complained = float("-inf")
        while True:
            try:
                return await self._write(parts, durable)
            except Exception as error:  # whatever the storage says, facts are not dropped
                if is_refused(error):
                    return await self._write_apart(parts, error)
                if time.monotonic() - complained >= COMPLAIN_EVERY:
                    complained = time.monotonic()
                    log.error("facts not stored, trying again", generations=len(parts), error=str(error))
                await asyncio.sleep(RETRY_EVERY)

    async def _write_apart(self, parts: list[Part], error: Exception) -> Written:
        """Something in these parts is refused for good: find whose it is, so that the others go on."""
        if len(parts) == 1:
            return await self._give_up(parts[0], error)
        lost: set[int] = set()
        ends: dict[int, Ended] = {}
        for part in parts:
            written = await self._write_at_last([part])
            lost |= written.lost
            ends |= written.ends
        return Written(frozenset(lost), ends)

    async def _give_up(self, part: Part, error: Exception) -> Written:
        """End a run whose facts no database takes, with what was stored of it before."""
        generation = part.held.generation
        log.error("facts refused, the answer ends", generation=generation, error=str(error)[:200])
        ends: dict[int, Ended] = {}
        with contextlib.suppress(Exception):  # then its lease runs out, and the sweep ends it
            last = part._replace(facts=(), first=False, first_text=False, ending=UNSTORABLE, trace=None)
            ends = (await self._write([last], True)).ends
        return Written(frozenset({generation}), ends)


def _part(run: Run) -> Part:
    """Copies for the writer: one fact per kind in a row, not one per token."""
    facts: list[Fact] = []
    for kind, pieces in groupby(run.pending, key=itemgetter(0)):
        if kind in (TEXT, REASONING):
            words = [data for _, data in pieces]
            facts.append((run.seq + len(facts) + 1, kind, "".join(words)))
            if run.trace is not None:
                run.trace.spoke(kind, len(words), len(facts[-1][2]))
        else:
            facts.extend((run.seq + n, kind, data) for n, (_, data) in enumerate(pieces, len(facts) + 1))
    run.pending = []
    kinds = {kind for _, kind, _ in facts}
    first, first_text = not run.shown and bool(kinds & OUTPUT), not run.texted and TEXT in kinds
    run.shown, run.texted = run.shown or first, run.texted or first_text
    return Part(run.held, tuple(facts), first, first_text, run.ending, _traced(run))


def _traced(run: Run) -> TracePart | None:
    """What is new in its trace; with the end its sums."""
    if run.trace is not None and run.ending is not None:
        run.trace.close()
    return None if run.trace is None else run.trace.take()


def _settle(run: Run, part: Part, written: Written) -> list[tuple[str, bytes]]:
    """Note what was committed; returns what to tell."""
    generation = run.held.generation
    ended = written.ends.get(generation)
    if generation in written.lost:
        run.lost = True
        run.on_lost()
        run.ended.set()
        return (
            [] if ended is None else [(f"gen:{generation}", encode_facts([ended.fact])), news_of_end(ended)]
        )
    facts = list(part.facts)
    run.seq += len(facts)
    news: list[tuple[str, bytes]] = []
    if ended is not None:
        facts.append(ended.fact)
        news.append(news_of_end(ended))
        run.ended.set()
    return [(f"gen:{generation}", encode_facts(facts)), *news] if facts else news
