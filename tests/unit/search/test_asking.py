"""What somebody typed, read."""

import random

import pytest

from parley.search.asking import MOST_TERMS, Term, wanted
from parley.search.tokens import atoms_of, tokens_of


def terms(query: str) -> list[str]:
    return [term.token + ("*" if term.beginning else "") for term in wanted(query).terms]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", []),
        ('  "*" -- “ ” ', []),
        ("上海", ["上海"]),
        ("海", ["海"]),
        ("人工智能", ["人工", "工智", "智能"]),
        ("hello world", ["hello", "world*"]),
        ("hello world ", ["hello", "world"]),
        ("in", ["in"]),
        ('"hello world"', ["hello_world"]),
        ("用Python", ["用_python*"]),
        ("上海的well-known人", ["上海", "海的", "的_well", "well_known", "known_人"]),
        ("我，们", ["我", "们"]),
        ("a AND NOT b* NEAR(c)", ["a", "and", "not", "b", "near_c"]),
        ("fox fox FOX ", ["fox"]),
    ],
)
def test_the_index_is_asked_for_these_tokens(query: str, expected: list[str]) -> None:
    assert terms(query) == expected


@pytest.mark.parametrize(
    ("query", "text", "fits"),
    [
        ("hello world", "world of hello", True),
        ('"hello world"', "world of hello", False),
        ('"hello world"', "Hello, world!", True),
        ("人工智能", "智能人工", False),
        ("人工智能", "研究人工智能的人", True),
        ("用python", "用 Python 写", True),
        ("用pyth", "用 Python 写", True),
        ("用pyth ", "用 Python 写", False),
        ("well-known", "known well", False),
        ("3.14", "pi is 3.14159", False),
    ],
)
def test_what_stands_together_has_to_stand_together(query: str, text: str, fits: bool) -> None:
    assert finds(query, text) is fits


def finds(query: str, text: str) -> bool:
    """As the index and the text would say together."""
    asked, tokens = wanted(query), tokens_of(text)
    has = [
        any(t == each.token or (each.beginning and t.startswith(each.token)) for t in tokens)
        for each in asked.terms
    ]
    return all(has) and asked.fits(text)


def test_a_phrase_fits_where_its_atoms_follow_each_other() -> None:
    chance = random.Random(3)
    signs = ["上", "海", "ab", "c", " ", ", ", "_", "👍", "é", "ひ", "\n", "x" * 80]
    for _ in range(300):
        text, query = ("".join(chance.choices(signs, k=chance.randint(1, 9))) for _ in range(2))
        have, want = atoms_of(text), atoms_of(query)
        fits = any(have[at : at + len(want)] == want for at in range(len(have)))
        if want:
            assert finds(f'"{query}"', text) is fits, (text, query)


def test_a_pasted_page_is_cut_and_does_not_end_in_half_a_word() -> None:
    asked = wanted(" ".join(f"word{number}" for number in range(2_000)))
    assert len(asked.terms) == MOST_TERMS
    assert not any(term.beginning for term in asked.terms)
    assert wanted("字" * 10_000).terms == (Term("字字"),)
