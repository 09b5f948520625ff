"""The conversations on the pictures: Markdown files beside this one, read into trees of messages. Pure.

A file holds conversations between lines of dashes. Each begins with its title and lines `name: value`
(ago, pinned, archived, folder, tags, model); then `=== you files=a.png`, `=== thought`,
`=== model | seconds | tokens read | tokens written | cost in billionths`. An answer that begins with
`=== again model` is an earlier version of the one after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).parent / "chats"
UNITS = {"minute": 60_000, "hour": 3_600_000, "day": 86_400_000}  # ms
_PART = re.compile(r"^=== (.+)$", re.MULTILINE)


@dataclass
class Said:
    """One message. `again`: the next answer is another version of it."""

    role: str
    text: str
    model: str = ""
    thought: str = ""
    again: bool = False
    figures: tuple[float, ...] = ()  # seconds, tokens read, tokens written, cost in billionths
    files: tuple[str, ...] = ()


@dataclass
class Chat:
    """One conversation and what was arranged with it."""

    title: str
    ago: int  # ms
    said: list[Said]
    given: dict[str, str] = field(default_factory=dict)

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return [tag.strip() for tag in self.given.get("tags", "").split(",") if tag.strip()]


def chats() -> list[Chat]:
    """All of them, the oldest first: ids grow as they did in life."""
    texts = (path.read_text() for path in sorted(FOLDER.glob("*.md")))
    found = [_chat(part.strip()) for text in texts for part in text.split("\n-----\n")]
    return sorted(found, key=lambda chat: -chat.ago)


def _chat(text: str) -> Chat:
    head, *parts = _PART.split(text)
    title, *lines = head.strip().splitlines()
    given = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    number, unit = given["ago"].split()
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return Chat(title.removeprefix("# "), int(number) * UNITS[unit.rstrip("s")], [*_said(pairs)], given)


def _said(parts: Iterator[tuple[str, str]]) -> Iterator[Said]:
    thought = ""
    for head, text in parts:
        who, *figures = (piece.strip() for piece in head.split("|"))
        text = text.strip()
        if who == "thought":
            thought = text
        elif who.startswith("you"):
            names = who.partition("files=")[2]
            yield Said("user", text, files=tuple(names.split(",")) if names else ())
        else:
            again = who.startswith("again ")
            yield Said(
                "assistant", text, who.removeprefix("again "), thought, again, tuple(map(float, figures))
            )
            thought = ""
