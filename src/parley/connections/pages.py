"""What the templates of connections receive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from parley.connections import forms
from parley.connections.fields import service_of
from parley.connections.offers import Group, Offer, offer_of
from parley.connections.queries import ConnectionRow
from parley.connections.reporting import OutcomeLine, Probe, causes_of_check, probe_of, words_of
from parley.connections.verification import report_of
from parley.providers.base import REGISTRY, Kind
from parley.providers.presets import PRESETS
from parley.providers.sampling import EFFORTS
from parley.web.i18n import N_, _, ngettext
from parley.web.render import Page

SLOW_MS = 2000  # a list of models that takes longer is worth a word
EFFORT_WORDS = {
    "minimal": N_("minimal"),
    "low": N_("low"),
    "medium": N_("medium"),
    "high": N_("high"),
    "xhigh": N_("very high"),
    "max": N_("all it can"),
}
LOOKING_MS = 45_000  # a test takes 35 s at most; without an answer after this it was lost


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a template shows it."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A stored key in the form."""

    id: int
    label: str
    hint: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class OptionField:
    """A field only this kind of provider has."""

    name: str
    label: str
    hint: str
    placeholder: str
    required: bool


@dataclass(frozen=True, slots=True)
class FormView:
    """The form of a connection. `me` begins the ids of its fields."""

    me: str
    offer: Offer
    values: Mapping[str, str]
    errors: Mapping[str, str]
    keys: list[KeyLine]
    auths: list[tuple[str, str]]
    further: list[OptionField]
    tag_modes: list[tuple[str, str]]
    reasoning_modes: list[tuple[str, str]]
    efforts: list[tuple[str, str]]
    advanced_open: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One connection as its card shows it."""

    id: int
    name: str
    provider: str
    offer: Offer
    base_url: str
    keys: list[KeyLine]
    enabled: bool
    built_in: bool
    looking: bool  # a check is under way
    badge: str
    tone: str  # "", good, warn or bad
    models: str
    problem: str  # what is wrong, in our words
    detail: str  # in the provider's words
    causes: list[str]  # what is likely wrong, and what to do
    failing_since: Moment | None
    worked_at: Moment | None
    form: FormView
    tested_at: Moment | None  # of the last thorough test
    probes: list[Probe]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsPage(Page):
    """`/admin/connections`."""

    template: ClassVar[str] = "connections/index.html"
    cards: list[Card]
    groups: list[Group]
    form: FormView
    outcomes: list[OutcomeLine] | None = None  # of an import
    passing: Mapping[str, str] = field(default_factory=dict)  # what is wrong with an import or export


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


def form_of(
    offer: Offer,
    row: ConnectionRow | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> FormView:
    """The form of a stored connection or, without a `row`, the one that adds another."""
    kind = service_of(offer.value)[0] if offer.value in REGISTRY or offer.value in PRESETS else None
    values = forms.texts_of(row) if row else {"baseUrl": offer.default_url, "tagMode": "default"}
    if row is None and offer.value in PRESETS:
        values["models"] = "\n".join(PRESETS.get(offer.value).listed)
    failed = errors or {}
    return FormView(
        me=f"connection-{row.id}" if row else "add",
        offer=offer,
        values={**values, **(typed or {})},
        errors=failed,
        keys=_key_lines(row),
        auths=_auths(kind),
        further=_further(kind),
        tag_modes=[("default", _("the usual pairs")), ("custom", _("a pair of its own")), ("off", _("off"))],
        reasoning_modes=[("", _("as the model likes")), ("on", _("on")), ("off", _("off"))],
        efforts=[("", _("as the model likes")), *((each, _(EFFORT_WORDS[each])) for each in EFFORTS)],
        advanced_open=bool(set(failed) - {"name", "baseUrl", "apiKey", "apiKeys", "provider"}),
    )


def _auths(kind: Kind | None) -> list[tuple[str, str]]:
    words = {"bearer": _("as a Bearer token"), "header": _("in a header"), "none": _("not at all")}
    named = [(each, words.get(each, each)) for each in (kind.auths if kind else ())]
    return [("", _("as usual for this provider")), *named] if len(named) > 1 else []


def _further(kind: Kind | None) -> list[OptionField]:
    return [
        OptionField(each.name, _(each.label), each.hint and _(each.hint), each.default, each.required)
        for each in (kind.options if kind else ())
    ]


def _key_lines(row: ConnectionRow | None) -> list[KeyLine]:
    return [KeyLine(each.id, each.label, each.hint, each.enabled) for each in (row.keys if row else ())]


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
    report = report_of(row.verification)
    service = row.preset if row.preset in PRESETS else row.provider
    offer = offer_of(service, theirs=row.base_url == offer_of(service).default_url)
    return Card(
        id=row.id,
        name=row.name,
        provider=row.provider,
        offer=offer,
        base_url=row.base_url,
        keys=_key_lines(row),
        enabled=row.enabled,
        built_in=row.built_in,
        looking=is_looking(row, now),
        badge=badge,
        tone=tone,
        models=ngettext("%(n)s model", "%(n)s models", row.models),
        problem=problem,
        detail=detail,
        causes=causes_of_check(row),
        failing_since=moment(row.failing_since),
        worked_at=moment(row.worked_at),
        form=form_of(offer, row, typed, errors),
        tested_at=moment(report.at) if report else None,
        probes=[probe_of(key) for key in report.keys] if report else [],
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
    report = report_of(row.verification)
    if report is not None and report.failure is not None:
        return _("does not answer"), "bad"
    if row.checked_at is None or row.check_latency_ms is None:
        return _("not tested"), "warn"
    if row.check_latency_ms > SLOW_MS:
        return _("slow, %(ms)s ms", ms=row.check_latency_ms), "warn"
    return _("works, %(ms)s ms", ms=row.check_latency_ms), "good"


def problem_of(row: ConnectionRow) -> tuple[str, str]:
    """The failure of the last check: our sentence in the reader's language, and the provider's words."""
    return words_of(row.check_error or "", row.check_code)


def moment(ms: int | None) -> Moment | None:
    """A time for people; the page turns it into the reader's own form."""
    if ms is None:
        return None
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return Moment(at.isoformat(timespec="seconds"), at.strftime("%Y-%m-%d %H:%M UTC"))
