"""Cut Markdown into top-level blocks while it is being written.

The cuts are a pure function of the text: the same characters give the same blocks however they were dealt
out, and a block belongs to the piece with which it closed. Nothing depends on when somebody looks, so a
reconnect, another process or a restart cuts the same way. A cut is made only on complete lines, where
Markdown itself cannot join the two sides; where in doubt there is no cut. Two things need the whole text
and so appear only in its full render at the end: links by reference (`[x][1]`, `[1]: …`), and one list
around the pieces of a very long one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from parley.lib.marks import formula_opening

# Characters after which a list is cut where its next item starts: an open block is drawn again and again.
LONG_LIST = 4_096

_FENCE = re.compile(r"(?:(?P<ticks>`{3,})[^`]*|(?P<tildes>~{3,}).*)\Z")
_HEADING = re.compile(r"#{1,6}(?:[ \t]|\Z)")
_RULE = re.compile(r"([-*_])[ \t]*(?:\1[ \t]*){2,}\Z")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*\Z")
_ITEM = re.compile(r"(?P<mark>[-+*]|(?P<number>\d{1,9})[.)])(?P<space>[ \t]+|\Z)(?P<rest>.*)")
_DELIMITERS = re.compile(r"[-:|][-:| \t]*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """A finished block: its Markdown, and the number of the piece that closed it."""

    seq: int
    source: str


@dataclass(slots=True)
class _Fence:
    mark: str  # the closing fence has at least this many of this character
    indent: int  # of the item it stands in; a line with less ends the item and the fence

    def is_closed_by(self, text: str, indent: int) -> bool:
        bare = text.rstrip(" \t")
        return indent - self.indent < 4 and bare.startswith(self.mark) and not bare.strip(self.mark[0])


class Splitter:
    """Takes text piece by piece and gives the blocks each piece closed."""

    def __init__(self) -> None:
        self._lines: list[str] = []  # complete lines of the open block
        self._size = 0  # of those lines
        self._partial: list[str] = []  # pieces of the line being written
        self._partial_size = 0
        self._held_return = False  # a \r at the end of a piece: perhaps half of \r\n
        self._kind = "none"
        self._seq = 0
        self._closed: list[Block] = []
        self._fence = _Fence("", 0)
        self._unclosed: set[str] = set()  # delimiters that nothing closes before the next blank line
        self._formula = ("", "none", 0)  # its closing delimiter, what it may interrupt, where it starts
        self._items: list[int] = []  # content columns of the open list items, outermost first
        self._in_item_fence = False
        self._after_blank = False
        self._is_table = False

    @property
    def open(self) -> str:
        """The Markdown of the block being written; "" between blocks."""
        return "".join(self._lines) + "".join(self._partial)

    @property
    def open_size(self) -> int:
        """`len(self.open)`, without joining it."""
        return self._size + self._partial_size

    @property
    def open_fence(self) -> str | None:
        """The info text of the top-level fence being written, else None."""
        return (
            self._lines[0].strip(" \t\n").lstrip(self._fence.mark[0]).strip()
            if self._kind == "fence"
            else None
        )

    def feed(self, seq: int, piece: str) -> list[Block]:
        """Take one piece; returns the blocks that it closed. Line ends of all three kinds become \\n."""
        if self._held_return:
            piece = "\r" + piece
        self._held_return = piece.endswith("\r")
        if self._held_return:
            piece = piece[:-1]
        if "\r" in piece:
            piece = piece.replace("\r\n", "\n").replace("\r", "\n")
        return self._take(seq, piece)

    def close(self, seq: int) -> list[Block]:
        """The text is over: close what is open."""
        closed = self._take(seq, "\n") if self._partial or self._held_return else []
        self._held_return, self._seq = False, seq
        if self._kind == "formula":
            self._give_up_formula([])
        self._end_block()
        closed.extend(self._closed)
        self._closed = []
        return closed

    def _take(self, seq: int, text: str) -> list[Block]:
        self._seq, self._closed = seq, []
        head, *lines = text.split("\n")
        for line in lines:
            self._partial.append(head)
            whole = "".join(self._partial)
            self._partial.clear()
            self._partial_size = 0
            self._take_line(whole)
            head = line
        if head:
            self._partial.append(head)
            self._partial_size += len(head)
        closed, self._closed = self._closed, []
        return closed

    def _take_line(self, line: str) -> None:
        text = line.lstrip(" \t")
        if not text and self._kind != "formula":
            self._unclosed.clear()
        getattr(self, f"_in_{self._kind}")(line, text, _columns(line, text))

    def _push(self, line: str, kind: str = "") -> None:
        self._lines.append(line + "\n")
        self._size += len(line) + 1
        self._kind = kind or self._kind

    def _end_block(self) -> None:
        while self._lines and not self._lines[-1].strip(" \t\n"):
            self._lines.pop()
        if self._lines:
            self._closed.append(Block(self._seq, "".join(self._lines)))
        self._lines, self._size, self._kind = [], 0, "none"

    def _restart(self, line: str) -> None:
        """The line belongs to a new block."""
        self._end_block()
        self._take_line(line)

    # One method for each kind of block: (line, the line without indentation, columns of indentation).

    def _in_none(self, line: str, text: str, indent: int) -> None:
        if not text:
            return
        starts = _starts(text, indent)
        if starts == "fence":
            self._fence = _Fence(_fence_mark(text), 0)
        elif starts == "formula":
            return self._begin_formula(line, "paragraph")
        elif starts == "list":
            self._open_item(text, indent, outermost=True)
        elif not starts:
            starts, self._is_table = ("indented" if indent > 3 else "paragraph"), False
        self._push(line, starts)
        if starts == "line":
            self._end_block()

    def _in_fence(self, line: str, text: str, indent: int) -> None:
        self._push(line)
        if self._fence.is_closed_by(text, indent):
            self._end_block()

    def _in_formula(self, line: str, text: str, indent: int) -> None:
        if not text:
            return self._give_up_formula([line])
        self._push(line)
        if text.rstrip(" \t").endswith(self._formula[0]):
            self._end_block()

    def _begin_formula(self, line: str, before: str) -> None:
        """What looks like a display formula is one only if it closes; until then it cuts nothing."""
        close, closed = formula_opening(line) or ("", False)
        if closed and self._lines:
            return self._restart(line)
        if close in self._unclosed and not closed:
            return self._push(line, before)
        self._formula = (close, before, len(self._lines))
        self._push(line, "formula")
        if closed:
            self._end_block()

    def _give_up_formula(self, more: list[str]) -> None:
        """It was none: its first line goes on with what was there before, the others are read again."""
        close, before, first = self._formula
        self._unclosed.add(close)
        lines = [line.removesuffix("\n") for line in self._lines[first + 1 :]]
        del self._lines[first + 1 :]
        self._size -= sum(len(line) + 1 for line in lines)
        self._kind, self._is_table = before, self._is_table and first > 0
        for line in lines + more:
            self._take_line(line)

    def _in_indented(self, line: str, text: str, indent: int) -> None:
        if text and indent < 4:
            return self._restart(line)
        self._push(line)

    def _in_paragraph(self, line: str, text: str, indent: int) -> None:
        if not text:
            return self._end_block()
        if indent < 4:
            if not self._is_table and _UNDERLINE.match(text):
                self._push(line)
                return self._end_block()
            starts = _interruption(text, indent, self._is_table)
            if starts:
                return self._begin_formula(line, "paragraph") if starts == "formula" else self._restart(line)
            self._is_table = self._is_table or bool(_DELIMITERS.match(text) and "|" in self._lines[-1])
        self._push(line)

    def _in_quote(self, line: str, text: str, indent: int) -> None:
        if not text:
            return self._end_block()
        starts = _starts(text, indent)
        if starts == "formula":
            return self._begin_formula(line, "quote")
        if starts and starts != "quote":
            return self._restart(line)
        self._push(line)

    def _in_list(self, line: str, text: str, indent: int) -> None:
        if not text:
            self._after_blank = True
            return self._push(line)
        if self._in_item_fence:
            if indent >= self._fence.indent:
                self._in_item_fence = not self._fence.is_closed_by(text, indent)
                return self._push(line)
            self._in_item_fence, self._after_blank = (
                False,
                True,
            )  # the item ended, and its fence: nothing is continued
        if indent >= self._items[0]:
            self._go_on_in_item(text, indent)
        elif _starts(text, indent) == "list":
            if self._size > LONG_LIST:
                return self._restart(line)
            self._open_item(text, indent, outermost=True)
        elif self._after_blank or _starts(text, indent) not in ("", "formula"):
            return self._restart(line)
        elif _starts(text, indent):
            return self._begin_formula(line, "list")
        self._after_blank = False
        self._push(line)

    def _go_on_in_item(self, text: str, indent: int) -> None:
        while len(self._items) > 1 and indent < self._items[-1]:
            self._items.pop()
        if indent - self._items[-1] < 4:
            self._look_inside(text, indent)

    def _open_item(self, text: str, indent: int, *, outermost: bool = False) -> None:
        """Enter a list item; its content may be a fence or another item at once."""
        item = _ITEM.match(text)
        assert item is not None
        if outermost:
            self._items, self._in_item_fence, self._after_blank = [], False, False
        width = len(item["mark"])
        space = _columns(item["space"], "", start=indent + width)
        content = indent + width + (space if item["rest"] and space <= 4 else 1)
        self._items.append(content)
        if item["rest"] and space <= 4:
            self._look_inside(item["rest"], content)

    def _look_inside(self, text: str, indent: int) -> None:
        starts = _starts(text, 0)
        if starts == "fence":
            self._fence, self._in_item_fence = _Fence(_fence_mark(text), self._items[-1]), True
        elif starts == "list" and len(self._items) < 64:
            self._open_item(text, indent)


def split(source: str) -> list[str]:
    """The blocks of a whole text; one after the other they render as the text does (but see above)."""
    splitter = Splitter()
    return [block.source for block in splitter.feed(1, source) + splitter.close(1)]


def _columns(line: str, text: str, start: int = 0) -> int:
    """Columns of white space before `text` in `line`; a tab goes to the next multiple of 4."""
    column = start
    for char in line[: len(line) - len(text)]:
        column += 4 - column % 4 if char == "\t" else 1
    return column - start


def _fence_mark(text: str) -> str:
    fence = _FENCE.match(text)
    assert fence is not None
    return fence["ticks"] or fence["tildes"]


def _starts(text: str, indent: int) -> str:
    """What a line starts: "line" is a block of one line; "" is a paragraph or indented code."""
    if indent > 3:
        return ""
    if _FENCE.match(text):
        return "fence"
    if text[0] == ">":
        return "quote"
    if _HEADING.match(text) or _RULE.match(text):
        return "line"
    if _ITEM.match(text):
        return "list"
    return "formula" if formula_opening(text) else ""


def _interruption(text: str, indent: int, in_table: bool) -> str:
    """What a line starts if it ends a paragraph; a list does only from 1 and with text, or after a table."""
    starts = _starts(text, indent)
    if starts == "list" and not in_table:
        item = _ITEM.match(text)
        return starts if item and item["rest"] and item["number"] in (None, "1") else ""
    return starts
