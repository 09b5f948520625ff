"""Pages of traces put together. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.settings.general import TIME_ZONE
from parley.settings.queries import load
from parley.settings.tracing import CAPTURE, RETENTION
from parley.traces import filters, pages, queries, story
from parley.traces.queries import EventRow, Filter, TraceRow
from parley.traces.seeing import for_reader
from parley.traces.story import Line
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

OTHERS = 30  # traces offered for a comparison
NOTHING = Filter()


async def list_page(
    resources: Resources, actor: Actor, query: Mapping[str, str], before: int | None
) -> pages.TracesPage:
    """`/traces` as the address asks for it; a constant number of queries."""
    given = filters.typed(query)
    wanted = filters.filter_of(given, now_ms())
    rows = await queries.traces(resources.db, actor, wanted, before=before, limit=queries.PAGE + 1)
    values = await load(resources.db)
    shown = rows[: queries.PAGE]
    return pages.TracesPage(
        rows=[pages.line_of(row, admin=actor.is_admin) for row in shown],
        admin=actor.is_admin,
        more=filters.as_query(given, before=shown[-1].id) if len(rows) > queries.PAGE else "",
        live="" if before else filters.as_query(given) or "?",
        filtered=any(given.values()),
        capture=values[CAPTURE],
        typed=given,
        statuses=[("", _("Any status")), *pages.choices(tuple(story.STATUSES.items()))],
        periods=pages.choices(filters.PERIODS),
        lengths=pages.choices(filters.LENGTHS),
        days=values[RETENTION],
    )


async def trace_page(resources: Resources, actor: Actor, id: int) -> pages.TracePage:
    """`/traces/{id}`."""
    row, events = await read(resources, actor, id)
    newest = await queries.traces(resources.db, actor, NOTHING, limit=OTHERS + 1)
    mine = pages.line_of(row, admin=actor.is_admin)
    others = [pages.line_of(each, admin=False) for each in newest if each.id != id]
    chat = f"/chat/{row.conversation}#m{row.message}" if row.title and row.owner == actor.id else ""
    return pages.TracePage(
        id=id,
        title=mine.title,
        status=mine.status,
        tone=mine.tone,
        facts=[fact for fact in story.summary(row, await zone_of(resources, actor))[1:] if fact[1]],
        bars=pages.bars(story.lines(row, events)),
        truncated=row.truncated or len(events) >= queries.SHOWN,
        running=mine.running,
        chat=chat,
        others=[
            (str(each.id), f"#{each.id} · {each.title[:40]} · {each.took or each.status}") for each in others
        ],
    )


async def comparison(resources: Resources, actor: Actor, left: int, right: int) -> pages.ComparisonPage:
    """Two traces side by side; raises NotFound when one of them may not be seen."""
    one, ones = await read(resources, actor, left)
    two, twos = await read(resources, actor, right)
    zone = await zone_of(resources, actor)
    facts = zip(story.summary(one, zone), story.summary(two, zone), strict=True)
    return pages.ComparisonPage(
        left=left,
        right=right,
        facts=[(a[0], a[1], b[1]) for a, b in facts if a[1] or b[1]],
        pairs=_pairs(story.lines(one, ones), story.lines(two, twos)),
    )


async def read(
    resources: Resources, actor: Actor, id: int, limit: int = queries.SHOWN
) -> tuple[TraceRow, list[EventRow]]:
    """A trace with its first events, as far as the actor may see them; raises NotFound."""
    row = await queries.trace_for(resources.db, id, actor)
    events = await queries.events_of(resources.db, id, limit)
    return for_reader(row, events, admin=actor.is_admin)


async def zone_of(resources: Resources, actor: Actor) -> ZoneInfo:
    """The time zone of somebody's reading."""
    try:
        return ZoneInfo(actor.time_zone or (await load(resources.db))[TIME_ZONE] or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _pairs(left: list[Line], right: list[Line]) -> list[pages.Pair]:
    """The same kinds of events beside each other, in the order of both."""
    matcher = SequenceMatcher(
        None, [a.event.kind for a in left], [b.event.kind for b in right], autojunk=False
    )
    found: list[pages.Pair] = []
    for _how, a, a_end, b, b_end in matcher.get_opcodes():
        for n in range(max(a_end - a, b_end - b)):
            one = left[a + n] if a + n < a_end else None
            two = right[b + n] if b + n < b_end else None
            found.append(
                pages.Pair(
                    left=one.text if one else "",
                    left_at=_at(one),
                    right=two.text if two else "",
                    right_at=_at(two),
                )
            )
    return found


def _at(line: Line | None) -> str:
    return story.took(max(0, line.start + (line.event.duration or 0))) if line else ""
