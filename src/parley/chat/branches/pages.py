"""What the pages and fragments about one message show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup

from parley.web.render import Page

NOTHING = Markup("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The message of another conversation that this one was branched off from."""

    conversation: int
    message: int
    title: str
    lang: str


@dataclass(frozen=True, kw_only=True)
class MessageMenu(Page):
    """`GET /messages/{id}` for the chat page: what can be done with a message, as the content of a menu."""

    template: ClassVar[str] = "chat/_turn_menu.html"

    id: int
    is_answer: bool
    unanswered: bool  # a question that nothing answers
    wishes: list[tuple[str, str]] = field(default_factory=list)  # (word, label) to ask for it again with


@dataclass(frozen=True, kw_only=True)
class MessagePage(MessageMenu):
    """The same as a page."""

    template: ClassVar[str] = "chat/message.html"

    conversation: int
    lang: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A model another answer may come from."""

    id: str
    name: str
    connection: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class ModelsPage(Page):
    """`/messages/{id}/models`: who else may answer, as a page."""

    template: ClassVar[str] = "chat/message_models.html"

    id: int
    models: list[ModelChoice]
    rest: int  # how many more a search finds
    search: str = ""
    searchable: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelsMenu(ModelsPage):
    """The same as the content of a menu."""

    template: ClassVar[str] = "chat/_turn_models.html"


@dataclass(frozen=True, kw_only=True)
class EditPage(Page):
    """`/messages/{id}/edit`: a question to be written anew, as a page."""

    template: ClassVar[str] = "chat/message_edit.html"

    id: int
    conversation: int
    text: str
    lang: str
    client_message_id: str


@dataclass(frozen=True, kw_only=True)
class EditFragment(EditPage):
    """The same in the place of the question."""

    template: ClassVar[str] = "chat/_turn_edit.html"


@dataclass(frozen=True, kw_only=True)
class RatingPanel(Page):
    """`/messages/{id}/rating`: what the reader thinks of an answer, as the content of a dialog."""

    template: ClassVar[str] = "chat/_rating_panel.html"

    id: int
    value: int
    comment: str


@dataclass(frozen=True, kw_only=True)
class RatingPage(RatingPanel):
    """The same as a page."""

    template: ClassVar[str] = "chat/message_rating.html"

    conversation: int


@dataclass(frozen=True, kw_only=True)
class WhyPanel(Page):
    """`/messages/{id}/why`: what is known of how an answer came about, as the content of a dialog."""

    template: ClassVar[str] = "chat/_why_panel.html"

    facts: list[tuple[str, str]]  # a word and what is known
    trace: int | None = None
    notes_html: Markup = NOTHING
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class WhyPage(WhyPanel):
    """The same as a page."""

    template: ClassVar[str] = "chat/message_why.html"

    id: int
    conversation: int


@dataclass(frozen=True, kw_only=True)
class RemovedFragment(Page):
    """The answer of a deletion: what takes the place of the message, and the words of the toast."""

    template: ClassVar[str] = "chat/_removed.html"

    conversation_id: int
    turns: list[object]
    message: int
    said: str
    earlier: int | None = None
    later: int | None = None
