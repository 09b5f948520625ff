"""What the lists of chats show: plain values, ready to print."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.web.render import Page

Choices = list[tuple[str, str]]  # value and label


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRow:
    """One line of the sidebar list."""

    id: int
    title: str
    lang: str = ""  # BCP 47 tag of the title; "" = the page's
    current: bool = False
    running: bool = False
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationGroup:
    """Rows under one heading ("Today"). `label=""` goes on with the last heading of the page before."""

    label: str
    rows: list[ConversationRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A folder in the sidebar; a closed one has no rows until it is opened."""

    id: int
    name: str
    count: str = ""
    is_open: bool = False
    rows: list[ConversationRow] = field(default_factory=list)
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidebar:
    """Everything under the navigation: pinned, folders, the others by day."""

    pinned: list[ConversationRow]
    shelves: list[Shelf]
    groups: list[ConversationGroup]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a chat is in the order of its owner, or will be."""

    folder: Shelf | None = None
    pinned: bool = False
    archived: bool = False
    retitles: bool = False  # a model makes titles here


@dataclass(frozen=True, kw_only=True)
class SidebarFragment(Page):
    """`GET /f/chat/list`: the whole list."""

    template: ClassVar[str] = "chat/_sidebar_list.html"

    sidebar: Sidebar


@dataclass(frozen=True, kw_only=True)
class OlderFragment(Page):
    """`GET /f/chat/list?before=`: the rows after those already there."""

    template: ClassVar[str] = "chat/organising/_groups.html"

    sidebar: Sidebar


@dataclass(frozen=True, kw_only=True)
class ShelfFragment(Page):
    """`GET /f/chat/folders/{id}`: the rows of a folder of the sidebar."""

    template: ClassVar[str] = "chat/organising/_shelf_rows.html"

    shelf: Shelf


@dataclass(frozen=True, kw_only=True)
class ConversationRowFragment(Page):
    """The answer of a rename: the row, and the title in the bar if `current`."""

    template: ClassVar[str] = "chat/_renamed.html"

    row: ConversationRow


@dataclass(frozen=True, kw_only=True)
class ArrangedFragment(Page):
    """What a verb did, in words, and the fields that undo it."""

    template: ClassVar[str] = "chat/organising/_arranged.html"

    says: str
    undo: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLine:
    """One line of the list of folders."""

    id: int
    name: str
    count: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True, kw_only=True)
class OrderPage(Page):
    """`/chat/folders`: all folders and tags."""

    template: ClassVar[str] = "chat/organising/folders.html"

    sidebar: Sidebar
    folders: list[FolderLine]
    tags: list[str]
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class FolderPage(Page):
    """`/chat/folders/{id}`: its chats, its name, and how to be rid of it."""

    template: ClassVar[str] = "chat/organising/folder.html"

    sidebar: Sidebar
    id: int
    name: str
    rows: list[ConversationRow]
    next_cursor: str | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class FolderFragment(Page):
    """The same as a dialog: the name, and how to be rid of it."""

    template: ClassVar[str] = "chat/organising/_folder_panel.html"

    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class NewFolderFragment(Page):
    """A name for a new folder, as a dialog."""

    template: ClassVar[str] = "chat/organising/_new_folder.html"


@dataclass(frozen=True, kw_only=True)
class ArchivePage(Page):
    """`/chat/archive`."""

    template: ClassVar[str] = "chat/organising/archive.html"

    sidebar: Sidebar
    rows: list[ConversationRow]
    next_cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class TagPage(Page):
    """`/chat/tags?tag=`: the chats with a tag."""

    template: ClassVar[str] = "chat/organising/tag.html"

    sidebar: Sidebar
    tag: str
    rows: list[ConversationRow]
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TagChoice:
    """A tag that can be on or off a chat."""

    name: str
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class PlacePage(Page):
    """`/chat/{id}/place`: which folder a chat is in, and its tags."""

    template: ClassVar[str] = "chat/organising/place.html"

    id: int
    title: str
    folder: str
    folders: Choices
    tags: list[TagChoice]


@dataclass(frozen=True, kw_only=True)
class PlaceFragment(PlacePage):
    """The same as a dialog."""

    template: ClassVar[str] = "chat/organising/_place_panel.html"


@dataclass(frozen=True, kw_only=True)
class SelectionFragment(Page):
    """`GET /f/chat/selection`: the bar over the list while chats are being chosen."""

    template: ClassVar[str] = "chat/organising/_selection.html"

    folders: Choices
