"""What the templates of imports receive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from parley.accounts.pages import Moment
from parley.importing.notes import sentences
from parley.importing.queries import PAGE, ItemRow, JobRow
from parley.importing.scripts import LIBRARY
from parley.importing.sources import SOURCES
from parley.web.i18n import N_, _, lang_of_text, ngettext
from parley.web.render import Page

STATES = {
    "queued": (N_("waiting"), ""),
    "running": (N_("under way"), ""),
    "done": (N_("done"), "good"),
    "error": (N_("ended early"), "bad"),
    "cancelled": (N_("stopped"), "warn"),
}
OUTCOMES = {
    "new": (N_("new"), "good"),
    "updated": (N_("added to"), "good"),
    "known": (N_("already here"), ""),
    "failed": (N_("left out"), "bad"),
}
OF_LIBRARY = (N_("new"), "good")


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with a colour."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class JobView:
    """One import as a line of the list and as the head of its report."""

    id: int
    name: str
    source: str
    state: Badge
    is_open: bool
    percent: int
    size: str
    begun: Moment
    error: str
    looked_at: str  # how many chats so far


@dataclass(frozen=True, slots=True)
class Tab:
    """One way to filter a report."""

    value: str
    label: str
    number: int
    current: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """One conversation of a report."""

    id: int
    title: str
    lang: str
    outcome: Badge
    conversation: int | None
    messages: str
    notes: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsPage(Page):
    """`/account/imports`."""

    template: ClassVar[str] = "importing/index.html"
    jobs: list[JobView]
    older: int | None
    largest: str  # in MB, for people
    most: int  # bytes
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPage(Page):
    """`/account/imports/{id}`."""

    template: ClassVar[str] = "importing/show.html"
    job: JobView
    tabs: list[Tab]
    lines: list[LineView]
    outcome: str
    after: int | None  # of the next page
    brought: int  # conversations that first came with it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFragment(Page):
    """The part of it that changes while the import goes on."""

    template: ClassVar[str] = "importing/_report.html"
    job: JobView
    tabs: list[Tab]
    lines: list[LineView]
    outcome: str
    after: int | None


def job_view(row: JobRow) -> JobView:
    """A row in words."""
    word, kind = STATES.get(row.status, (row.status, ""))
    looked_at = row.total if row.total is not None else row.done
    return JobView(
        id=row.id,
        name=row.name,
        source=SOURCES.get(row.source).label if row.source in SOURCES else "",
        state=Badge(_(word), kind),
        is_open=row.is_open,
        percent=row.percent,
        size=size_of(row.size),
        begun=Moment.of(row.created_at),
        error=_(row.error) if row.error else "",
        looked_at=f"{looked_at:,}",
    )


def imports_page(rows: Sequence[JobRow], limit: int, largest: int, error: str = "") -> ImportsPage:
    """The list; one row more than `limit` was asked for to know whether there are older ones."""
    shown = rows[:limit]
    return ImportsPage(
        jobs=[job_view(row) for row in shown],
        older=shown[-1].id if len(rows) > limit else None,
        largest=f"{largest // 1_000_000:,}",
        most=largest,
        error=error,
    )


def report_of(job: JobRow, counts: Mapping[str, int], rows: Sequence[ItemRow], outcome: str) -> ReportPage:
    """A page of a report; one row more than PAGE was asked for to know whether it goes on."""
    shown = rows[:PAGE]
    return ReportPage(
        job=job_view(job),
        tabs=_tabs(counts, outcome),
        lines=[_line(row) for row in shown],
        outcome=outcome,
        after=shown[-1].id if len(rows) > PAGE else None,
        brought=counts.get("new", 0),
    )


def part_of(page: ReportPage) -> ReportFragment:
    """What of a report is asked for again and again."""
    return ReportFragment(
        job=page.job, tabs=page.tabs, lines=page.lines, outcome=page.outcome, after=page.after
    )


def size_of(size: int) -> str:
    """Bytes as people say them."""
    return f"{size / 1_000_000:,.1f} MB" if size >= 100_000 else f"{max(1, size // 1_000)} kB"


def _tabs(counts: Mapping[str, int], outcome: str) -> list[Tab]:
    every = sum(counts.get(word, 0) for word in OUTCOMES)
    tabs = [Tab("", _("All"), every, not outcome)]
    for word, (label, _kind) in OUTCOMES.items():
        if counts.get(word):
            tabs.append(Tab(word, _(label), counts[word], outcome == word))
    return tabs


def _line(row: ItemRow) -> LineView:
    word, kind = OUTCOMES.get(row.outcome, OF_LIBRARY)
    title = row.title or (_("Prompts") if row.outcome == LIBRARY else _("Without a title"))
    return LineView(
        id=row.id,
        title=title,
        lang=lang_of_text(row.title) if row.title else "",
        outcome=Badge(_(word), kind),
        conversation=row.conversation,
        messages=ngettext("%(n)s message", "%(n)s messages", row.messages) if row.messages else "",
        notes=sentences(row.notes),
    )
