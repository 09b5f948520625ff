"""What the pages of sharing show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup

from parley.accounts.pages import Moment
from parley.web.render import Page

NOTHING = Markup()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A file under a turn. `href` "" when it cannot be loaded from this page."""

    name: str
    line: str  # name and size
    href: str
    picture: bool
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTurn(Page):
    """One turn of a page that is only read."""

    template: ClassVar[str] = "sharing/_turn.html"
    key: str
    question: bool
    model: str
    when: str
    iso: str
    lang: str
    text: str
    html: Markup
    reasoning_html: Markup
    error: str
    files: list[ReadFile] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage(Page):
    """A conversation to read: shared, to print, or as a file (`style_html`, no scripts, nothing loaded)."""

    template: ClassVar[str] = "sharing/read.html"
    title: str
    title_lang: str
    note: str
    turns_html: Markup = NOTHING
    style_html: Markup = NOTHING
    printable: bool = False
    texts: list[tuple[str, str]] = field(default_factory=list)  # (href, label) of the same as text
    newer: str = ""  # href of the page before
    older: str = ""  # and after
    place: str = ""  # "1–50 of 120"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A message that can be ticked."""

    id: int
    who: str
    words: str
    lang: str
    ticked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """One link in a list."""

    id: int
    conversation: int
    title: str
    address: str
    path: str
    live: bool
    views: int
    views_text: str
    viewed: Moment | None
    since: Moment
    until: Moment | None
    expired: bool
    hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePanel(Page):
    """The dialog of a chat."""

    template: ClassVar[str] = "sharing/_panel.html"
    id: int
    title: str
    scope: str  # all, live or some
    choices: list[Choice]
    cut: bool  # whether there are older messages that are not offered
    has_files: bool
    shares: list[ShareLine]
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharePage(SharePanel):
    """The same as a page."""

    template: ClassVar[str] = "sharing/share.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPanel(Page):
    """The dialog once the link is made."""

    template: ClassVar[str] = "sharing/_shared.html"
    share: ShareLine


@dataclass(frozen=True, slots=True, kw_only=True)
class SharesPage(Page):
    """All links of a person; `made` is the id of the one just made."""

    template: ClassVar[str] = "sharing/index.html"
    shares: list[ShareLine]
    made: int
    older: str
    first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPage(Page):
    """Taking one's data along."""

    template: ClassVar[str] = "sharing/data.html"
    conversations: str
    files: str
