"""Colours of code: six classes, a closed list of languages, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.lib.highlight import (
    _LANGUAGES,
    HEAVY,
    LONGEST_LINE,
    TOO_LONG,
    highlight,
    is_heavy,
    shown_language,
    warm_up,
)
from tests.unit.markup import CLASSES, parse

WORDS = sorted(word for _, words in _LANGUAGES.values() for word in words.split())
CODE = """# a comment
def greet(name: str = "you") -> None:
\tprint(f"Hello <{name}> & {1 + 2.5}")  // also this
[section] key = true; SELECT * FROM t WHERE x = 'y';\n
"""


@pytest.mark.parametrize("word", WORDS)
def test_every_language_gives_back_the_text_in_known_classes(word: str) -> None:
    root = parse(highlight(CODE, word))
    assert root.text() == CODE
    assert {node.attrs["class"] for node in root.walk() if node is not root} <= CLASSES["span"]


@given(
    st.text(st.characters(exclude_characters="\ufeff"), max_size=200),
    st.sampled_from(["py", "sh", "json", "html", "sql", "diff"]),
)
def test_no_character_is_lost_or_added(code: str, word: str) -> None:
    assert parse(highlight(code, word)).text() == code.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    ("code", "word"),
    [("x = 1", "nonsense"), ("x = 1", ""), ("x=1\n" * TOO_LONG, "py"), ("x" * (LONGEST_LINE + 1), "py")],
    ids=["unknown", "none", "too long", "a long line"],
)
def test_what_is_not_known_or_too_long_stays_plain(code: str, word: str) -> None:
    assert "<span" not in highlight(code, word)


def test_names_of_languages_are_those_people_use() -> None:
    assert [shown_language(word) for word in ("py", "TS", "sh", "c++", "brainf")] == [
        "Python",
        "TypeScript",
        "Shell",
        "C++",
        "brainf",
    ]
    assert shown_language("x" * 100) == "x" * 24


def test_long_code_is_called_heavy_and_too_long_code_is_not() -> None:
    assert [is_heavy("x" * size) for size in (HEAVY, HEAVY + 1, TOO_LONG + 1)] == [False, True, False]


def test_a_lexer_that_takes_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "for each in many:\n" * 2_000  # too long to be remembered
    monkeypatch.setattr("parley.lib.highlight.SECONDS", -10.0)
    html = highlight(code, "py")
    assert parse(html).text() == code
    assert html.count("<span") <= 1


def test_warming_up_loads_lexers() -> None:
    warm_up()
