"""Lines of JSON, however they are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.lib.eventstream import LINE_CAP, TooLong
from parley.lib.ndjson import LineSplitter

SAMPLE = '\ufeff{"a":"数据 🙂\u2028"}\n\r\n{"b":1}\r\n\n{"c":[]}\n{"half'.encode()
LINES = ['{"a":"数据 🙂\u2028"}'.encode(), b'{"b":1}', b'{"c":[]}']


def split(*pieces: bytes) -> tuple[list[bytes], bytes]:
    """The lines that come out when fed in these pieces, and the rest."""
    splitter = LineSplitter()
    return [line for piece in pieces for line in splitter.feed(piece)], splitter.rest()


def test_every_split_in_two_gives_the_same() -> None:
    for at in range(len(SAMPLE) + 1):
        assert split(SAMPLE[:at], SAMPLE[at:]) == (LINES, b'{"half'), at


@given(st.lists(st.integers(0, len(SAMPLE)), max_size=12))
def test_any_split_gives_the_same(cuts: list[int]) -> None:
    borders = [0, *sorted(cuts), len(SAMPLE)]
    assert split(*(SAMPLE[a:b] for a, b in pairwise(borders))) == (LINES, b'{"half')


def test_a_last_line_without_an_end_is_the_rest() -> None:
    assert split(b"\xef\xbb\xbf{}") == ([], b"{}")
    assert split(b"{}\n", b" \r") == ([b"{}"], b"")


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_over_the_cap_is_refused(end: bytes) -> None:
    assert split(b"x" * LINE_CAP + b"\n")[0] == [b"x" * LINE_CAP]
    with pytest.raises(TooLong):
        split(b"x" * LINE_CAP, b"x" + end)
