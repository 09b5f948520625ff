"""What the templates of routes receive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import msgspec

from parley.catalogue.models import ModelRow
from parley.routes.queries import RouteRow
from parley.routes.rules import WEEKDAYS, Rule, Verdict, next_change, zone_is_known
from parley.routes.typed import NEEDS
from parley.web.i18n import N_, _
from parley.web.render import Page

EMPTY_LINES = 1  # offered below the rules, for one more
DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
ABILITIES = {
    "vision": N_("pictures"),
    "tools": N_("tools"),
    "reasoning": N_("reasoning"),
    "json": N_("JSON"),
}
AGAINST = {
    "time": N_("Not at this time."),
    "weekday": N_("Not on this day."),
    "gone": N_("The provider does not offer this model any more."),
    "off": N_("Its connection is turned off."),
    "failing": N_("Its connection is failing."),
    "price": N_("It costs more than the rule allows."),
    "unknown_price": N_("Its price is not known, and the rule has a limit."),
    "capability": N_("It cannot do what the question needs."),
    "not_needed": N_("Only for questions that need something special."),
}
ZONES = ("UTC", "Asia/Shanghai", "Asia/Tokyo", "Europe/Berlin", "Europe/London", "America/New_York")


@dataclass(frozen=True, slots=True)
class Option:
    """A line of a select, or a box to tick."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as its form shows it."""

    number: int
    targets: list[Option]
    zone: str
    start: str
    end: str
    weekdays: list[Option]
    needs: list[Option]
    price_input: str
    price_output: str
    healthy: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule in words, with how it stands now."""

    target: str
    when: str
    wins: bool
    verdict: str
    until: str  # when its clock changes next; "" when it never does


@dataclass(frozen=True, slots=True)
class RouteCard:
    """One route."""

    id: int
    name: str
    model_id: str
    enabled: bool
    rules: list[RuleView]
    lines: list[RuleLine]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutesPage(Page):
    """`/admin/routes`."""

    template: ClassVar[str] = "routes/index.html"
    cards: list[RouteCard]
    lines: list[RuleLine]  # of the form for a new one
    zones: tuple[str, ...] = ZONES
    name: str = ""
    error: str = ""


def card_of(
    route: RouteRow, verdicts: Sequence[Verdict], models: Mapping[str, ModelRow], now: datetime
) -> RouteCard:
    """A route with what its rules say at `now`."""
    winner = next((verdict for verdict in verdicts if verdict.applies), None)
    return RouteCard(
        route.id,
        route.name,
        route.public_id,
        route.enabled,
        [_view(verdict, models, now, wins=verdict is winner) for verdict in verdicts],
        lines_of(msgspec.to_builtins(route.rules), models.values()),
    )


def lines_of(
    rules: Sequence[Mapping[str, Any]], models: Iterable[ModelRow], errors: Mapping[str, str] | None = None
) -> list[RuleLine]:
    """The rules (as JSON) to edit, and an empty line below them."""
    choices = [(each.id, f"{each.name} · {each.connection_name}") for each in models if each.kind == "chat"]
    given: list[Mapping[str, Any]] = [*rules, *[{"healthy": True}] * EMPTY_LINES]
    return [_line(number, rule, choices, errors or {}) for number, rule in enumerate(given)]


def _line(
    number: int, rule: Mapping[str, Any], choices: Sequence[tuple[str, str]], errors: Mapping[str, str]
) -> RuleLine:
    target = rule.get("target", "")
    gone = [] if not target or any(id == target for id, _name in choices) else [(target, target)]
    return RuleLine(
        number,
        [Option(id, name, id == target) for id, name in [("", _("Choose a model")), *choices, *gone]],
        rule.get("zone", "") if target else "UTC",
        rule.get("start", ""),
        rule.get("end", ""),
        [
            Option(day, _(label), day in rule.get("weekdays", ()))
            for day, label in zip(WEEKDAYS, DAYS, strict=True)
        ],
        [Option(need, _(ABILITIES[need]), need in rule.get("needs", ())) for need in NEEDS],
        _price(rule.get("maxPriceInput")),
        _price(rule.get("maxPriceOutput")),
        rule.get("healthy", True),
        errors.get(f"rules.{number}", ""),
    )


def _view(verdict: Verdict, models: Mapping[str, ModelRow], now: datetime, *, wins: bool) -> RuleView:
    rule = verdict.rule
    model = models.get(rule.target)
    change = next_change(rule, now)
    zone = ZoneInfo(rule.zone) if zone_is_known(rule.zone) else now.tzinfo
    said = _("Would be next.") if verdict.applies else _(AGAINST[verdict.against])
    return RuleView(
        model.name if model else rule.target,
        in_words(rule),
        wins,
        _("Wins now.") if wins else said,
        _("Changes at %(time)s", time=change.astimezone(zone).strftime("%Y-%m-%d %H:%M")) if change else "",
    )


def in_words(rule: Rule) -> str:
    """When a rule applies, as a line."""
    parts = []
    if rule.start:
        parts.append(_("%(start)s to %(end)s, %(zone)s", start=rule.start, end=rule.end, zone=rule.zone))
    if rule.weekdays:
        days = (label for day, label in zip(WEEKDAYS, DAYS, strict=True) if day in rule.weekdays)
        parts.append(" ".join(map(_, days)))
    if rule.needs:
        abilities = _(", ").join(_(ABILITIES.get(need, need)) for need in rule.needs)
        parts.append(_("for questions with %(abilities)s", abilities=abilities))
    if rule.maxPriceInput is not None:
        parts.append(_("input at most %(price)s", price=_price(rule.maxPriceInput)))
    if rule.maxPriceOutput is not None:
        parts.append(_("output at most %(price)s", price=_price(rule.maxPriceOutput)))
    return " · ".join(parts) or _("Always")


def _price(millionths: object) -> str:
    """As somebody types it; what was no price stays as it was."""
    if isinstance(millionths, int):
        return f"{millionths / 1_000_000:.6f}".rstrip("0").rstrip(".")
    return str(millionths or "")
