"""What the search page and its results show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parley.chat.pages import Moment
from parley.search.marking import Piece
from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultLine:
    """One place in a chat: who said it, the words round what was found, where it leads."""

    who: str
    pieces: list[Piece]
    lang: str
    href: str
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultGroup:
    """A chat in which something was found; `more` says how much else, `more_href` shows it."""

    title: list[Piece]
    lang: str
    href: str
    model: str
    folder: str
    archived: bool
    pinned: bool
    moment: Moment
    lines: list[ResultLine]
    more: str = ""
    more_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreResults(Page):
    """`GET /f/search?before=`: the results that follow, without what stands round them."""

    template: ClassVar[str] = "search/_groups.html"
    groups: list[ResultGroup]
    next_href: str = ""
    continued: bool = False  # not the first page


@dataclass(frozen=True, slots=True, kw_only=True)
class Results(MoreResults):
    """`GET /f/search`: what was found, or what to try; `summary` is also said aloud."""

    template: ClassVar[str] = "search/_results.html"
    query: str
    summary: str = ""
    narrowed: bool = False  # filters leave something out
    plain_href: str = ""  # the same question without them
    behind: bool = False  # not everything is indexed yet


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(Results):
    """`GET /search`."""

    template: ClassVar[str] = "search/index.html"
    typed: dict[str, str]  # the filters as they were given
    roles: list[tuple[str, str]]
    models: list[tuple[str, str]]
    folders: list[tuple[str, str]]
    chat_title: str = ""  # only this chat is looked through
