"""What the administrator's pages of models show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

from parley.catalogue.listing import Filter
from parley.web.render import Page


class Choice(NamedTuple):
    """An option of a select."""

    value: str
    label: str


class Ability(NamedTuple):
    """A mark for something a model can do."""

    icon: str
    label: str


class Badge(NamedTuple):
    """A word beside a model's name."""

    text: str
    tone: str


class Moment(NamedTuple):
    """A time: exact, and in words."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A model in the table."""

    id: str
    name: str
    connection: str
    failing: bool
    kind: str
    abilities: list[Ability]
    window: str
    price: str
    who: str
    badges: list[Badge]
    edit: str  # query of its own page


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A connection that fails, why, and since when."""

    id: int
    name: str
    reason: str
    since: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsPage(Page):
    """Every model in a table that can be filtered and edited in bulk."""

    template: ClassVar[str] = "catalogue/index.html"
    rows: list[RowView]
    filter: Filter
    query: str  # of this page of the filter
    found: int
    total: int
    pages: int
    previous: str | None  # queries
    next: str | None
    connections: list[Choice]
    kinds: list[Choice]
    shows: list[Choice]
    access: list[Choice]
    failing: list[Failing]
    refreshing: list[str]  # names of connections that are being asked
    changed: int  # models the last form changed
    error: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFragment(Page):
    """Which connections are being asked; asks again until none is."""

    template: ClassVar[str] = "catalogue/_refreshing.html"
    refreshing: list[str]


class Ternary(NamedTuple):
    """Something a model can do: as is known, yes or no."""

    name: str
    label: str
    value: str  # "", yes or no
    known: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPage(Page):
    """One model: what is known, from where, and what an administrator says instead."""

    template: ClassVar[str] = "catalogue/edit.html"
    id: str
    name: str
    connection: str
    typed: Mapping[str, str]
    known: Mapping[str, str]  # what counts where nothing is said, by field
    abilities: list[Ternary]
    kinds: list[Choice]
    access: list[Choice]
    efforts: list[Choice]
    badges: list[Badge]
    changed: bool
    back: str  # query of the table
    errors: Mapping[str, str] = field(default_factory=dict)
