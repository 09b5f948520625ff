"""Sums and waiting times -> figures and tables in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parley.chat.measures import money, seconds, short_count
from parley.lib.db import Row
from parley.usage.pages import Figure, Line, Sheet
from parley.usage.queries import Histogram, Sums, Used, Waits
from parley.usage.waits import percentile
from parley.web.i18n import _, ngettext

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Names:
    """What models, connections and people are called; those that are gone have none."""

    models: Mapping[str, str]
    connections: Mapping[int, str]
    people: Mapping[int, Row]

    def model(self, id: str) -> str:
        """A model's name; its id when it is no longer offered."""
        return self.models.get(id, id)

    def connection(self, id: int) -> str:
        """A connection's name."""
        return self.connections.get(id) or _("A deleted connection")

    def person(self, id: int) -> str:
        """A person's name; visitors have none, and neither have deleted accounts."""
        row = self.people.get(id)
        if row is None:
            return _("A deleted account (%(id)s)", id=id)
        return _("Visitor %(id)s", id=id) if row["role"] == "visitor" else str(row["username"])


def figures(used: Used, waits: Waits) -> list[Figure]:
    """The numbers over everything."""
    total = used.total
    failed = f"{100 * total.errors / total.messages:.1f}".removesuffix(".0") + " %" if total.messages else ""
    unpriced = (
        ngettext("%(n)s answer without a price", "%(n)s answers without a price", total.unpriced)
        if total.unpriced
        else ""
    )
    first, most = (_waited(percentile(waits.total, share)) for share in (0.5, 0.95))
    return [
        Figure(
            _("Tokens"),
            _short(total.tokens),
            _(
                "%(read)s read, %(written)s written",
                read=_short(total.prompt_tokens),
                written=_short(total.completion_tokens),
            ),
        ),
        Figure(_("Cost"), money(total.cost_nano), unpriced),
        Figure(_("Answers"), f"{total.messages:,}"),
        Figure(_("Failed"), f"{total.errors:,}", failed),
        Figure(_("First words after"), first, _("%(time)s for 95 of 100", time=most)),
        Figure(_("Whole answer after"), _mean(total.duration_ms, total.messages), _("on average")),
    ]


def sheets(used: Used, waits: Waits) -> list[Sheet]:
    """The charts by day, with their tables; days without anything are left out of these."""
    days = [(day.isoformat(), sums, waits.by_day.get(day, {})) for day, sums in reversed(used.by_day.items())]
    days = [each for each in days if each[1].messages]
    tokens = (_("Date"), _("Read"), _("From the cache"), _("Written"), _("Reasoning"))
    counts = (_("Date"), _("Answers"), _("Failed"))
    times = (_("Date"), _("Half of them"), _("95 of 100"), _("Whole answer"))
    found = [
        Sheet("tokens", _("Tokens by day"), tokens, [Line(day, _tokens(sums)) for day, sums, _all in days]),
        Sheet(
            "messages",
            _("Answers by day"),
            counts,
            [Line(day, (f"{sums.messages:,}", f"{sums.errors:,}")) for day, sums, _all in days],
        ),
        Sheet(
            "waits",
            _("Waiting for the first words"),
            times,
            [
                Line(day, (*_times(histogram), _mean(sums.duration_ms, sums.messages)))
                for day, sums, histogram in days
            ],
        ),
    ]
    if used.total.cost_nano:
        lines = [Line(day, (money(sums.cost_nano),)) for day, sums, _all in days]
        found.insert(1, Sheet("cost", _("Cost by day"), (_("Date"), _("Cost")), lines))
    return found


def ranking(
    key: str,
    title: str,
    what: str,
    parties: Sequence[tuple[str, Sums, str]],
    waits: Mapping[str, Histogram] | None = None,
) -> Sheet:
    """Who or what used how much, most first; `parties` are (name, sums, address), waits go by name."""
    head = (what, _("Answers"), _("Failed"), _("Read"), _("Written"), _("Cost"))
    more = (_("First words"), _("95 of 100")) if waits is not None else (_("First words, on average"),)
    lines = []
    for name, sums, href in parties:
        times = _times(waits.get(name, {})) if waits is not None else (_mean(sums.first_ms, sums.began),)
        counts = (f"{sums.messages:,}", f"{sums.errors:,}")
        tokens = (_short(sums.prompt_tokens), _short(sums.completion_tokens))
        lines.append(Line(name, (*counts, *tokens, _cost(sums), *times), href))
    return Sheet(key, title, (*head, *more), lines, drawn=len(lines) > 1, folded=False)


def _tokens(sums: Sums) -> tuple[str, ...]:
    counts = (sums.prompt_tokens, sums.cached_tokens, sums.completion_tokens, sums.reasoning_tokens)
    return tuple(f"{count:,}" for count in counts)


def _times(histogram: Histogram) -> tuple[str, ...]:
    return _waited(percentile(histogram, 0.5)), _waited(percentile(histogram, 0.95))


def _waited(ms: int | None) -> str:
    return NOTHING if ms is None else seconds(ms)


def _mean(ms: int, count: int) -> str:
    return seconds(round(ms / count)) if count else NOTHING


def _cost(sums: Sums) -> str:
    return NOTHING if sums.unpriced and not sums.cost_nano else money(sums.cost_nano)


def _short(count: int) -> str:
    return f"{count:,}" if count < 10_000 else short_count(count)
