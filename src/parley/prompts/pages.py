"""What the pages of the library show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.accounts.actor import Actor
from parley.chat.pages import Moment
from parley.chat.presenting import moment
from parley.prompts.access import PromptRow, may_change
from parley.prompts.queries import VersionRow
from parley.prompts.variables import Blank, blanks_of
from parley.web.i18n import lang_of_text
from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptLine:
    """A prompt in a list."""

    id: int
    command: str
    title: str
    lang: str
    begins: str  # of its text
    shared: bool
    author: str  # "" for one's own
    may_change: bool
    body: str
    blanks: list[Blank]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """A prompt as it once was."""

    number: int
    title: str
    body: str
    author: str
    when: Moment
    current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPage(Page):
    """`/prompts`."""

    template: ClassVar[str] = "prompts/index.html"
    prompts: list[PromptLine]
    search: str
    next_href: str
    deleted: int = 0  # one that can be brought back


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPage(Page):
    """`/prompts/new` (id None) and `/prompts/{id}`."""

    template: ClassVar[str] = "prompts/edit.html"
    id: int | None
    command: str
    title: str
    body: str
    shared: bool
    author: str = ""
    may_change: bool = True
    versions: list[VersionLine] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFragment(Page):
    """`GET /f/prompts?q=`: the list above the composer."""

    template: ClassVar[str] = "prompts/_offered.html"
    prompts: list[PromptLine]


def line(prompt: PromptRow, actor: Actor) -> PromptLine:
    """A prompt as a list shows it."""
    return PromptLine(
        id=prompt.id,
        command=prompt.command,
        title=prompt.title,
        lang=lang_of_text(prompt.title),
        begins=" ".join(prompt.body[:200].split()),
        shared=prompt.shared,
        author="" if prompt.owner == actor.id else prompt.author,
        may_change=may_change(prompt, actor),
        body=prompt.body,
        blanks=blanks_of(prompt.body),
    )


def version_line(version: VersionRow, current: int) -> VersionLine:
    """A version as the page shows it."""
    return VersionLine(
        number=version.number,
        title=version.title,
        body=version.body,
        author=version.author,
        when=moment(version.created_at),
        current=version.number == current,
    )
