"""What the template of the engines receives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from parley.settings.catalogue import SETTINGS, Setting, Values, pin_name
from parley.settings.websearching import ALLOWED, BLOCKED, COUNT, ENGINES, engine_names
from parley.web.i18n import _, ngettext
from parley.web.render import Page
from parley.websearch.engines.base import REGISTRY, Engine
from parley.websearch.faults import sentence
from parley.websearch.queries import EngineRow
from parley.websearch.results import Result
from parley.websearch.searching import Attempt, missing

Form = Mapping[str, str]
EXAMPLE = "http://192.168.1.20:8080"
FORM: tuple[Setting[object], ...] = tuple(SETTINGS.get(each.key) for each in (COUNT, ALLOWED, BLOCKED))


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a template shows it."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True)
class EngineCard:
    """One engine."""

    name: str
    label: str
    about: str
    home: str
    home_name: str
    enabled: bool
    first: bool  # nobody is asked before it
    last: bool
    badge: str
    tone: str  # "", good, warn or bad
    problem: str
    failing_since: Moment | None
    worked_at: Moment | None
    takes_key: bool
    has_key: bool
    hint: str
    usual: str  # "" for one that somebody runs themselves
    example: str  # an address
    address: str
    errors: Form


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting of the form below the engines."""

    key: str
    label: str
    hint: str
    kind: str
    value: str
    error: str
    pinned: str  # the variable that decides, "" for none


@dataclass(frozen=True, slots=True)
class Tried:
    """What one engine made of the test."""

    label: str
    badge: str
    problem: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Page):
    """`/admin/search`."""

    template: ClassVar[str] = "websearch/index.html"
    cards: list[EngineCard]
    fields: list[SettingField]
    pinned: str  # the variable that decides which engines are on, "" for none
    ready: bool  # some engine is on
    unknown: str  # names among the engines that this version does not know
    saved: bool = False
    refused: str = ""  # what could not be done, and why
    query: str = ""
    query_error: str = ""
    tried: list[Tried] | None = None


def cards_of(
    values: Values, rows: Mapping[str, EngineRow], failed: tuple[str, Form] | None = None
) -> list[EngineCard]:
    """Those that are on in their order, then the others; `failed` is one and what is wrong in its form."""
    on = [name for name in engine_names(values) if name in REGISTRY]
    off = [engine.name for engine in REGISTRY if engine.name not in on]
    return [
        _card(REGISTRY.get(name), on, rows.get(name), failed[1] if failed and failed[0] == name else {})
        for name in (*on, *off)
    ]


def _card(engine: Engine, on: Sequence[str], row: EngineRow | None, errors: Form) -> EngineCard:
    enabled = engine.name in on
    badge, tone = _status(engine, row, enabled)
    fault = row.fault if row else ""
    return EngineCard(
        name=engine.name,
        label=engine.label,
        about=_(engine.about),
        home=engine.home,
        home_name=engine.home.partition("://")[2].partition("/")[0],
        enabled=enabled,
        first=enabled and on[0] == engine.name,
        last=enabled and on[-1] == engine.name,
        badge=badge,
        tone=tone,
        problem=sentence(fault) if fault else "",
        failing_since=moment(row.failing_since) if row else None,
        worked_at=moment(row.worked_at) if row else None,
        takes_key=engine.takes_key,
        has_key=bool(row and row.sealed),
        hint=row.hint if row else "",
        usual=engine.url,
        example=engine.url or EXAMPLE,
        address=errors.get("typed", row.address if row else ""),
        errors=errors,
    )


def _status(engine: Engine, row: EngineRow | None, enabled: bool) -> tuple[str, str]:
    lacks = missing(engine, row)
    if not enabled:
        return _("off"), ""
    if lacks:
        return (_("needs a key") if lacks == "no_key" else _("needs an address")), "warn"
    if row is None or row.tried_at is None:
        return _("not tested"), "warn"
    if row.fault:
        return _("failing"), "bad"
    return _("works, %(ms)s ms", ms=row.latency_ms or 0), "good"


def fields_of(values: Values, typed: Form, errors: Form) -> list[SettingField]:
    """How many results, and of which domains, with what was typed."""
    return [
        SettingField(
            each.key,
            _(each.label),
            _(each.help),
            each.kind,
            typed.get(each.key, str(values[each])),
            errors.get(each.key, ""),
            pin_name(each.key) if values.is_pinned(each.key) else "",
        )
        for each in FORM
    ]


def unknown_of(values: Values) -> str:
    """The names of engines that are on and that nobody knows here."""
    return ", ".join(name for name in engine_names(values) if name not in REGISTRY)


def pin_of(values: Values) -> str:
    """The variable that decides which engines are on, "" for none."""
    return pin_name(ENGINES.key) if values.is_pinned(ENGINES.key) else ""


def tried_of(attempts: Sequence[Attempt]) -> list[Tried]:
    """The test, engine by engine."""
    return [
        Tried(each.engine.label, _found(each), sentence(each.fault) if each.fault else "", each.results)
        for each in attempts
    ]


def _found(tried: Attempt) -> str:
    if tried.fault:
        return ""
    return ngettext(
        "%(n)s result in %(ms)s ms", "%(n)s results in %(ms)s ms", len(tried.results), ms=tried.ms
    )


def moment(ms: int | None) -> Moment | None:
    """A time for people; the page turns it into the reader's own form."""
    if ms is None:
        return None
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return Moment(at.isoformat(timespec="seconds"), at.strftime("%Y-%m-%d %H:%M UTC"))
