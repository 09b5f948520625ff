"""The one tokeniser of search, for both engines. Pure.

A text is folded (NFKC, case, accents of Latin letters) and read as *atoms*: a word or number of a script with
spaces, one character of a script without, one emoji. Words are tokens as they are; characters stand by
themselves and in pairs, so that two Chinese characters are one look-up; so are two words that follow each
other. The index knows which tokens a text has, not where: for longer phrases the `shape` is looked for in the
folded text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

VERSION = 1  # raise it when a text gives other tokens: everything is then indexed again
LONGEST_WORD = 64  # characters that count
MOST = 40_000  # tokens of one text
MOST_SIZE = 900_000  # bytes of them all: PostgreSQL takes a megabyte
OWN = 8  # bytes the index adds to each

# Scripts written without spaces between words, and Korean, whose words carry their particles.
_DENSE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u1100-\u11ff\u3005-\u3007\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"
    "\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua48c\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_EMOJI = "\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_MARKS = "\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0980-\u0983\u09bc-\u09cd"
WORD = rf"(?:[^\W_{_DENSE}{_EMOJI}]|[{_MARKS}])"  # a character of a word, as a regular expression
GAP = rf"(?:(?![{_EMOJI}{_MARKS}])[\W_])*"  # what may stand between two atoms
SOME_GAP = GAP[:-1] + "+"
_WORD = re.compile(WORD)
_PART = re.compile(rf"([{_DENSE}]+)|([{_EMOJI}])|({WORD}+)")


def _accents() -> dict[int, str | None]:
    plain: dict[int, str | None] = dict.fromkeys(range(0x300, 0x370))  # combining marks are dropped
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        bare = unicodedata.normalize("NFD", chr(code))[0]
        if bare.isascii():
            plain[code] = bare
    return plain | {0xF8: "o", 0x142: "l", 0x111: "d", 0x131: "i"}


_ACCENTS = _accents()
_ACCENTED = re.compile("[\u00c0-\u036f\u1e00-\u1eff]")


def folded(text: str) -> str:
    """The text as it is compared: compatibility forms, case and accents of Latin letters are gone."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return text.translate(_ACCENTS) if _ACCENTED.search(text) else text


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """The folded text's words and emoji, and its runs of characters without spaces (True)."""
    for found in _PART.finditer(folded(text)):
        dense, emoji, word = found.groups()
        yield (dense, True) if dense else (emoji or word[:LONGEST_WORD], False)


def tokens_of(text: str) -> list[str]:
    """What a text is found by, each once; of a very long text the first words, and then the first pairs."""
    singles: dict[str, None] = {}
    pairs: dict[str, None] = {}
    before: tuple[str, bool] | None = None
    for part, dense in parts(text):
        if dense:
            singles.update(dict.fromkeys(part))
            singles.update(dict.fromkeys(map("".join, pairwise(part))))
        else:
            singles[part] = None
        if before is not None and not (dense and before[1]):
            pairs[link(before, (part, dense))] = None
        before = part, dense
    return list(_as_many_as_fit(singles, pairs))


def link(left: tuple[str, bool], right: tuple[str, bool]) -> str:
    """The token of two parts that follow each other; of runs their nearest characters count."""
    return f"{left[0][-1] if left[1] else left[0]}_{right[0][0] if right[1] else right[0]}"


def _as_many_as_fit(*kinds: Iterable[str]) -> Iterator[str]:
    size = 0
    for number, token in enumerate(chain(*kinds)):
        size += len(token.encode("utf-8", "replace")) + OWN
        if number >= MOST or size > MOST_SIZE:
            return
        yield token


def atoms_of(text: str) -> list[str]:
    """The atoms of a text in their order."""
    return [atom for part, dense in parts(text) for atom in (part if dense else (part,))]


def shape(atoms: Sequence[str], *, open_end: bool = False) -> str:
    """Where these atoms follow each other in a folded text, as a regular expression.

    `open_end`: the last may be the beginning of a longer word. Only the outer ends are asked whether a word
    goes on there: what stands between two words keeps them apart, and each question takes milliseconds to
    compile.
    """
    made: list[str] = []
    before = False
    for at, atom in enumerate(atoms, 1):
        word, literal = bool(_WORD.match(atom)), re.escape(atom)
        if at > 1:
            made.append(SOME_GAP if word and before else GAP)
        made.append(literal)
        if word and at == 1:  # after the literal, so that the search can run to it
            made.append(f"(?<!{WORD}{literal})")
        if word and ((open_end and at == len(atoms)) or len(atom) == LONGEST_WORD):
            made.append(f"{WORD}*")
        elif word and at == len(atoms):
            made.append(f"(?!{WORD})")
        before = word
    return "".join(made)
