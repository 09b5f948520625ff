"""What the templates of connections receive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from parley.connections.queries import ConnectionRow
from parley.providers.base import REGISTRY, SENTENCES
from parley.web.i18n import _, ngettext
from parley.web.render import Page

SLOW_MS = 2000  # a list of models that takes longer is worth a word
LOOKING_MS = 45_000  # a test takes 35 s at most; without an answer after this it was lost


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a template shows it."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class KindOption:
    """A provider in the form."""

    value: str
    label: str
    needs_url: bool
    needs_key: bool
    default_url: str
    key_hint: str


@dataclass(frozen=True, slots=True)
class Card:
    """One connection as its card shows it."""

    id: int
    name: str
    provider: str
    kind: KindOption
    base_url: str
    has_key: bool
    key_hint: str
    enabled: bool
    built_in: bool
    looking: bool  # a check is under way
    badge: str
    tone: str  # "", good, warn or bad
    models: str
    problem: str  # what is wrong, in our words
    detail: str  # in the provider's words
    failing_since: Moment | None
    worked_at: Moment | None
    typed: Mapping[str, str] = field(default_factory=dict)  # what a refused form held
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsPage(Page):
    """`/admin/connections`."""

    template: ClassVar[str] = "connections/index.html"
    cards: list[Card]
    kinds: list[KindOption]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFragment(Page):
    """One card, after an action or while a check is under way."""

    template: ClassVar[str] = "connections/_connection.html"
    card: Card


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneFragment(Page):
    """What takes the place of a deleted card."""

    template: ClassVar[str] = "connections/_gone.html"
    name: str


def kind_options() -> list[KindOption]:
    """Every provider an administrator can add; the demo is there already."""
    return [_option(kind.name) for kind in REGISTRY if kind.needs_url]


def _option(name: str) -> KindOption:
    if name not in REGISTRY:  # a row of a newer version
        return KindOption(name, name, True, True, "", "")
    kind = REGISTRY.get(name)
    return KindOption(
        kind.name, _(kind.label), kind.needs_url, kind.needs_key, kind.default_url, kind.key_hint
    )


def card_of(
    row: ConnectionRow,
    *,
    now: int,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> Card:
    """A row as a card at the time `now`."""
    badge, tone = status_of(row, now)
    problem, detail = problem_of(row)
    return Card(
        id=row.id,
        name=row.name,
        provider=row.provider,
        kind=_option(row.provider),
        base_url=row.base_url,
        has_key=bool(row.keys),
        key_hint=row.keys[0].hint if row.keys else "",
        enabled=row.enabled,
        built_in=row.built_in,
        looking=is_looking(row, now),
        badge=badge,
        tone=tone,
        models=ngettext("%(n)s model", "%(n)s models", row.models),
        problem=problem,
        detail=detail,
        failing_since=moment(row.failing_since),
        worked_at=moment(row.worked_at),
        typed=typed or {},
        errors=errors or {},
    )


def is_looking(row: ConnectionRow, now: int) -> bool:
    """Whether the check that follows a change is still under way."""
    stale = row.checked_at is None or row.checked_at < row.updated_at
    return row.enabled and stale and now - row.updated_at < LOOKING_MS


def status_of(row: ConnectionRow, now: int) -> tuple[str, str]:
    """Badge and tone of a connection."""
    if not row.enabled:
        return _("off"), ""
    if is_looking(row, now):
        return _("testing …"), ""
    if row.check_error is not None:
        return _("failing"), "bad"
    if not REGISTRY.get(row.provider).needs_url if row.provider in REGISTRY else False:
        return _("ready"), "good"
    if row.checked_at is None or row.check_latency_ms is None:
        return _("not tested"), "warn"
    if row.check_latency_ms > SLOW_MS:
        return _("slow, %(ms)s ms", ms=row.check_latency_ms), "warn"
    return _("works, %(ms)s ms", ms=row.check_latency_ms), "good"


def problem_of(row: ConnectionRow) -> tuple[str, str]:
    """The failure of the last check: our sentence in the reader's language, and the provider's words."""
    if row.check_error is None:
        return "", ""
    sentence = SENTENCES.get(row.check_code, "")
    if not sentence:
        return _(row.check_error), ""
    return _(sentence), row.check_error.removeprefix(sentence).strip()


def moment(ms: int | None) -> Moment | None:
    """A time for people; the page turns it into the reader's own form."""
    if ms is None:
        return None
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return Moment(at.isoformat(timespec="seconds"), at.strftime("%Y-%m-%d %H:%M UTC"))
