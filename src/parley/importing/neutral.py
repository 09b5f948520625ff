"""What every source makes of a conversation: one form for all, before it becomes rows. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from parley.files.kinds import PICTURE_ENDINGS, PROMISES
from parley.files.names import ending_of

MOST_TITLE = 200  # characters, as in the database
MOST_TEXT = 500_000  # characters of one message that are kept; what people type here ends at 200,000
MOST_PROMPT = 100_000  # characters of a system prompt
MOST_MODEL = 256
MOST_MESSAGES = 20_000  # of one conversation, with all branches
MOST_FILES = 40  # of one message

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what neither UTF-8 nor PostgreSQL can hold
_FENCES = re.compile("`{3,}")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a message; `read` gives its bytes when they are wanted, blocking. It may raise OSError."""

    read: Callable[[], bytes]
    name: str = ""
    kind: str = "pictures"  # or "files": the word of notes.py for one that cannot be kept


@dataclass(frozen=True, slots=True)
class Course:
    """How an answer came about and how it ended; times in ms. Only Parley's own files know."""

    status: str = "done"  # done, error, cancelled, interrupted
    finish_reason: str = ""
    error: str = ""
    error_code: str = ""
    answered_by: str = ""
    answered_name: str = ""
    asked: int | None = None
    started: int | None = None
    first_fact: int | None = None
    first_text: int | None = None
    finished: int | None = None
    reasoning_ms: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    window_tokens: int | None = None
    estimated: bool = False
    cost_nano: int | None = None
    notices: str = "[]"  # JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an answer beside what it says. `course` None: nobody saw it being written."""

    model: str = ""  # public id
    instruction: str = ""
    rating: int = 0
    comment: str = ""
    course: Course | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One message as its source has it. With `role` "" it only holds its children to its parent."""

    id: str
    parent: str | None
    role: str = ""  # user or assistant
    text: str = ""
    reasoning: str = ""
    model: str = ""  # its name
    created: int | None = None  # ms
    files: tuple[Attachment, ...] = ()
    chosen: str | None = None  # the child through which the path last went on
    answer: Answer | None = None
    kept: bool = False  # even when it holds nothing


@dataclass(frozen=True, slots=True)
class Manner:
    """How a conversation is answered, and where it stands."""

    model: str = ""  # public id
    sampling: dict[str, Any] = field(default_factory=dict)
    reasoning: dict[str, Any] = field(default_factory=dict)
    folder: str = ""
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Conversation:
    """One conversation. `notes` counts what could not be taken over, by the words of notes.py."""

    external: str
    title: str = ""
    created: int | None = None  # ms
    updated: int | None = None
    system_prompt: str = ""
    pinned: bool = False
    archived: bool = False
    nodes: list[Node] = field(default_factory=list)
    leaf: str | None = None
    notes: Counter[str] = field(default_factory=Counter)
    manner: Manner = Manner()
    exact: bool = False  # from Parley: a question may follow a question, and none needs an answer


class Unreadable(Exception):
    """A conversation that cannot be taken over; `code` is a word of notes.py."""

    def __init__(self, code: str, title: str = "", external: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.title = title
        self.external = external


class Around(Protocol):
    """What lies beside the conversations in the same archive."""

    def picture(self, id: str, name: str = "") -> Attachment | None:
        """The picture of that id or path, None when it is not there."""

    def file(self, id: str, name: str) -> Attachment | None:
        """Any file of that id or path, None when it is not there."""


def plain(value: object, most: int = MOST_TEXT) -> str:
    """`value` as text that can be stored, "" for what is no text."""
    return _UNSTORABLE.sub("", value[:most]) if isinstance(value, str) else ""


def line(value: object, most: int = MOST_TITLE) -> str:
    """`value` as one line."""
    return " ".join(plain(value, 4 * most).split())[:most].strip()


def fenced(text: str, language: str = "") -> str:
    """`text` as a block of code, whatever is in it."""
    longest = max((len(found) for found in _FENCES.findall(text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.strip(chr(10))}\n{fence}"


def written_file(name: str, text: str) -> Attachment:
    """A file of which the export has the text; of what was a PDF or a picture the text is all there is."""
    ending = ending_of(name)
    if ending in PROMISES or ending in PICTURE_ENDINGS:
        name += ".txt"
    return Attachment(lambda: text.encode("utf-8", "replace"), name, "files")


def ms_of(value: object) -> int | None:
    """A time as ms since 1970: ISO 8601, or a number of seconds, milli-, micro- or nanoseconds; else None."""
    if isinstance(value, str):
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        value = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    for scale in (1e11, 1e14, 1e17):  # seconds until the year 5138, then ms, then µs
        if abs(value) < scale:
            return int(value * 1e14 / scale) if value > 0 else None
    return int(value / 1e6) if abs(value) < 1e20 else None


def items_of(value: object) -> list[Any]:
    """A list, and [] for anything else."""
    return value if isinstance(value, list) else []


def object_of(value: object) -> dict[str, Any]:
    """A JSON object, and {} for anything else."""
    return value if isinstance(value, dict) else {}


def latest(nodes: list[Node]) -> str | None:
    """The message that was written last: where nobody says which branch is the chosen one."""
    said = [node for node in nodes if node.role]
    return max(said, key=lambda node: node.created or 0).id if said else None
