"""Reasoning that models write into their text between tags. Pure.

An opening tag counts where an answer or one of its lines begins, outside fenced code: an answer *about* such
tags stays an answer. A closing tag counts anywhere. Whatever may still become a tag is held back, so it does
not matter how the text is cut into pieces.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter

Pairs = Sequence[tuple[str, str]]
Piece = tuple[bool, str]  # (is it reasoning, text)

# Seen in DeepSeek-R1, QwQ, GLM, Granite, Sky-T1 and Kimi; the last ones are those models' own spellings.
KNOWN: Pairs = (
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<reason>", "</reason>"),
    ("<reasoning>", "</reasoning>"),
    ("<thought>", "</thought>"),
    ("<Thought>", "</Thought>"),
    ("<|begin_of_thought|>", "<|end_of_thought|>"),
    ("◁think▷", "◁/think▷"),
)
_FENCES = ("```", "~~~")
STRIDE = 1024  # characters looked at together: to take a line off a text costs as much as the text is long
LONGEST_BLANK = 64  # characters before a tag that go with it; some models write line ends without an end


class TagSplitter:
    """Splits one answer, piece by piece. With no pairs everything is text."""

    def __init__(self, pairs: Pairs = KNOWN) -> None:
        self._pairs = pairs
        self._held = ""
        self._closing = ""  # of the open pair; "" outside
        self._fence = ""  # of the open code block
        self._mark_line = self._mark_text = ""  # a line that begins like a fence, and what it says so far
        self._line_begins = True
        self._trim = False  # the next text follows a tag: its line ends belong to the tag

    def feed(self, text: str) -> list[Piece]:
        """What is certain now."""
        within_line = not (self._line_begins or self._held or self._closing or self._mark_line)
        if not self._pairs or (within_line and "\n" not in text):  # nearly always: nothing there is a tag
            return [(False, text)] if text else []
        pieces: list[Piece] = []
        for start in range(0, len(text), STRIDE):
            self._held += text[start : start + STRIDE]
            self._split(pieces)
        return _joined(pieces)

    def close(self) -> list[Piece]:
        """What was held back; the answer is over."""
        held, self._held = self._held, ""
        return [(bool(self._closing), held)] if held else []

    def _split(self, pieces: list[Piece]) -> None:
        """Move what is certain out of what is held."""
        while self._held:
            before = self._held
            step = self._inside() if self._closing else self._outside()
            if step is not None and step[1]:
                pieces.append(step)
            if self._held == before:
                break

    def _inside(self) -> Piece | None:
        self._drop_line_ends()
        end = self._held.find(self._closing)
        if end < 0:
            keep = _beginning_of(self._closing, self._held)
            return True, self._take(len(self._held) - keep)
        thought = self._take(end)
        self._take(len(self._closing))
        self._closing, self._trim, self._line_begins = "", True, True
        return True, thought

    def _outside(self) -> Piece | None:
        self._drop_line_ends()
        if not self._line_begins:
            return False, self._rest_of_line()
        line = self._held.lstrip(" \t\r\n")
        space = len(self._held) - len(line)
        if space > LONGEST_BLANK:
            return False, self._take(space - LONGEST_BLANK)
        if not self._fence:
            for opening, closing in self._pairs:
                if line.startswith(opening):
                    lead = self._take(space)
                    self._take(len(opening))
                    self._closing, self._trim = closing, True
                    return (False, lead) if lead.strip(" \t\r\n") else None
        starts = list(_FENCES) if self._fence else [*_FENCES, *(opening for opening, _ in self._pairs)]
        if any(start.startswith(line) for start in starts):
            return None  # it may become one
        self._line_begins = False
        self._mark_line = line[:3] if line[:3] in _FENCES else ""
        return False, self._take(space) + self._rest_of_line()

    def _rest_of_line(self) -> str:
        end = self._held.find("\n")
        piece = self._take(end + 1 if end >= 0 else len(self._held))
        self._line_begins = end >= 0
        if self._mark_line:
            self._see_fence(piece)
        return piece

    def _see_fence(self, piece: str) -> None:
        """Follow a line that begins with a fence's mark; at its end it is known to open or close one."""
        self._mark_text += piece
        if not self._line_begins:
            return
        text, mark = self._mark_text.strip(), self._mark_line
        self._mark_line = self._mark_text = ""
        run = len(text) - len(text.lstrip(mark[0]))
        if self._fence:
            if run >= len(self._fence) and mark[0] == self._fence[0] and run == len(text):
                self._fence = ""
        elif mark[0] not in text[run:] or mark[0] == "~":
            self._fence = mark[0] * run

    def _drop_line_ends(self) -> None:
        if self._trim:
            self._held = self._held.lstrip("\r\n")
            self._trim = not self._held

    def _take(self, count: int) -> str:
        taken, self._held = self._held[:count], self._held[count:]
        return taken


def _beginning_of(tag: str, text: str) -> int:
    """How many of the last characters of `text` may be the beginning of `tag`."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:size]):
            return size
    return 0


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one sort as one piece."""
    sorts = groupby(pieces, key=itemgetter(0))
    return [(thought, "".join(text for _, text in run)) for thought, run in sorts]
