"""Which questions a page folds."""

from __future__ import annotations

import pytest

from parley.chat.pages import UserTurn


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("", False),
        ("a\n" * 12, False),
        ("\n".join("a" * 12) + "\n\n\n", False),
        ("\n".join("a" * 13), True),
        ("a" * 1500, False),
        ("字" * 1501, True),
    ],
)
def test_more_than_twelve_lines_or_fifteen_hundred_characters_are_long(text: str, long: bool) -> None:
    assert UserTurn(id=1, text=text).is_long is long
