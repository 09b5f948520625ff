"""Which allowances count for whom: the most specific one of each kind. Pure.

An allowance is so many messages, tokens or billionths of the currency in a day, a week or a month, with one
model or with all together. A person's own replaces their group's, the group's that of all users or visitors,
where unit, period and model are the same. Administrators have only what names them. Pools are shared and
count beside: one of all visitors, and one of the visitors of each address range.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from parley.quotas.periods import period_of
from parley.quotas.reckoning import NO_GUESS, Guess
from parley.web.i18n import N_

UNITS = (("messages", N_("Messages sent")), ("tokens", N_("Tokens")), ("money", N_("Money")))
USER, GROUP, USERS, VISITORS = "user", "group", "users", "visitors"
RANGE, EVERYBODY = "range", "pool"  # shared by visitors
SCOPES = (
    (USERS, N_("Every user")),
    (VISITORS, N_("Every visitor")),
    (RANGE, N_("Visitors of one network, together")),
    (EVERYBODY, N_("All visitors together")),
    (GROUP, N_("Everybody in a group")),
    (USER, N_("One person")),
)
ALL_VISITORS = "visitors"  # the key of their pool
_RANK = {VISITORS: 1, USERS: 1, GROUP: 2, USER: 3}


@dataclass(frozen=True, slots=True)
class Rule:
    """One allowance as it is stored; `most` None is without limit, `model` "" is all models together."""

    id: int
    scope: str
    subject: str  # the id of a user or a group
    model: str
    unit: str
    period: str
    most: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, as far as allowances care."""

    id: int
    role: str  # visitor, user or admin
    group: int | None = None
    network: str = ""  # of a visitor: their address range
    zone: str = "UTC"
    language: str = ""

    @property
    def pools(self) -> tuple[str, ...]:
        """The keys of what this person shares with others."""
        if self.role != "visitor":
            return ()
        return (ALL_VISITORS, f"range {self.network}") if self.network else (ALL_VISITORS,)


@dataclass(frozen=True, slots=True)
class Slot:
    """A limit that counts for somebody now: what is counted under `key` from `start` to `end`."""

    key: str
    model: str
    unit: str
    period: str
    start: int
    end: int
    most: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that decides whether somebody may have an answer now."""

    person: Person
    model: str
    at: int  # ms; the charge counts for the periods this lies in
    slots: tuple[Slot, ...] = ()
    guess: Guess = NO_GUESS  # what its answer may take: set aside until the end says what it took
    per_minute: int = 0  # 0 is without limit
    concurrent: int = 0
    keys: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """The counters that may hold this charge."""
        object.__setattr__(self, "keys", keys_of(self.person.id, self.person.pools))


def keys_of(owner: int, pools: Iterable[str]) -> tuple[str, ...]:
    """The keys of all counters a person's charges belong to: their own and those of their pools."""
    return (f"user {owner}", *pools)


def slots_of(rules: Iterable[Rule], person: Person, now: int, model: str | None = None) -> tuple[Slot, ...]:
    """The limits that count for `person`; with `model`, only those that its answers fall under."""
    chosen: dict[tuple[str, str, str, str], Rule] = {}
    for rule in rules:
        key = _key_for(rule, person)
        if key is None or (model is not None and rule.model not in ("", model)):
            continue
        kind = (key, rule.model, rule.unit, rule.period)
        if kind not in chosen or _RANK.get(rule.scope, 0) > _RANK.get(chosen[kind].scope, 0):
            chosen[kind] = rule
    slots = []
    for (key, of_model, unit, period), rule in sorted(chosen.items()):
        if rule.most is not None:
            # A pool is shared by people of many zones: its days are UTC's.
            stretch = period_of(period, now, person.zone if key.startswith("user ") else "UTC")
            slots.append(Slot(key, of_model, unit, period, stretch.start, stretch.end, rule.most))
    return tuple(slots)


def _key_for(rule: Rule, person: Person) -> str | None:
    """Under which key this rule counts for this person; None when it is not about them."""
    own = f"user {person.id}"
    match rule.scope:
        case "user":
            return own if rule.subject == str(person.id) else None
        case "group":
            return own if person.group is not None and rule.subject == str(person.group) else None
        case "users":
            return own if person.role == "user" else None
        case "visitors":
            return own if person.role == "visitor" else None
        case "range":
            return f"range {person.network}" if person.role == "visitor" and person.network else None
        case _:
            return ALL_VISITORS if person.role == "visitor" else None
