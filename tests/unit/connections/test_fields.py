"""What an administrator types about a connection."""

from __future__ import annotations

import pytest

import parley.providers  # noqa: F401  fills the registry
from parley.connections.fields import clean_key, clean_name, clean_url, hint_of, kind_of
from parley.lib.errors import Invalid
from parley.providers.base import REGISTRY

OPENAI = REGISTRY.get("openai")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (" https://api.example.com/v1/ ", "https://api.example.com/v1"),
        ("https://api.example.com", "https://api.example.com/v1"),
        ("https://api.example.com/", "https://api.example.com/v1"),
        ("HTTPS://API.Example.com/V1", "https://api.example.com/V1"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com/v1/models", "https://api.example.com/v1"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        ("https://openrouter.example/api/v1", "https://openrouter.example/api/v1"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
    ],
)
def test_addresses_are_stored_in_one_form(typed: str, stored: str) -> None:
    assert clean_url(typed, OPENAI) == stored
    assert clean_url(stored, OPENAI) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "api.example.com",
        "ftp://a.example",
        "http://a b",
        "http://u:p@a.example/v1",
        "http://a.example/v1?key=x",
        "http://a.example/v1#x",
        "http://a.example\\@b",
        "http://a.example/" + "x" * 600,
        "javascript:alert(1)",
    ],
)
def test_what_is_no_base_address_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean_url(typed, OPENAI)
    assert "baseUrl" in refused.value.fields


def test_the_demo_has_no_address() -> None:
    assert clean_url("http://anything", REGISTRY.get("demo")) == ""


def test_an_unknown_provider_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Invalid, match=r"demo, gemini, ollama, openai"):
        kind_of("abacus")


def test_a_name_is_made_up_where_none_was_given() -> None:
    assert clean_name("  My   server ", OPENAI, "https://a.example/v1") == "My server"
    assert clean_name("", OPENAI, "https://a.example/v1") == "a.example"
    assert clean_name("a\0b", OPENAI, "") == "a b"
    with pytest.raises(Invalid):
        clean_name("x" * 81, OPENAI, "")


@pytest.mark.parametrize("typed", ["a b", "a\r\nHost: b", "schlüssel", "x" * 5000, "a\0b"])
def test_a_key_that_no_header_can_carry_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        clean_key(typed)


def test_a_hint_shows_little_and_nothing_of_a_short_key() -> None:
    assert clean_key(" sk-1234567890abcdef \n") == "sk-1234567890abcdef"
    assert hint_of("sk-1234567890abcdef") == "cdef"
    assert hint_of("short-key") == ""
