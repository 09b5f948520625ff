"""What each chat page and fragment shows: plain values, ready to print. Templates compute nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from markupsafe import Markup

from parley.chat.branches.pages import Origin
from parley.chat.branches.variants import Variants
from parley.chat.organising.pages import Sidebar, Standing
from parley.chat.windows import Landmark
from parley.web.render import Page

NOTHING = Markup("")
LONG_LINES, LONG_TEXT = 12, 1500  # lines and characters of a question that are shown at first
Remedy = Literal["", "connection", "model", "new"]  # look at the connection, choose a model, start a new chat
Status = Literal["queued", "streaming", "done", "error", "cancelled", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point in time: exact, and in words until the page's script puts it into the reader's own form."""

    iso: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """Something a model can do: an icon and what it means."""

    icon: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOption:
    """One line of the model picker. `connection` is the connection's name, used as a group heading."""

    id: str
    name: str
    connection: str
    demo: bool = False
    current: bool = False
    available: bool = True
    favourite: bool = False
    abilities: list[Ability] = field(default_factory=list)
    window: str = ""  # "128k": how much it reads
    window_tokens: int | None = None
    reasons: bool = False
    sees: bool = False
    trouble: str = ""  # why its connection fails
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelGroup:
    """Models under one heading; `trouble` is why the connection of all of them fails, `since` when."""

    label: str
    options: list[ModelOption]
    trouble: str = ""
    since: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class ModelPicker(Page):
    """`GET /f/models?q=`: the list of the picker. `kept` is the chosen model when no group shows it."""

    template: ClassVar[str] = "chat/_model_list.html"

    groups: list[ModelGroup]
    kept: ModelOption | None = None
    rest: int = 0  # how many more a search finds
    total: int = 0
    search: str = ""

    @property
    def searchable(self) -> bool:
        """Whether there are so many that a search helps."""
        return self.total > 7

    @property
    def options(self) -> list[ModelOption]:
        """Everything it shows."""
        return [option for group in self.groups for option in group.options]

    @property
    def current(self) -> ModelOption | None:
        """The model the next message goes to."""
        return self.kept or next((option for option in self.options if option.current), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTurn:
    """A question. `client_message_id` lets the page replace the turn it drew before the server answered."""

    id: int
    text: str
    lang: str = ""
    client_message_id: str = ""
    pictures_html: Markup = NOTHING
    variants: Variants | None = None

    @property
    def is_long(self) -> bool:
        """Whether the page folds it."""
        text = self.text.strip()
        return len(text) > LONG_TEXT or text.count("\n") >= LONG_LINES


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTurn:
    """An answer, finished or still being written.

    `generation` is the latest run that wrote it. While `status` is queued or streaming the page follows that
    run from `last_seq`, so `done_html` and `open_html` must show exactly the facts up to `last_seq`.
    """

    id: int
    model_name: str
    status: Status
    demo: bool = False
    lang: str = ""
    generation: int | None = None
    done_html: Markup = NOTHING
    open_html: Markup = NOTHING
    reasoning_html: Markup = NOTHING  # the <li> steps of the fold
    reasoning_summary: str = ""  # "Thought for 7 s"; "" hides the fold
    wait_html: Markup = NOTHING  # what a running generation waits for right now
    pictures_html: Markup = NOTHING
    notes_html: Markup = NOTHING  # notices that stay
    last_seq: int = 0
    error: str = ""  # a sentence that says what happened and what to do
    error_code: str = ""
    remedy: Remedy = ""  # what helps beside trying again
    metrics: str = ""  # "11 s, 1,284 tokens"
    details: str = ""  # what stands behind them
    can_retry: bool = False
    can_continue: bool = False
    copy_text: str = ""  # the Markdown source
    variants: Variants | None = None
    rating: int = 0  # 1 or -1 once the reader has said so
    wish: str = ""  # what it was asked to be like: "Shorter"

    @property
    def running(self) -> bool:
        """Is the answer still being written?"""
        return self.status in ("queued", "streaming")

    @property
    def key(self) -> str:
        """Prefix of the element ids that swaps aim at; a copied or imported answer has no generation."""
        return f"g{self.generation}" if self.generation else f"n{self.id}"


Turn = UserTurn | AnswerTurn


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """How much of what the chosen model can read this chat fills."""

    percent: int
    level: str  # "", "warn" or "full"
    says: str  # a sentence while it warns
    title: str

    @property
    def is_full(self) -> bool:
        """Whether older messages are left out, and a new chat with a summary is offered."""
        return self.level == "full"


@dataclass(frozen=True, kw_only=True)
class GaugeFragment(Page):
    """The gauge by itself: after an answer, and when another model was chosen."""

    template: ClassVar[str] = "chat/_gauge.html"

    gauge: Gauge | None


@dataclass(frozen=True, kw_only=True)
class AllowanceFragment(Page):
    """What is left of the reader's allowance, after an answer."""

    template: ClassVar[str] = "chat/_allowance.html"

    allowance: str


@dataclass(frozen=True, kw_only=True)
class ChatPage(Page):
    """`/chat` and `/chat/{id}`."""

    template: ClassVar[str] = "chat/show.html"

    title: str  # "" = a new chat
    temporary: bool = False  # it goes with its page
    conversation_id: int | None
    sidebar: Sidebar
    turns: list[Turn]
    picker: ModelPicker
    title_lang: str = ""
    standing: Standing = field(default_factory=Standing)
    earlier: int | None = None  # message id to ask for what is above; None = nothing above
    later: int | None = None  # the same for what is below
    found: int | None = None  # the message the reader was sent to
    missed: bool = False  # they were sent to one that is not here
    origin: Origin | None = None  # what it was branched off from
    greeting: str = ""
    starters: tuple[str, ...] = ()
    running_generation: int | None = None
    gauge: Gauge | None = None
    effort: str = "auto"
    efforts: list[tuple[str, str]] = field(default_factory=list)
    trace: bool | None = None  # how the switch for a trace stands; None shows none
    notice_no_model: bool = False
    offer_connection: bool = False  # the reader may connect a model, and only the demo answers so far
    allowance: str = ""  # what is left, when that is little

    @property
    def model(self) -> ModelOption | None:
        """The model the next message goes to."""
        return self.picker.current


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    hint: str
    value: str
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class TuningPage(Page):
    """`/chat/{id}/settings`: how this chat answers. `id` None is a chat that has not begun."""

    template: ClassVar[str] = "chat/settings.html"

    id: int | None
    system_prompt: Field
    numbers: list[Field]
    stop: Field
    budget: Field
    effort: str
    efforts: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class TuningFragment(TuningPage):
    """The same as the content of a dialog."""

    template: ClassVar[str] = "chat/_settings_panel.html"


@dataclass(frozen=True, kw_only=True)
class PersonalPage(Page):
    """`/account/chat`: what a person wants of all their chats."""

    template: ClassVar[str] = "chat/personal.html"

    prompt: Field
    model: str
    models: list[tuple[str, str]]
    saved: bool = False
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RulerFragment(Page):
    """`GET /f/chat/{id}/ruler`: the map of a chat that is longer than its page."""

    template: ClassVar[str] = "chat/_landmarks.html"

    conversation_id: int
    landmarks: list[Landmark]


@dataclass(frozen=True, kw_only=True)
class TurnsFragment(Page):
    """`GET /f/chat/{id}/turns?before=|after=`: turns as they stand, and the way to those around them."""

    template: ClassVar[str] = "chat/_turns.html"

    conversation_id: int
    turns: list[Turn]
    earlier: int | None = None
    later: int | None = None


@dataclass(frozen=True, kw_only=True)
class ExchangeFragment(Page):
    """The answer of `POST /chat/{id}/turns`: the question as stored and the answer's shell."""

    template: ClassVar[str] = "chat/_exchange.html"

    question: UserTurn
    answer: AnswerTurn


@dataclass(frozen=True, kw_only=True)
class AnswerFragment(Page):
    """One answer turn, put in the place of the turn it was asked from (Retry, Continue)."""

    template: ClassVar[str] = "chat/_turn_assistant.html"

    turn: AnswerTurn


@dataclass(frozen=True, kw_only=True)
class ActionsFragment(Page):
    """What stands under an answer once it ended; the stream puts it there."""

    template: ClassVar[str] = "chat/_actions.html"

    turn: AnswerTurn
