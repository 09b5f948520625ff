"""Drawing at a pace: once for all readers, soon after news, never more than a process can bear."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from parley.chat.answers import AnswerView, End
from parley.chat.frames import partial
from parley.chat.live import FRAME, SLOWEST, Pace, html_events
from parley.generations.follow import Live

END = json.dumps({"status": "done"})


class CountingView(AnswerView):
    """Notes the seq at each frame it composes."""

    def __init__(self) -> None:
        super().__init__(7)
        self.composed: list[tuple[int, int]] = []

    def frame_after(self, after: int, ending: str = "") -> bytes:
        self.composed.append((after, self.seq))
        return super().frame_after(after, ending)


class BrokenView(AnswerView):
    """Fails at its first fact."""

    def take(self, fact: tuple[int, str, str]) -> None:
        raise RuntimeError("broken")


def a_live(*pieces: str) -> Live:
    live = Live(7, lambda _live: None)
    say(live, *pieces)
    return live


def say(live: Live, *pieces: str) -> None:
    live.take([(len(live.facts) + n, "text", piece) for n, piece in enumerate(pieces, 1)])


def finish(live: Live) -> None:
    live.take([(len(live.facts) + 1, "end", END)])


async def ending(end: End) -> str:
    return partial("#g7-acts", "outerHTML", f'<div id="g7-acts">{end.status}</div>')


def reading(
    live: Live, after: int = 0, view: AnswerView | None = None, **options: Any
) -> AsyncIterator[bytes]:
    return html_events(live, lambda: view or AnswerView(7), after, ending=ending, **options)


async def news(events: AsyncIterator[bytes]) -> bytes:
    async with asyncio.timeout(20):
        return await anext(events)


@pytest.fixture
async def loop_time() -> Any:
    return asyncio.get_running_loop().time


async def test_a_comment_goes_out_before_anything_is_known() -> None:
    assert await news(reading(a_live())) == b": open\n\n"


async def test_a_reader_gets_what_is_there_then_the_news_then_the_end() -> None:
    live = a_live("Hello\n\nwor")
    events = reading(live)
    await news(events)
    assert b"id: 1\n" in await news(events)
    say(live, "ld")
    assert b"<p>world</p>" in await news(events)
    finish(live)
    last = await news(events)
    assert b'<div id="g7-acts">done</div>' in last
    assert last.endswith(b'id: 3\nevent: done\ndata: {"state":"complete"}\n\n')
    assert [frame async for frame in events] == []
    assert live.view == {}


async def test_a_reader_who_has_everything_of_a_finished_answer_gets_its_end_again() -> None:
    live = a_live("a", "b", "c", "d")
    finish(live)
    events = reading(live, after=5)
    await news(events)
    assert b"event: done" in await news(events)


async def test_all_readers_share_one_view_and_its_frames() -> None:
    live, view = a_live("a"), CountingView()
    readers = [reading(live, view=view) for _ in range(5)]
    for reader in readers:
        await news(reader)
    first = [await news(reader) for reader in readers]
    say(live, "b")
    second = [await news(reader) for reader in readers]
    assert len(set(first)) == len(set(second)) == 1
    assert view.composed == [(0, 1), (1, 2)]


async def test_readers_of_another_language_have_their_own_view() -> None:
    live = a_live("a")
    english, chinese = reading(live, language="en"), reading(live, language="zh")
    for events in (english, chinese):
        await news(events)
        await news(events)
    assert isinstance(live.view, dict)
    assert set(live.view) == {"en", "zh"}


async def test_the_last_reader_to_leave_stops_the_drawing() -> None:
    live, pace = a_live("a"), Pace()
    events = [reading(live, pace=pace) for _ in range(2)]
    for one in events:
        await news(one)
        await news(one)
    assert isinstance(live.view, dict)
    task = live.view["en"].task
    await events[0].aclose()  # type: ignore[attr-defined]
    assert pace.drawings == 1
    await events[1].aclose()  # type: ignore[attr-defined]
    assert (pace.drawings, live.view) == (0, {})
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_facts_that_come_faster_than_frames_are_drawn_together(loop_time: Any) -> None:
    live, view = a_live("a"), CountingView()
    events = reading(live, view=view)
    await news(events)
    await news(events)
    began, frames = loop_time(), 0

    async def talk() -> None:
        for _ in range(40):
            say(live, "word ")
            await asyncio.sleep(0.005)
        finish(live)

    talking = asyncio.create_task(talk())
    async for _ in events:
        frames += 1
    await talking
    assert frames <= (loop_time() - began) / (FRAME * 0.85) + 2
    assert view.seq == 42


async def test_a_slow_reader_gets_more_at_once() -> None:
    live = a_live("one\n\n")
    slow, quick = reading(live), reading(live)
    for events in (slow, quick):
        await news(events)
        await news(events)
    for word in ("two\n\n", "three\n\n"):
        say(live, word)
        await news(quick)
    frame = await news(slow)
    assert b"id: 3\n" in frame
    assert b"two" in frame
    assert b"three" in frame


async def test_the_end_does_not_wait_for_the_next_frame(loop_time: Any) -> None:
    live, pace = a_live("a"), Pace(mean=10.0)  # so slow that frames are as far apart as they get
    events = reading(live, pace=pace)
    await news(events)
    await news(events)
    began = loop_time()
    finish(live)
    await news(events)
    assert loop_time() - began < SLOWEST / 2


async def test_a_reader_whose_right_is_over_is_let_go() -> None:
    events = reading(a_live(), over=lambda: True)
    assert [frame async for frame in events] == [b": open\n\n"]


async def test_a_broken_drawing_tells_its_readers_instead_of_leaving_them_waiting() -> None:
    events = reading(a_live("a"), view=BrokenView(7))
    await news(events)
    with pytest.raises(RuntimeError, match="broken"):
        await news(events)


async def test_heavy_rendering_leaves_the_loop_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    live = a_live("```py\n" + "x = 1\n" * 5_000 + "```\n")
    threads: list[Any] = []
    to_thread = asyncio.to_thread

    async def noted(work: Any) -> None:
        threads.append(work)
        await to_thread(work)

    monkeypatch.setattr(asyncio, "to_thread", noted)
    events = reading(live)
    await news(events)
    await news(events)
    assert len(threads) == 1


def test_draws_take_at_most_their_share_of_a_core_and_come_at_least_four_times_a_second() -> None:
    assert Pace(drawings=1, mean=0.001).spacing == FRAME
    assert Pace(drawings=60, mean=0.001).spacing == pytest.approx(0.1)
    assert Pace(drawings=1000, mean=0.01).spacing == SLOWEST
