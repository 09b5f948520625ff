"""Env files are data."""

import pytest

from parley.lib.envfile import parse_env


def test_values_comments_quotes_and_export_are_understood() -> None:
    text = """
# a comment
PORT=4000
export HOST = 0.0.0.0   # everywhere
A="two words # kept"  # comment
B='$(rm -rf /)'
C=a#b
D=
PORT=5000
"""
    assert parse_env(text) == {
        "PORT": "5000",
        "HOST": "0.0.0.0",
        "A": "two words # kept",
        "B": "$(rm -rf /)",
        "C": "a#b",
        "D": "",
    }


@pytest.mark.parametrize("line", ["PORT", "=1", "A B=1", "1A=2", "A='x", 'A="x" y'])
def test_a_line_that_is_not_an_assignment_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        parse_env(f"OK=1\n{line}\n")
