"""What the templates of traces receive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from parley.accounts.pages import Moment
from parley.traces.queries import TraceRow
from parley.traces.story import STATUSES, Line, took
from parley.web.i18n import _
from parley.web.render import Page

Choices = list[tuple[str, str]]
TONES = {"done": "good", "error": "bad", "interrupted": "warn", "cancelled": "", "running": ""}
WIDTH = 1000  # of the drawing of a bar, in its own units
GROUPS = {
    "queue": "wait", "wait": "wait", "accept": "ours", "saved": "ours", "context": "ours", "store": "ours",
    "request": "theirs", "response": "theirs", "body": "theirs", "failure": "bad", "lost": "bad",
    "halt": "bad", "reasoning": "words", "text": "words", "first": "words", "tool": "words",
    "result": "words",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One trace in the list."""

    id: int
    status: str
    tone: str
    title: str
    username: str
    model: str
    connection: str
    began: Moment
    took: str
    running: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRows(Page):
    """The rows of the list; asked for again every few seconds while it is looked at from its beginning."""

    template: ClassVar[str] = "traces/_rows.html"
    rows: list[TraceLine]
    admin: bool
    more: str  # the end of the address of the next page
    live: str  # of this one; "" does not ask again
    filtered: bool
    capture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TracesPage(TraceRows):
    """`/traces`."""

    template: ClassVar[str] = "traces/index.html"
    typed: dict[str, str]
    statuses: Choices
    periods: Choices
    lengths: Choices
    days: int
    deleted: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One event of the waterfall. `x` and `width` are parts of WIDTH."""

    start: str
    text: str
    took: str
    kind: str
    group: str
    x: int
    width: int
    data: str  # pretty JSON, "" for nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class TracePage(Page):
    """`/traces/{id}`."""

    template: ClassVar[str] = "traces/show.html"
    id: int
    title: str
    status: str
    tone: str
    facts: list[tuple[str, str]]
    bars: list[Bar]
    truncated: bool
    running: bool
    chat: str  # href of the answer
    others: Choices = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What happened in two traces at the same place; "" where it happened in one only."""

    left: str
    left_at: str
    right: str
    right_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonPage(Page):
    """`/traces/{id}/comparison`."""

    template: ClassVar[str] = "traces/compare.html"
    left: int
    right: int
    facts: list[tuple[str, str, str]]
    pairs: list[Pair]


def line_of(row: TraceRow, *, admin: bool) -> TraceLine:
    """A trace as the list shows it."""
    question = " ".join(str(row.metadata.get("question", "")).split())
    return TraceLine(
        id=row.id,
        status=_(STATUSES.get(row.status, row.status)),
        tone=TONES.get(row.status, ""),
        title=row.title or question[:80] or _("Trace %(id)s", id=row.id),
        username=row.username,
        model=row.model_name or row.model,
        connection=row.connection if admin else "",
        began=Moment.of(row.started_at),
        took=took(row.duration * 1000) if row.duration is not None else "",
        running=row.ended_at is None,
    )


def bars(lines: Sequence[Line]) -> list[Bar]:
    """The waterfall: events in the order in which they began, each as a bar on one scale."""
    whole = max((line.start + (line.event.duration or 0) for line in lines), default=0) or 1
    return [_bar(line, whole) for line in sorted(lines, key=lambda line: (line.event.at, line.event.seq))]


def choices(pairs: Sequence[tuple[str, str]]) -> Choices:
    """Values with their labels in the reader's language."""
    return [(value, _(label)) for value, label in pairs]


def _bar(line: Line, whole: int) -> Bar:
    event = line.event
    duration = event.duration or 0
    x = min(WIDTH - 4, max(0, line.start * WIDTH // whole))
    return Bar(
        start=took(max(0, line.start)),
        text=line.text,
        took=took(duration) if event.duration is not None else "",
        kind=event.kind,
        group=GROUPS.get(event.kind, "note"),
        x=x,
        width=max(4, min(WIDTH - x, duration * WIDTH // whole)),
        data=_pretty(event.data),
    )


def _pretty(data: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() if data else ""
