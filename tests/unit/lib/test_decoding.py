"""Bodies that arrive compressed, under a cap."""

from __future__ import annotations

import gzip
import zlib

import pytest

from parley.lib.http import TooLarge, Unreadable
from parley.lib.http.decoding import STEP, Capped


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", b"hello"),
        ("identity", b"hello"),
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
    ],
)
def test_known_encodings_are_read_in_any_pieces(encoding: str, body: bytes) -> None:
    capped = Capped(encoding, 100)
    assert b"".join(capped.feed(body[n : n + 1]) for n in range(len(body))) == b"hello"


def test_a_bomb_is_stopped_at_the_cap() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    capped = Capped("gzip", 1_000_000)
    with pytest.raises(TooLarge):
        capped.feed(bomb)


def test_a_small_chunk_that_holds_much_comes_in_pieces() -> None:
    pieces = list(Capped("gzip", 60_000_000).pieces(gzip.compress(b"\n" * 50_000_000)))
    assert sum(map(len, pieces)) == 50_000_000
    assert max(map(len, pieces)) <= STEP


def test_what_nobody_asked_for_is_refused() -> None:
    with pytest.raises(Unreadable):
        Capped("br", 100)
    with pytest.raises(Unreadable):
        Capped("gzip", 100).feed(b"not gzip")
