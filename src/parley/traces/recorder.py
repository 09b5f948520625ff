"""Notes what happens during one generation, in the worker that makes it. No database, no network.

The notes wait here until the next flush takes them into the transaction that stores the facts: what was
shown has its trace, also after a kill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
import structlog

from parley.lib.clock import now_us
from parley.traces import redaction

log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode

# Who noted it: blocks of `seq` that cannot collide, because web, worker and sweep write on their own.
ACCEPT, ENDING, FOLLOWING = 0, 9_000_000_000, 10_000_000_000
ATTEMPT = 1_000_000  # events of one attempt of a worker
TOOL = "tool"
LONGEST_NAME = 1_000  # characters of a name that are looked at
NOTED_FLUSHES = 3  # one by one; the rest as a sum


class Event(NamedTuple):
    """One row of trace_event but for its trace. Times in microseconds, of a span `at` is its beginning."""

    seq: int
    at: int
    duration: int | None
    kind: str
    name: str
    data: str


class TracePart(NamedTuple):
    """What one flush stores of a trace."""

    trace: int
    connection: str  # "" when it is stored already
    events: tuple[Event, ...]


def event(
    seq: int,
    kind: str,
    name: str = "",
    data: Mapping[str, Any] | None = None,
    *,
    began: int | None = None,
    ended: int | None = None,
    known: Iterable[str] = (),
) -> Event:
    """An event of now, or a span from `began` to `ended` (now without); redacted."""
    now = now_us() if ended is None else ended
    text = "{}" if not data else _encode(redaction.clean(data, known)).decode()
    at, duration = (now, None) if began is None else (began, max(0, now - began))
    return Event(seq, at, duration, kind, redaction.without_secrets(name[:LONGEST_NAME], known)[:120], text)


class Recorder:
    """The trace of one attempt at one generation."""

    def __init__(self, trace: int, attempt: int, most: int, changed: Callable[[], None]) -> None:
        """`changed` is called when there is something to take."""
        self.trace = trace
        self.known: tuple[str, ...] = ()  # secrets that must not be repeated
        self._seq = self._first = attempt * ATTEMPT
        self._most = min(most, ATTEMPT - 10)
        self._changed = changed
        self._events: list[Event] = []
        self._connection = ""
        self._spoken: dict[str, list[int]] = {}  # kind of output -> first, last (µs), pieces, characters
        self._flushes = [0, 0, 0, 0]  # number, µs of writing, slowest, µs of telling

    def knows(self, secrets: Iterable[str]) -> None:
        """Never repeat these."""
        self.known = tuple(dict.fromkeys([*self.known, *filter(None, secrets)]))

    def note(
        self,
        kind: str,
        name: str = "",
        data: Mapping[str, Any] | None = None,
        *,
        began: int | None = None,
        ended: int | None = None,
    ) -> None:
        """Something happened now, or from `began` (µs) until now. Past the limit only that there is more."""
        count = self._seq - self._first
        if count > self._most:
            return
        if count == self._most:
            kind, name, data, began = "overflow", "", {"most": self._most}, None
        self._seq += 1
        try:
            noted = event(self._seq, kind, name, data, began=began, ended=ended, known=self.known)
        except Exception as error:  # an answer is worth more than its trace
            log.warning("not traced", kind=kind, error=type(error).__name__)
            return
        self._events.append(noted)
        self._changed()

    def asks(self, connection: str) -> None:
        """Which connection is asked from now on."""
        self._connection = connection[:120]

    def speaks(self, kind: str) -> None:
        """Output of a kind begins; may be said again."""
        if kind not in self._spoken:
            now = now_us()
            if not self._spoken:
                self.note("first", kind, ended=now)
            self._spoken[kind] = [now, now, 0, 0]

    def spoke(self, kind: str, pieces: int, size: int) -> None:
        """So much output of a kind, which `speaks`, came until now; counted flush by flush."""
        counts = self._spoken[kind]
        counts[1] = now_us()
        counts[2] += pieces
        counts[3] += size

    def stored(self, written: int, told: int, facts: int) -> None:
        """A flush was written and told, in so many microseconds each."""
        sums = self._flushes
        sums[0] += 1
        sums[1] += written
        sums[2] = max(sums[2], written)
        sums[3] += told
        if sums[0] <= NOTED_FLUSHES and facts:
            data = {"facts": facts, "write_us": written, "publish_us": told}
            self.note("store", "", data, began=now_us() - written - told)

    def close(self) -> None:
        """Nothing more will be said: note the sums of what was said and stored, for who takes them now."""
        self._changed = lambda: None  # the flush that closes it must not wake another of what has ended
        for kind, (first, last, pieces, size) in self._spoken.items():
            if kind == TOOL:
                continue  # calls are noted one by one
            data = {"pieces": pieces, "characters": size}
            self.note(kind, "", data, began=first, ended=last)
        self._spoken = {}
        if self._flushes[0]:
            names = ("flushes", "write_us", "slowest_us", "publish_us")
            self.note("stored", "", dict(zip(names, self._flushes, strict=True)))
        self._most = -1  # a request that is closed late must not wake a flush of what has ended

    def take(self) -> TracePart | None:
        """What is new since the last time."""
        if not self._events and not self._connection:
            return None
        part = TracePart(self.trace, self._connection, tuple(self._events))
        self._events, self._connection = [], ""
        return part
