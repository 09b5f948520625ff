"""What the palette and the list of keys show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One line: a page to go to, or a control of the page to press (`press`, a CSS selector)."""

    label: str
    icon: str
    path: str = ""
    press: str = ""
    feature: str = ""
    key: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferGroup:
    """Lines under one heading."""

    id: str
    label: str
    offers: list[Offer]


@dataclass(frozen=True, kw_only=True)
class OffersFragment(Page):
    """`GET /f/palette?q=`: the lines."""

    template: ClassVar[str] = "chat/_offers.html"

    groups: list[OfferGroup]


@dataclass(frozen=True, kw_only=True)
class PaletteFragment(OffersFragment):
    """`GET /f/palette`: the dialog with its field and the first lines."""

    template: ClassVar[str] = "chat/_palette.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyGroup:
    """Keys under one heading: the caps of each, and what it does."""

    label: str
    keys: list[tuple[list[str], str]]


@dataclass(frozen=True, kw_only=True)
class KeysPage(Page):
    """`GET /keys`: the list as a page."""

    template: ClassVar[str] = "chat/keys.html"

    groups: list[KeyGroup]


@dataclass(frozen=True, kw_only=True)
class KeysFragment(KeysPage):
    """`GET /f/keys`: the list as a dialog."""

    template: ClassVar[str] = "chat/_keys.html"
