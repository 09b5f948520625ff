"""What the templates of usage receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parley.quotas.pages import MeterLine
from parley.web.render import Page

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A link to the same page for the last days."""

    text: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One number over everything, with what it is made of."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table; `href` leads to what its first word stands for."""

    name: str
    cells: tuple[str, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A chart, if `drawn`, and the table under it; `folded` tables open on a press."""

    key: str
    title: str
    head: tuple[str, ...]
    lines: list[Line]
    drawn: bool = True
    folded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePage(Page):
    """`/usage` and `/admin/usage`."""

    template: ClassVar[str] = "usage/index.html"
    everybody: bool  # an administrator's page
    only_meters: bool = False  # a visitor's
    path: str
    query: str
    ranges: list[Range]
    first: str
    last: str
    zone: str
    models: Choices
    model: str
    people: Choices
    user: str
    figures: list[Figure]
    sheets: list[Sheet]
    meters: list[MeterLine]
    empty: bool
