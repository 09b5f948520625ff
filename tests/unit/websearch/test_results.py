"""What engines find is hostile input until it went through here."""

from __future__ import annotations

import pytest

from parley.settings.websearching import are_domains, are_names
from parley.websearch.results import (
    LONGEST_SNIPPET,
    Hit,
    clean_day,
    clean_text,
    clean_url,
    permitted,
    results_of,
)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("<strong>Sea</strong> &amp; land\n\n now", "Sea & land now"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"),  # words, and escaped as such
        ("a < b and c > d", "a < b and c > d"),
        ("\u202eevil\u202c \x00\x07bell\ud800", "evil bell"),
        (7, ""),
        (None, ""),
    ],
)
def test_text_is_plain_and_on_one_line(said: object, text: str) -> None:
    assert clean_text(said, 100) == text


def test_text_is_cut() -> None:
    assert len(clean_text("word " * 10_000, LONGEST_SNIPPET)) <= LONGEST_SNIPPET
    assert clean_text("<" * 30_000, 10) == "<<<<<<<<<…"


@pytest.mark.parametrize(
    "said",
    [
        "javascript:alert(1)", "data:text/html,x", "//host/x", "/x", "ftp://host/x", "file:///etc/passwd",
        "http://user:pass@host/", "http://ex%61mple.org/", "http://ho st/", "http://host/\u202ex",
        'http://host/"><b>', "http://", "http://host:99999/", "http://[::1",
        "http://h/" + "x" * 3_000, None, 7,
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_stay(said: object) -> None:
    assert clean_url(said) == ""


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2025-03-11T10:00:00.000Z", "2025-03-11"),
        ("2025/3/1", "2025-03-01"),
        ("2025年03月11日", "2025-03-11"),
        ("Tue, 11 Mar 2025 10:00:00 GMT", "2025-03-11"),
        ("2025-13-01", None),
        ("3 days ago", None),
        (20250311, None),
    ],
)
def test_days_in_the_ways_engines_write_them(said: object, day: str | None) -> None:
    assert clean_day(said) == day


def test_domains_cover_what_lies_below_them_and_blocks_win() -> None:
    assert permitted("https://a.example.org/x", ("example.org",), ())
    assert not permitted("https://badexample.org/", ("example.org",), ())
    assert not permitted("https://ads.example.org/", ("example.org",), ("ads.example.org",))
    assert permitted("https://EXAMPLE.org./", ("example.org",), ())
    assert permitted("https://xn--fsqu00a.xn--0zwm56d/", ("xn--fsqu00a.xn--0zwm56d",), ())
    assert not permitted("https://例子.测试/", (), ("xn--fsqu00a.xn--0zwm56d",))


def test_each_address_comes_once_and_a_page_without_title_is_called_by_its_host() -> None:
    twice = [Hit("", "https://a.example/", None), Hit("B", "https://a.example/", "x"), Hit(url=None)]
    (only,) = results_of(twice)
    assert (only.title, only.snippet, only.published) == ("a.example", "", None)


def test_lists_are_names_and_domains() -> None:
    assert are_names("brave, searxng")
    assert not are_names("brave brave")
    assert are_domains("example.org\nsub.example.com, 例子.中国")
    assert not are_domains("https://example.org")
    assert not are_domains("localhost")
