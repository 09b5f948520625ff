"""What the templates of allowances receive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.quotas.periods import PERIODS
from parley.quotas.queries import Meter, NamedRule, Spent
from parley.quotas.rules import ALL_VISITORS, SCOPES, UNITS, Rule
from parley.quotas.wording import allowance, amount, anew, rounded, used_up
from parley.web.i18n import _
from parley.web.render import Page

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterLine:
    """How much of an allowance is used."""

    allowance: str  # "50 messages a day"
    used: str
    percent: int
    anew: str
    says: str = ""  # at 80 % and at 100 %
    full: bool = False

    @classmethod
    def of(cls, meter: Meter, *, own: bool = True) -> MeterLine:
        """In the reader's language; sentences only about their own."""
        slot = meter.slot
        full = meter.used >= slot.most
        shared = not slot.key.startswith("user ")
        says = used_up(slot, meter.zone) if full else ""
        of = allowance(slot.unit, slot.period, slot.most, slot.model)
        if shared:
            of = f"{_(dict(SCOPES)['pool' if slot.key == ALL_VISITORS else 'range'])}: {of}"
        if not full and meter.percent >= 80:
            says = _(
                "%(used)s of %(allowance)s are used. Resets: %(when)s.",
                used=f"{meter.percent} %", allowance=of, when=anew(slot, meter.zone),
            )  # fmt: skip
        return cls(
            allowance=of,
            used=amount(slot.unit, meter.used),
            percent=meter.percent,
            anew=anew(slot, meter.zone) + (" UTC" if shared else ""),
            says=says if own else "",
            full=full,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """An allowance in the administrators' list."""

    id: int
    whose: str
    allowance: str

    @classmethod
    def of(cls, named: NamedRule) -> RuleLine:
        """In the reader's language."""
        rule = named.rule
        says = _("without limit (%(unit)s)", unit=_unit(rule)) if rule.most is None else ""
        if rule.most is not None:
            says = allowance(rule.unit, rule.period, rule.most, rule.model)
        return cls(id=rule.id, whose=named.name or _(dict(SCOPES)[rule.scope]), allowance=says)


def _unit(rule: Rule) -> str:
    words = [_(dict(UNITS)[rule.unit]), _(dict(PERIODS)[rule.period]), rule.model]
    return ", ".join(filter(None, words))


@dataclass(frozen=True, slots=True, kw_only=True)
class SpentLine:
    """What somebody was charged."""

    owner: int
    name: str
    messages: str
    tokens: str
    money: str

    @classmethod
    def of(cls, spent: Spent) -> SpentLine:
        """In the reader's language."""
        return cls(
            owner=spent.owner if spent.username else 0,
            name=_("Visitors") if spent.owner == 0 else spent.username or _("deleted"),
            messages=f"{spent.messages:,}",
            tokens=f"{spent.tokens:,}",
            money=rounded(spent.nano) if spent.nano else "–",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotasPage(Page):
    """`/admin/quotas`."""

    template: ClassVar[str] = "quotas/index.html"

    shared: list[RuleLine]
    own: list[RuleLine]
    own_count: int
    own_more: str  # where the list goes on
    spent: list[SpentLine]
    spent_more: str
    period: str
    periods: Choices
    scopes: Choices
    models: Choices
    units: Choices
    person: str = ""  # whose meters are shown
    person_id: int = 0
    meters: list[MeterLine] = field(default_factory=list)
    done: str = ""  # a sentence about what was done
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
