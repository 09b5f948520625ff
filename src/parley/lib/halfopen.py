"""Close what a model has opened and not yet closed, for showing only: `**bo` as bold, `[a](http` as its text.

The mended text is shown for a moment and thrown away; what is kept is always rendered from the text itself.
"""

from __future__ import annotations

import re

LONGEST = 8_192  # characters of the last paragraph; more is shown as it is

# A last line of marks only may become anything: "-" under text would make it a heading for a moment.
_MARKS_ONLY = re.compile(
    r"(?:\A|(?<=\n))[ \t]*(?:[-+*_=#>|~`$:][-+*_=#>|~`$: \t]*|`{3,}[^`\n]*|~{3,}[^\n]*)\Z"
)
_NUMBER_ONLY = re.compile(r"(?<=\n)[ \t]*\d{1,9}[.)]?[ \t]*\Z")
_FENCE_LINE = re.compile(r"^[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})", re.MULTILINE)
_LEAF = re.compile(r"\n[ \t]*(?:\n|(?=(?:[-+*]|\d{1,9}[.)]|#{1,6})[ \t]|[>|]))")
_LINK_TARGET = re.compile(r"!?\[([^\[\]\n]{0,400})\]\([^()\s]{0,2000}(?:[ \t]+\"[^\"\n]{0,400})?\Z")
_LINK_TEXT = re.compile(r"!?\[([^\[\]\n]{0,400})\]?\Z")
_PIECE = re.compile(r"\\.|`+|\*+|_+|~~|[^\\`*_~]+|~|\\", re.DOTALL)


def mended(source: str) -> str:
    """The Markdown of an open block with its last, half-written constructs closed or left out."""
    source = _NUMBER_ONLY.sub("", _MARKS_ONLY.sub("", source))
    if len(_FENCE_LINE.findall(source)) % 2:
        return source  # inside code: Markdown closes a fence by itself
    start = max((match.end() for match in _LEAF.finditer(source)), default=0)
    head, tail = source[:start], source[start:].rstrip()
    if len(tail) > LONGEST:
        return source
    tail = _LINK_TEXT.sub(r"\1", _LINK_TARGET.sub(r"\1", tail)).rstrip("*_~")
    return head + _closed(tail.rstrip())


def _closed(text: str) -> str:
    """The text and a closing mark for each one open: code first, it hides the others."""
    pieces = _PIECE.findall(text)
    open_marks: list[str] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if piece[0] == "`":
            try:
                at = pieces.index(piece, at + 1)
            except ValueError:
                text = text.rstrip("`").rstrip() if at == len(pieces) - 1 else text + piece
                break
        elif piece[0] in "*_" or piece == "~~":
            before = pieces[at - 1][-1] if at else " "
            after = pieces[at + 1][0] if at + 1 < len(pieces) else " "
            _match(open_marks, piece, before, after)
        at += 1
    return text + "".join(reversed(open_marks))


def _match(open_marks: list[str], run: str, before: str, after: str) -> None:
    """Let a run of marks close open ones, or open new ones, roughly as CommonMark 6.2 says."""
    while not before.isspace() and run and open_marks and run.startswith(open_marks[-1]):
        run = run[len(open_marks.pop()) :]
    if run and not after.isspace() and not (run[0] == "_" and before.isalnum()):
        open_marks.extend([run[0] * 2, run[0]] if len(run) == 3 else [run] if len(run) < 3 else [])
