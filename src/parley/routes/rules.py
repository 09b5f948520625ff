"""The rules of a route: when each applies, and in which order their targets are asked. Pure.

A generalisation of choosing a model by the clock: DeepSeek, for instance, was cheaper from 00:30 to 08:30
Beijing time. A window of time is half open, [from, to), in a named zone; one that ends before it begins goes
over midnight and belongs to the day it began on. Clock times are compared as a clock on the wall shows them,
so on the day a zone skips or repeats an hour a window is an hour shorter or longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from parley.catalogue.models import ModelRow
from parley.catalogue.overrides import Price, PublicId, Word

MINUTES = 24 * 60
CLOCK = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Clock = Annotated[str, Meta(pattern=f"^$|{CLOCK}")]
Weekday = Annotated[str, Meta(pattern=f"^({'|'.join(WEEKDAYS)})$")]


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """One line of a route; what is empty does not restrict. Also the JSON in the row and on the wire."""

    target: PublicId  # a model's public id
    zone: Annotated[str, Meta(max_length=64)] = "UTC"  # a name of the IANA time zone database
    start: Clock = ""  # "HH:MM"; with `end`
    end: Clock = ""
    weekdays: Annotated[tuple[Weekday, ...], Meta(max_length=7)] = ()
    maxPriceInput: Price | None = None  # millionths of the currency per million tokens, at most
    maxPriceOutput: Price | None = None
    needs: Annotated[tuple[Word, ...], Meta(max_length=5)] = ()  # only for questions that need one of these
    healthy: bool = True  # not while the target's connection is failing


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a rule applies now, and the first thing that speaks against it; "" when it does.

    One of: time, weekday, gone, off, failing, price, unknown_price, capability, not_needed.
    """

    rule: Rule
    against: str = ""

    @property
    def applies(self) -> bool:
        """Whether its target may be asked."""
        return not self.against


def judged(
    rules: Sequence[Rule], models: Mapping[str, ModelRow], *, now: datetime, needs: frozenset[str]
) -> list[Verdict]:
    """A verdict on every rule, in their order; the first that applies wins.

    `models` are the targets by public id, `now` has a time zone, `needs` what the question asks for: a target
    must have all of it.
    """
    return [Verdict(rule, _against(rule, models.get(rule.target), now, needs)) for rule in rules]


def zone_is_known(name: str) -> bool:
    """Whether `name` is in the time zone database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return bool(name)


def in_window(rule: Rule, now: datetime) -> bool:
    """Whether the rule's clock and weekdays cover `now`."""
    return not _against_time(rule, now)


def next_change(rule: Rule, now: datetime) -> datetime | None:
    """When the rule's clock next opens or closes; None when it never does within a week."""
    zone = _zone(rule)
    inside = in_window(rule, now)
    today = now.astimezone(zone).date()
    clocks = {"00:00", rule.start or "00:00", rule.end or "00:00"}
    edges = sorted(
        datetime.combine(today + timedelta(days=day), time.fromisoformat(clock), zone).astimezone(UTC)
        for day in range(9)
        for clock in clocks
    )
    return next((edge for edge in edges if edge > now and in_window(rule, edge) != inside), None)


def _zone(rule: Rule) -> tzinfo:
    return ZoneInfo(rule.zone) if zone_is_known(rule.zone) else UTC


def _against(rule: Rule, model: ModelRow | None, now: datetime, needs: frozenset[str]) -> str:
    if against := _against_time(rule, now):
        return against
    if rule.needs and not needs & set(rule.needs):
        return "not_needed"
    if model is None or model.gone_at is not None:
        return "gone"
    if not model.available:
        return "off"
    if rule.healthy and model.failing_since is not None:
        return "failing"
    if not all(model.can(need) for need in needs):
        return "capability"
    return _against_price(rule, model)


def _against_time(rule: Rule, now: datetime) -> str:
    local = now.astimezone(_zone(rule))
    day = local.weekday()
    if rule.start and rule.end:
        start, end, minute = _minutes(rule.start), _minutes(rule.end), local.hour * 60 + local.minute
        if start < end and not start <= minute < end:
            return "time"
        if start > end and end <= minute < start:
            return "time"
        if start > end and minute < end:
            day = (day - 1) % 7  # the window began yesterday
    if rule.weekdays and WEEKDAYS[day] not in rule.weekdays:
        return "weekday"
    return ""


def _against_price(rule: Rule, model: ModelRow) -> str:
    limits = ((rule.maxPriceInput, model.prices.input), (rule.maxPriceOutput, model.prices.output))
    for most, price in limits:
        if most is not None and price is None:
            return "unknown_price"
        if most is not None and price is not None and price > most:
            return "price"
    return ""


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
