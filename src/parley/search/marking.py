"""The place of a text where something was found, with what was found marked. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from parley.search.asking import Wanted
from parley.search.tokens import folded, shape

BEFORE = 48  # characters shown before the first mark
SHOWN = 190  # characters in all
LONG = 20_000  # characters looked at where folding moves places; of other texts all

_NOISE = re.compile(r"\*\*|__|`+|^#+ |\||:?-{3,}:?", re.MULTILINE)  # of Markdown
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a snippet."""

    text: str
    marked: bool


def pieces(text: str, wanted: Wanted, *, whole: bool = False) -> list[Piece]:
    """The text round the first thing found; `whole` of it for titles. Line ends become spaces."""
    spans = _spans(text, wanted)
    start, end = (0, len(text)) if whole else _window(text, spans)
    found = [Piece("…", False)] if start else []
    at = start
    for first, last in spans:
        if first < at or first >= end:
            continue
        found += [Piece(text[at:first], False), Piece(text[first : min(last, end)], True)]
        at = min(last, end)
    found.append(Piece(text[at:end], False))
    if end < len(text):
        found.append(Piece("…", False))
    cleaned = (Piece(_SPACE.sub(" ", _NOISE.sub("", each.text)), each.marked) for each in found)
    return [each for each in cleaned if each.text]


def _window(text: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    first = spans[0][0] if spans else 0
    start = max(0, first - BEFORE) if first > BEFORE else 0
    if start:  # not in the middle of a word
        space = text.find(" ", start, first)
        start = space + 1 if 0 <= space < start + 16 else start
    end = min(len(text), start + SHOWN)
    if end < len(text):
        space = text.rfind(" ", end - 16, end)
        end = space if space > first else end
    return start, end


def _spans(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    """Where the phrases stand, in the text's own characters."""
    if not wanted.phrases:
        return []
    plain = folded(text)
    straight = len(plain) == len(text) and unicodedata.is_normalized("NFKC", text)
    places: list[int] = []
    if not straight:
        plain, places = _with_places(text[:LONG])
    spans = []
    for found in _pattern(wanted).finditer(plain):
        first, last = found.span()
        spans.append((first, last) if straight else (places[first], places[last - 1] + 1))
    return spans


def _with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters where it comes from."""
    out: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for each in folded(character):
            out.append(each)
            places.append(place)
    return "".join(out), places


@lru_cache(maxsize=256)
def _pattern(wanted: Wanted) -> re.Pattern[str]:
    """Any of the phrases, the longest first; between their atoms anything that is none."""
    shapes = []
    for number, atoms in enumerate(wanted.phrases, 1):
        open_end = wanted.beginning and number == len(wanted.phrases)
        shapes.append((len("".join(atoms)), shape(atoms, open_end=open_end)))
    return re.compile("|".join(each for _, each in sorted(shapes, reverse=True)))
