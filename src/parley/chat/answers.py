"""Facts of a generation -> the HTML of an answer being written. Pure: no clock, no loop, no request.

Everything shown is a function of the facts up to a seq. Blocks are cut fact by fact (`lib/blocks.py`), and
after each fact a mark notes how far things were; so what a reader with `Last-Event-ID: n` lacks is the
difference between mark n and now, in whatever process and whenever it asks.

Elements of the page, g{id}-: `by` the name of the model, `done` finished blocks, `open` the block being
written, `steps` the list of the reasoning fold, `sum` its summary's text, `wait` what it waits for right now,
`pics` pictures the model made, `notes` notices that stay. From the first reasoning to the end of the
generation the last child of `steps` is `li[data-open]`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import msgspec
from markupsafe import Markup, escape

from parley.chat.frames import message, partial
from parley.chat.growing import GrowingText
from parley.chat.notices import FALLBACK, WAITING, notice_of
from parley.lib.markdown import ENGLISH, Labels, render_document

HEAVY = 10_000  # characters still to be rendered from which that belongs in a thread
SHORT_LOG = 3  # facts a pruned generation is retold with: a seq known from its full log means nothing there
NOTHING = Markup("")
STATES = {"done": "complete", "cancelled": "stopped"}  # of any other status: failed
T = TypeVar("T")
Data = dict[str, Any]  # of a fact in JSON


def _line(value: object) -> Markup:
    return Markup("<p>{}</p>").format(value)


@dataclass(frozen=True, slots=True)
class AnswerLabels:
    """The words of a running answer, translated by the caller."""

    markdown: Labels = ENGLISH
    thinking: str = "Thinking…"
    thought: Callable[[float | None], str] = lambda ms: "Reasoning"  # how long in all, once that is known
    note: Callable[[Data], Markup] = lambda notice: _line(notice.get("text"))
    wait: Callable[[Data], Markup] = lambda notice: _line(notice.get("seconds"))
    picture: Callable[[Data], Markup] = lambda image: _line(image.get("file"))


class End(msgspec.Struct):
    """The data of an `end` fact."""

    status: str = "error"
    error: str = ""
    code: str = ""
    finish_reason: str = ""
    usage: dict[str, Any] | None = None
    metrics: dict[str, float | None] | None = None

    @property
    def state(self) -> str:
        """What the page's `done` event says: complete, stopped or failed."""
        return STATES.get(self.status, "failed")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the page shows at first paint; it follows the stream from `seq`."""

    done: Markup
    open: Markup
    steps: Markup
    summary: str  # "" while there is no reasoning
    by: str  # the model that answers instead of the one asked; "" when it is the one asked
    wait: Markup
    pictures: Markup
    notes: Markup
    seq: int


class _Mark(NamedTuple):
    """How far the answer was after a fact."""

    blocks: int = 0
    open_size: int = 0
    long_as: str = ""  # of the open block, see GrowingText
    steps: int = 0
    step_size: int = 0  # of the open step
    notes: int = 0
    pictures: int = 0
    wait: int = 0  # how many waits there were, while the last fact is one of them; else 0
    by: int = 0  # how many models stepped in
    thinking: bool = False
    ended: bool = False

    @property
    def prose(self) -> tuple[int, int, bool]:
        """Everything the text depends on."""
        return (self.blocks, self.open_size, self.ended)

    @property
    def reasoning(self) -> tuple[int, int, bool, bool]:
        """Everything the fold depends on."""
        return (self.steps, self.step_size, self.thinking, self.ended)

    @property
    def has_steps(self) -> bool:
        """Whether there is a fold."""
        return bool(self.steps or self.step_size)


class AnswerView:
    """The answer of one generation in one language, for however many readers.

    `prefix`, `prefix_reasoning` and `prefix_pictures`: what the message had when this generation began
    (a continuation).
    """

    def __init__(
        self,
        generation: int,
        labels: AnswerLabels | None = None,
        *,
        prefix: str = "",
        prefix_reasoning: str = "",
        prefix_pictures: Markup = NOTHING,
    ) -> None:
        self.id = generation
        self.end: End | None = None
        self._labels = labels or AnswerLabels()
        self._text = GrowingText(self._labels.markdown)
        self._steps = GrowingText(self._labels.markdown)
        self._pieces = [prefix]
        self._notes: list[Markup] = []
        self._pictures: list[Markup] = [prefix_pictures]
        self._waits: list[Markup] = []
        self._waiting = False
        self._by: list[str] = []
        self._thinking = False
        self._whole: Markup | None = None  # the final render, once somebody asked for it
        self._drawn: tuple[int, Markup] = (-1, Markup(""))  # the open block, and the seq it was drawn at
        self._text.feed(0, prefix)
        self._steps.feed(0, prefix_reasoning)
        self._marks = [self._mark()]

    @property
    def seq(self) -> int:
        """Of the last fact taken; 0 before the first."""
        return len(self._marks) - 1

    @property
    def is_heavy(self) -> bool:
        """Whether the next frame needs so much rendering that `render` belongs in a thread."""
        size = self._text.unrendered + self._steps.unrendered
        if self.end is not None and self._whole is None:
            size += sum(map(len, self._pieces))
        return size > HEAVY

    def take(self, fact: tuple[int, str, str]) -> None:
        """Take the next fact; raises ValueError when it is not. Kinds unknown here show nothing."""
        seq, kind, data = fact
        if seq != self.seq + 1 or self.end is not None:
            raise ValueError(f"fact {seq} after {self.seq}")
        self._waiting = False
        if kind == "text":
            self._thinking = False
            self._pieces.append(data)
            self._text.feed(seq, data)
        elif kind == "reasoning":
            self._thinking = True
            self._steps.feed(seq, data)
        elif kind == "notice":
            self._take_notice(notice_of(data))
        elif kind == "image":
            self._pictures.append(self._labels.picture(_decoded(data, dict)))
        elif kind == "end":
            self._thinking = False
            self._text.close(seq)
            self._steps.close(seq)
            self.end = _decoded(data, End)
        self._marks.append(self._mark())

    def render(self) -> None:
        """Render what is finished and not yet rendered; in a thread only while nobody else uses the view."""
        self._text.blocks()
        self._steps.blocks()
        if self.end is not None:
            self._final_html()

    def snapshot(self) -> Snapshot:
        """Everything up to now, for the first paint of a page."""
        now = self._marks[-1]
        return Snapshot(
            done=self._done_html(),
            open=self._open_html(),
            steps=self._steps_html(now),
            summary=self._summary(now) if now.has_steps else "",
            by=self._by[-1] if self._by else "",
            wait=self._wait_html(),
            pictures=NOTHING.join(self._pictures),
            notes=NOTHING.join(self._notes),
            seq=self.seq,
        )

    def frame_after(self, after: int, ending: str = "") -> bytes:
        """What brings a reader who has everything up to `after` to now.

        With `after` 0 it replaces instead of appending, so it can be received any number of times. After the
        end it also brings `ending` (partials that replace what only the database knows) and says `done`.
        """
        retold = self.end is not None and self.seq <= SHORT_LOG
        if after <= 0 or after > self.seq or retold:
            parts = self._everything()
        else:
            parts = self._news(self._marks[after], self._marks[-1])
        seq = max(after, self.seq)
        if self.end is None:
            return message(seq, "".join(parts))
        parts.append(ending)
        state = msgspec.json.encode({"state": self.end.state}).decode()
        return message(seq, "".join(parts)) + message(seq, state, "done")

    def _everything(self) -> list[str]:
        now = self.snapshot()
        by = [self._part("by", "innerHTML", escape(now.by))] if now.by else []
        return [
            *by,
            self._part("done", "innerHTML", now.done),
            self._part("open", "innerHTML", now.open),
            self._part("steps", "innerHTML", now.steps),
            self._part("sum", "innerHTML", escape(now.summary)),
            self._part("wait", "innerHTML", now.wait),
            self._part("pics", "innerHTML", now.pictures),
            self._part("notes", "innerHTML", now.notes),
        ]

    def _news(self, was: _Mark, now: _Mark) -> list[str]:
        parts = []
        if now.ended and not was.ended and self._is_changed_by_the_whole():
            parts.append(self._part("done", "innerHTML", self._done_html()))
        elif now.blocks > was.blocks:
            parts.append(self._part("done", "beforeend", Markup("").join(self._text.blocks(was.blocks))))
        if now.prose != was.prose:
            parts.append(self._open_part(was, now))
        if now.reasoning != was.reasoning and (was.has_steps or now.has_steps):
            parts.extend(self._step_parts(was, now))
        return parts + self._small_parts(was, now)

    def _small_parts(self, was: _Mark, now: _Mark) -> list[str]:
        parts = []
        if now.by > was.by:
            parts.append(self._part("by", "innerHTML", escape(self._by[-1])))
        if now.wait != was.wait:
            parts.append(self._part("wait", "innerHTML", self._wait_html()))
        if now.pictures > was.pictures:
            parts.append(self._part("pics", "beforeend", NOTHING.join(self._pictures[was.pictures :])))
        if now.notes > was.notes:
            parts.append(self._part("notes", "beforeend", NOTHING.join(self._notes[was.notes :])))
        return parts

    def _open_part(self, was: _Mark, now: _Mark) -> str:
        if not now.long_as:
            html = self._open_html()
            return self._part("open", "innerMorph" if html else "innerHTML", html)
        if was.blocks == now.blocks and was.long_as == now.long_as:
            return self._part("code", "beforeend", self._text.news(was.open_size))
        return self._part("open", "innerHTML", self._open_html())

    def _step_parts(self, was: _Mark, now: _Mark) -> list[str]:
        parts = []
        if was.has_steps:
            parts.append(self._part("steps>[data-open]", "outerHTML", self._steps_html(now, was.steps)))
        else:
            parts.append(self._part("steps", "innerHTML", self._steps_html(now)))
        if not was.has_steps or (was.thinking, was.ended) != (now.thinking, now.ended):
            parts.append(self._part("sum", "innerHTML", escape(self._summary(now))))
        return parts

    def _part(self, name: str, swap: str, html: str) -> str:
        return partial(f"#g{self.id}-{name}", swap, html)

    def _done_html(self) -> Markup:
        return self._final_html() if self.end is not None else Markup("").join(self._text.blocks())

    def _open_html(self) -> Markup:
        if self._drawn[0] != self.seq:
            self._drawn = (self.seq, self._text.open_html(f"g{self.id}-code"))
        return self._drawn[1]

    def _steps_html(self, now: _Mark, after: int = 0) -> Markup:
        steps = Markup("").join(Markup("<li>{}</li>").format(html) for html in self._steps.blocks(after))
        if now.ended or not now.has_steps:
            return steps
        state = Markup(' data-state="run"') if now.thinking else ""
        html = self._steps.open_html(f"g{self.id}-step")
        return steps + Markup("<li data-open{}>{}</li>").format(state, html)

    def _summary(self, mark: _Mark) -> str:
        if mark.thinking:
            return self._labels.thinking
        metrics = self.end.metrics if self.end is not None else None
        return self._labels.thought((metrics or {}).get("reasoningMs"))

    def _take_notice(self, notice: Data) -> None:
        if notice.get("code") == WAITING:
            self._waiting = True
            self._waits.append(self._labels.wait(notice))
            return
        self._notes.append(self._labels.note(notice))
        if notice.get("code") == FALLBACK and isinstance(notice.get("model"), str):
            self._by.append(notice["model"])

    def _wait_html(self) -> Markup:
        return self._waits[-1] if self._waiting else NOTHING

    def _final_html(self) -> Markup:
        """The answer rendered as a whole where that shows something else, such as links by reference."""
        if self._whole is None:
            joined = Markup("").join(self._text.blocks())
            whole = render_document("".join(self._pieces), self._labels.markdown, prefix=f"g{self.id}-")
            self._whole = joined if _without_space(joined) == _without_space(whole) else whole
        return self._whole

    def _is_changed_by_the_whole(self) -> bool:
        return self._final_html() != Markup("").join(self._text.blocks())

    def _mark(self) -> _Mark:
        return _Mark(
            blocks=self._text.count,
            open_size=self._text.open_size,
            long_as=self._text.long_as,
            steps=self._steps.count,
            step_size=self._steps.open_size,
            notes=len(self._notes),
            pictures=len(self._pictures),
            wait=len(self._waits) if self._waiting else 0,
            by=len(self._by),
            thinking=self._thinking,
            ended=self.end is not None,
        )


def _without_space(html: Markup) -> str:
    """As plain text: Markup would make each of its words one that is checked and escaped again."""
    return "".join(str(html).split())


def _decoded(data: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.DecodeError:
        return kind()
