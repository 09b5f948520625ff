"""What the templates of administration receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parley.chat.branches.queries import RatingRow
from parley.chat.presenting import moment
from parley.web.i18n import lang_of_text
from parley.web.render import Page


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody thinks of an answer."""

    username: str
    good: bool
    comment: str
    model: str
    excerpt: str
    lang: str
    iso: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsPage(Page):
    """`/admin/ratings`. `more` is the place in the list where it goes on."""

    template: ClassVar[str] = "admin/ratings.html"
    rows: list[Rated]
    more: str


def rated(row: RatingRow, longest: int) -> Rated:
    """A rating as the page shows it, with at most `longest` characters of the answer."""
    when = moment(row.updated_at)
    text = " ".join(row.excerpt.split())
    return Rated(
        username=row.username,
        good=row.value > 0,
        comment=row.comment,
        model=row.model,
        excerpt=text if len(row.excerpt) <= longest else text[:longest].rstrip() + "…",
        lang=lang_of_text(text),
        iso=when.iso,
        at=when.text,
    )
