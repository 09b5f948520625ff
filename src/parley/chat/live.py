"""Draw running answers at a pace people can follow and a process can bear, once however many watch.

A draw follows the arrival of facts if the last draw is nearly a frame ago, else a timer set a little over a
frame: with a plain timer the clock of the facts and that of the draws would beat against each other.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from parley.chat.answers import AnswerView, End
from parley.chat.frames import KEEP_ALIVE, OPENED
from parley.generations.follow import Live
from parley.lib.waiting import within
from parley.web.look import look

FRAME = 0.050  # seconds between draws of one answer
SLOWEST = 0.250  # seconds between draws, however busy the process is
SHARE = 0.6  # of a core that drawing may take
EARLY, LATE = 0.85, 1.25  # of the spacing: from when an arrival draws at once, when the timer draws
TICK = 1.0  # seconds between looks whether the reader's right to read is over

Ending = Callable[[End], Awaitable[str]]  # the last partials: what only the database knows


@dataclass(slots=True)
class Pace:
    """How far apart draws have to be, from what they cost; one for all answers of a process."""

    drawings: int = 0
    mean: float = 0.0  # seconds of one draw

    def note(self, seconds: float) -> None:
        """A draw took so long."""
        self.mean += (seconds - self.mean) * 0.1

    @property
    def spacing(self) -> float:
        """Seconds between two draws of one answer."""
        return min(SLOWEST, max(FRAME, self.drawings * self.mean / SHARE))


@dataclass(slots=True, eq=False)
class Drawing:
    """One answer in one language: its view, and the task that feeds and draws it while somebody watches."""

    live: Live
    view: AnswerView
    pace: Pace
    ending: Ending
    watchers: int = 0
    ending_html: str = ""
    drawn: asyncio.Event = field(default_factory=asyncio.Event)  # set at the next draw, then replaced
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)  # the view belongs to one at a time
    frames: dict[int, bytes] = field(default_factory=dict)  # of this draw, by what the reader already has
    task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Draw until the end."""
        clock = asyncio.get_running_loop().time
        last = clock() - SLOWEST
        try:
            while self.view.end is None:
                await self._arrival(last)
                started = clock()
                await self._draw()
                last = clock()
                self.pace.note(last - started)
        finally:
            self.drawn.set()

    def raise_failure(self) -> None:
        """Raise what stopped the drawing, if anything did: its readers would wait for ever."""
        if self.task is not None and self.task.done():
            self.task.result()

    async def frame_after(self, after: int) -> bytes:
        """What a reader who has everything up to `after` lacks; composed once for all that stand there."""
        async with self.busy:
            if after not in self.frames:
                self.frames[after] = self.view.frame_after(after, self.ending_html)
            return self.frames[after]

    async def _arrival(self, last: float) -> None:
        """Wait until there are facts to draw and it is time to draw them; the end does not wait."""
        clock = asyncio.get_running_loop().time
        change = self.live.change
        while len(self.live.facts) <= self.view.seq:
            await change.wait()
            change = self.live.change
        while not self.live.done:
            spacing = self.pace.spacing
            if clock() - last >= EARLY * spacing:
                return
            try:
                async with asyncio.timeout_at(last + LATE * spacing):
                    await change.wait()
                change = self.live.change
            except TimeoutError:
                return

    async def _draw(self) -> None:
        async with self.busy:
            before = self.view.seq  # where a reader stands who keeps up
            for fact in self.live.facts[self.view.seq :]:
                self.view.take(fact)
            if self.view.is_heavy:
                await asyncio.to_thread(self.view.render)
            if self.view.end is not None:
                self.ending_html = await self.ending(self.view.end)
            self.frames.clear()
            self.frames[before] = self.view.frame_after(before, self.ending_html)
        drawn, self.drawn = self.drawn, asyncio.Event()
        drawn.set()


_PACE = Pace()


async def html_events(
    live: Live,
    view_factory: Callable[[], AnswerView],
    after: int,
    *,
    ending: Ending,
    language: str = "en",
    over: Callable[[], bool] = lambda: False,
    pace: Pace = _PACE,
) -> AsyncIterator[bytes]:
    """The body of an answer's event stream for one reader who has everything up to `after`.

    Readers of one `live` in one language share a drawing, made by the first one's `view_factory`. Ends after
    the `done` event or, within a second, when `over()` says so. A slow reader gets more at once.
    """
    yield OPENED
    clock = asyncio.get_running_loop().time
    with _drawing(live, view_factory, ending, language, pace) as drawing:
        spoken = clock()
        while not over():
            drawn = drawing.drawn  # taken before looking: a draw during the look is not missed
            drawing.raise_failure()
            if drawing.view.end is not None or drawing.view.seq > after:
                frame = await drawing.frame_after(after)
                after, ended = max(after, drawing.view.seq), drawing.view.end is not None
                yield frame
                if ended:
                    return
                spoken = clock()
            elif not await within(drawn, TICK) and clock() - spoken >= look().heartbeat:
                yield KEEP_ALIVE
                spoken = clock()


@contextlib.contextmanager
def _drawing(
    live: Live, view_factory: Callable[[], AnswerView], ending: Ending, language: str, pace: Pace
) -> Iterator[Drawing]:
    """The drawing in that language, kept on `live.view` while it has watchers."""
    if not isinstance(live.view, dict):
        live.view = {}
    drawings: dict[str, Drawing] = live.view
    drawing = drawings.get(language)
    if drawing is None:
        drawing = drawings[language] = Drawing(live, view_factory(), pace, ending)
        pace.drawings += 1
        drawing.task = asyncio.create_task(drawing.run())
    drawing.watchers += 1
    try:
        yield drawing
    finally:
        drawing.watchers -= 1
        if not drawing.watchers:
            del drawings[language]
            pace.drawings -= 1
            if drawing.task is not None:
                drawing.task.cancel()
