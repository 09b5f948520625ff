"""What a half-written block looks like for a moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.lib.halfopen import LONGEST, mended


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("**bold", "**bold**"),
        ("*it **bo", "*it **bo***"),
        ("***both", "***both***"),
        ("a **b** c*", "a **b** c"),
        ("~~gone", "~~gone~~"),
        ("_x", "_x_"),
        ("snake_ca", "snake_ca"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("**重点", "**重点**"),
        ("a `code", "a `code`"),
        ("**a `b", "**a `b`**"),
        ("a `", "a"),
        ("see [text](https://exam", "see text"),
        ("see [te", "see te"),
        ("![a cat](https://i", "a cat"),
        ("[done](https://a.example) and **b", "[done](https://a.example) and **b**"),
        ("- **a\n- **b", "- **a\n- **b**"),
        ("**a**\n\n*b", "**a**\n\n*b*"),
        ("# H **x", "# H **x**"),
        ("text\n-", "text"),
        ("text\n--", "text"),
        ("1. a\n2", "1. a"),
        ("x\n```py", "x"),
        ("| a | b |\n|--", "| a | b |"),
        ("```py", ""),
        ("1. a\n   ```py\n   x = **y", "1. a\n   ```py\n   x = **y"),
        ("42", "42"),
        ("", ""),
    ],
)
def test_half_open_constructs_are_closed_or_left_out(source: str, shown: str) -> None:
    assert mended(source) == shown


def test_a_very_long_paragraph_is_left_as_it_is() -> None:
    assert mended("**" + "a" * LONGEST) == "**" + "a" * LONGEST


@given(st.text("ab*_`~[]()!#-> \n\\1.|$", max_size=80))
def test_nothing_is_ever_added_but_closing_marks(source: str) -> None:
    shown = mended(source)
    kept = shown.rstrip("*_`~")
    assert set(shown[len(kept) :]) <= set("*_`~")
    assert [char for char in kept if char.isalnum()] == [char for char in source if char.isalnum()][
        : len(kept)
    ][: sum(map(str.isalnum, kept))]
