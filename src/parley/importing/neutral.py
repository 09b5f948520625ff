"""What every source makes of a conversation: one form for all, before it becomes rows. Pure."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

MOST_TITLE = 200  # characters, as in the database
MOST_TEXT = 500_000  # characters of one message that are kept; what people type here ends at 200,000
MOST_PROMPT = 100_000  # characters of a system prompt
MOST_MODEL = 256
MOST_MESSAGES = 20_000  # of one conversation, with all branches
MOST_PICTURES = 40  # of one message

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what neither UTF-8 nor PostgreSQL can hold
_FENCES = re.compile("`{3,}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a message; `read` gives its bytes when they are wanted, blocking. It may raise OSError."""

    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Node:
    """One message as its source has it. With `role` "" it only holds its children to its parent."""

    id: str
    parent: str | None
    role: str = ""  # user or assistant
    text: str = ""
    reasoning: str = ""
    model: str = ""
    created: int | None = None  # ms
    pictures: tuple[Picture, ...] = ()


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


class Unreadable(Exception):
    """A conversation that cannot be taken over; `code` is a word of notes.py."""

    def __init__(self, code: str, title: str = "", external: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.title = title
        self.external = external


class Around(Protocol):
    """What lies beside the conversations in the same archive."""

    def picture(self, id: str) -> Picture | None:
        """The picture of that id or path, None when it is not there."""

    def text(self, id: str) -> str | None:
        """A small text file of that id, None when it is not there or no text."""


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


def attached(name: str, text: str) -> str:
    """The text of an attachment inside the message it came with."""
    return f"**{name}**\n\n{fenced(text)}" if name else text


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
