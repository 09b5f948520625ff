"""What somebody typed into a search field, as the index and the texts are asked for it. Pure.

Nothing of it is an operator but straight or curly double quotes. All words must be there; what stands
together ("用Python", "well-known", three Chinese characters) must stand together in the text. The last word
may be the beginning of one, because it is perhaps still being typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from parley.search.tokens import folded, link, parts, shape

LONGEST = 400  # characters that count; a pasted page finds what begins like it
MOST_TERMS = 32
SHORTEST_BEGINNING = 3  # characters of a word from which on it may be the beginning of another

_CHUNK = re.compile(r'"([^"]*)"|“([^”]*)”|([^\s"“]+|["“])')


@dataclass(frozen=True, slots=True)
class Term:
    """One token the index must have of a text; `beginning`: or a longer one that begins with it."""

    token: str
    beginning: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """`terms` for the index; `shapes` must be in the folded text; `phrases` are the atoms to be marked."""

    terms: tuple[Term, ...] = ()
    shapes: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    beginning: bool = False  # the last atom of the last phrase

    def fits(self, text: str) -> bool:
        """Whether a text with all the terms also has what belongs together."""
        if not self.shapes:
            return True
        plain = folded(text)
        return all(each.search(plain) for each in _compiled(self.shapes))


def wanted(query: str) -> Wanted:
    """Read a query; without terms when there is nothing in it to look for."""
    cut = len(query) > LONGEST
    terms: dict[Term, None] = {}
    shapes: list[str] = []
    phrases: list[tuple[str, ...]] = []
    beginning = False
    chunks = list(_chunks(query[:LONGEST]))
    for number, (chunk, quoted) in enumerate(chunks, 1):
        found = list(parts(chunk))
        if cut and number == len(chunks) and len(found) > 1 and not found[-1][1]:
            found.pop()  # half a word
        if not found:
            continue
        last = number == len(chunks) and not quoted and not cut and not query[-1].isspace()
        word, dense = found[-1]
        beginning = last and not dense and word[0].isalnum() and len(word) >= SHORTEST_BEGINNING
        tokens = _tokens(found)
        atoms = tuple(atom for part, is_dense in found for atom in (part if is_dense else (part,)))
        terms.update(dict.fromkeys(map(Term, tokens[:-1])))
        terms[Term(tokens[-1], beginning)] = None
        phrases.append(atoms)
        if len(tokens) > 1:
            shapes.append(shape(atoms, open_end=beginning))
    return Wanted(tuple(terms)[:MOST_TERMS], tuple(shapes), tuple(phrases), beginning)


@lru_cache(maxsize=256)
def _compiled(shapes: tuple[str, ...]) -> list[re.Pattern[str]]:
    return [re.compile(each) for each in shapes]


def _chunks(query: str) -> Iterator[tuple[str, bool]]:
    """The quoted pieces (True) and those between spaces."""
    for found in _CHUNK.finditer(query):
        straight, curly, plain = found.groups()
        quoted = straight if straight is not None else curly
        yield (quoted, True) if quoted is not None else (plain, False)


def _tokens(found: Sequence[tuple[str, bool]]) -> list[str]:
    """The fewest tokens that say it: pairs where there are any, what is in no pair by itself."""
    tokens = []
    for at, (part, dense) in enumerate(found):
        left = at > 0 and not (dense and found[at - 1][1])
        right = at + 1 < len(found) and not (dense and found[at + 1][1])
        if left:
            tokens.append(link(found[at - 1], (part, dense)))
        if dense and len(part) > 1:
            tokens += map("".join, pairwise(part))
        elif not left and not right:
            tokens.append(part)
    return tokens
