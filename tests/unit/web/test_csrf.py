"""Form tokens, and where a request says it comes from."""

import pytest

from parley.web.csrf import is_own_origin, make_token, token_matches

KEY = b"k" * 32
HOSTS = frozenset({"chat.example:8080"})


def test_a_token_fits_only_the_cookie_it_was_made_for() -> None:
    token = make_token(KEY, "mine")
    assert token_matches(KEY, "mine", token)
    assert not token_matches(KEY, "yours", token)
    assert not token_matches(b"x" * 32, "mine", token)


def test_nothing_fits_a_browser_without_a_cookie() -> None:
    assert not token_matches(KEY, "", make_token(KEY, ""))
    assert not token_matches(KEY, "mine", "")
    assert not token_matches(KEY, "mine", "ü")


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        (None, None),
        ("http://chat.example:8080", None),
        ("https://CHAT.example:8080", None),
        ("http://chat.example:8080", "same-origin"),
        ("http://behind-a-proxy", "same-origin"),
        (None, "none"),
    ],
)
def test_our_own_pages_may_send(origin: str | None, site: str | None) -> None:
    assert is_own_origin(origin, site, HOSTS)


@pytest.mark.parametrize(
    ("origin", "site"),
    [
        ("https://evil.example", None),
        ("null", None),
        ("null", "same-origin"),
        (None, "cross-site"),
        (None, "same-site"),
        ("http://chat.example:8080", "cross-site"),
        ("http://chat.example:8080", "same-site"),
        ("http://chat.example", None),
        ("http://chat.example:8080.evil.example", None),
        ("http://chat.example:8080@evil.example", None),
        ("file://chat.example:8080", None),
        ("", None),
    ],
)
def test_other_sites_may_not(origin: str | None, site: str | None) -> None:
    assert not is_own_origin(origin, site, HOSTS)
