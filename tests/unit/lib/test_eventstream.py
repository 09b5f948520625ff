"""Server-sent events, however they are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.lib.eventstream import LINE_CAP, Event, EventParser, TooLong

SAMPLE = (
    "\ufeffdata: first\n\n"
    ": a comment\r\n"
    "data: 数据 🙂\u2028not a line end\r\n\r\n"
    "event: named\rdata:no space\rdata\rdata:  two spaces\r\r"
    "id: 7\nretry: 5\nunknown: x\n\n"
    'data: {"a":1}\r\n\ndata: last\n\ndata: never finished'
).encode()
EVENTS = [
    Event(b"first"),
    Event("数据 🙂\u2028not a line end".encode()),
    Event(b"no space\n\n two spaces", b"named"),
    Event(b'{"a":1}'),
    Event(b"last"),
]


def parse(*pieces: bytes) -> list[Event]:
    """Everything that comes out when fed in these pieces."""
    parser = EventParser()
    return [event for piece in pieces for event in parser.feed(piece)]


def test_the_whole_sample_is_read() -> None:
    assert parse(SAMPLE) == EVENTS


def test_every_split_in_two_gives_the_same() -> None:
    for at in range(len(SAMPLE) + 1):
        assert parse(SAMPLE[:at], SAMPLE[at:]) == EVENTS, at


def test_single_bytes_give_the_same() -> None:
    assert parse(*(SAMPLE[n : n + 1] for n in range(len(SAMPLE)))) == EVENTS


@given(st.lists(st.integers(0, len(SAMPLE)), max_size=12))
def test_any_split_gives_the_same(cuts: list[int]) -> None:
    borders = [0, *sorted(cuts), len(SAMPLE)]
    assert parse(*(SAMPLE[a:b] for a, b in pairwise(borders))) == EVENTS


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5))
def test_any_bytes_give_the_same_however_cut(data: bytes, cuts: list[int]) -> None:
    borders = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert parse(*(data[a:b] for a, b in pairwise(borders))) == parse(data)


def test_an_event_needs_its_empty_line() -> None:
    assert parse(b"data: a\n") == []
    assert parse(b"data: a\n\n") == [Event(b"a")]


def test_a_name_without_data_is_no_event_and_names_nothing_later() -> None:
    assert parse(b"event: x\n\ndata: a\n\n") == [Event(b"a")]


@pytest.mark.parametrize("piece", [b"x" * 1000, b"data: " + b"x" * 994])
def test_a_line_without_end_is_stopped(piece: bytes) -> None:
    with pytest.raises(TooLong):
        parse(*[piece] * (LINE_CAP // 1000 + 2))


def test_a_long_line_that_came_at_once_is_stopped_too() -> None:
    with pytest.raises(TooLong):
        parse(b"data: " + b"x" * (LINE_CAP + 1) + b"\n\n")


def test_many_lines_of_one_event_are_stopped() -> None:
    with pytest.raises(TooLong):
        parse(*[b"data: " + b"x" * 100_000 + b"\n"] * 50)
