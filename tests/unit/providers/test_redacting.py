"""Our secrets in what an upstream says."""

from __future__ import annotations

import html
import time
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.providers import redacting
from parley.providers.redacting import MAX_WORDS, PIECE, SCRAP, by_looks, plain, redacted, scrap

KEY = "sk-Zq7/def+ghi&jklmnop=1234567890"
FORMS = {
    "as it is": KEY,
    "in an address": quote(KEY, safe=""),
    "in JSON": KEY.replace("/", r"\/"),
    "in a page": html.escape(KEY),
    "in base64": b64encode(KEY.encode()).decode(),
    "after Bearer": b64encode(b"Bearer " + KEY.encode()).decode(),
    "in Basic": urlsafe_b64encode(b"a:" + KEY.encode()).decode(),
    "its beginning": KEY[:20],
    "its end": KEY[-14:],
    "half masked": KEY[:8] + "*" * 12,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_no_form_of_a_key_is_repeated(form: str) -> None:
    said = redacted(f"Wrong key: {form} !", ("", KEY))
    assert said.startswith("Wrong key: ")
    assert said.endswith(" !")
    assert form not in said
    assert not any(KEY[n : n + PIECE] in said for n in range(len(KEY) - PIECE))


def test_what_is_cut_is_cut_after_the_key_is_gone() -> None:
    for before in range(SCRAP - len(KEY), SCRAP):
        assert "sk-Zq7" not in scrap(b"x" * (before - 1) + b" " + KEY.encode(), KEY)
    assert len(plain("x " * 10_000_000, KEY)) == MAX_WORDS


def test_an_address_in_a_header_does_not_black_out_others() -> None:
    assert (
        redacted("see https://example.com/docs", "https://example.com/chat") == "see https://example.com/docs"
    )


def test_broken_text_can_be_stored() -> None:
    assert plain("a\ud800b\0c\ud83d\ude00", "") == "a\ufffdb c\U0001f600"


def test_a_flood_of_words_takes_no_time() -> None:
    began = time.process_time()
    plain("x" * 24_000_000, "k" * 4096)
    assert time.process_time() - began < 1


PIECES = (
    "-----BEGIN RSA PRIVATE KEY-----", "-----END PRIVATE KEY-----", "eyJhbGciOi.eyJzdWIiOi.sig",
    "sk-", "rk_", "whsec_", "AIza", "ya29.", "AKIA", "ghp_", "github_pat_", "xoxb-",
    "https://me:word@host", "?sig=", "&a.KEY=", "Cookie: ", "cook\u0131e=", "API-Key",
    "ap\u0130_\u212aey: ", "pa\u017f\u017fword = ", "token:", "Bearer ", "Ba\u017fic ",
    "abcdefghijklmnop1234", "ABCDEFGHIJKLMNOP", " ", "\n", '"', "words", "ß", "字",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_looking_for_words_first_leaves_nothing_out(text: str) -> None:
    slowly = text
    for pattern, put, _words in redacting._PATTERNS:
        slowly = pattern.sub(put, slowly)
    assert by_looks(text) == slowly
    assert redacted(text, "") == redacting._BEARER.sub(lambda found: f"{found[1] or found[2]} [key]", text)
