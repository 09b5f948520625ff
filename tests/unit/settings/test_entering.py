"""Which patterns of names a site may set."""

from __future__ import annotations

import time

import pytest

from parley.accounts.names import POSSIBLE, name_fault
from parley.settings.entering import is_usable

PATTERN_TIME_S = 1.0  # far more than the slowest allowed pattern needs, far less than a bad one


@pytest.mark.parametrize(
    "pattern", [r"[a-z]{3,20}", r"\w+\.\w+", r"[\u4e00-\u9fff]{2,6}", r"s\d{6}", "(ann|bob)"]
)
def test_a_simple_pattern_can_be_used(pattern: str) -> None:
    assert is_usable(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a|aa)+$",
        r"(\w+\s?)*",
        r"(.)\1",
        "(?=a+)a",
        "a*a*a*a*a*b",
        "[",
        "(",
        "a{99999999999}",
        "(|a)" * 50,
    ],
)
def test_a_slow_or_broken_pattern_cannot(pattern: str) -> None:
    assert not is_usable(pattern)


def test_the_slowest_allowed_pattern_is_fast_on_the_longest_name() -> None:
    pattern = "a*a*a*a*b"
    assert is_usable(pattern)
    before = time.process_time()
    assert name_fault("a" * 20, pattern)
    assert time.process_time() - before < PATTERN_TIME_S


@pytest.mark.parametrize("name", ["", "a" * 21, "~visitor", "a\0b", "a\u202eb", "a\nb"])
def test_no_pattern_allows_what_cannot_be_seen_or_stored(name: str) -> None:
    assert name_fault(name, POSSIBLE)
