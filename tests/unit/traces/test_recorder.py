"""What is noted, in what order, and how much of it; who gets a trace; how times are said."""

from __future__ import annotations

import pytest

from parley.settings.catalogue import Values
from parley.traces import policy
from parley.traces.recorder import ATTEMPT, Recorder
from parley.traces.story import took


def test_the_limit_leaves_one_note_that_there_was_more() -> None:
    recorder = Recorder(1, 2, 3, lambda: None)
    for number in range(9):
        recorder.note("notice", str(number))
    part = recorder.take()
    assert part is not None
    assert [each.kind for each in part.events] == ["notice"] * 3 + ["overflow"]
    assert [each.seq for each in part.events] == [2 * ATTEMPT + n for n in (1, 2, 3, 4)]
    recorder.speaks("text")
    recorder.spoke("text", 1, 5)
    recorder.close()
    assert recorder.take() is None


def test_words_are_counted_and_told_once() -> None:
    told: list[int] = []
    recorder = Recorder(1, 1, 100, lambda: told.append(1))
    for _ in range(10):
        recorder.speaks("text")
        recorder.spoke("text", 5, 20)
        recorder.stored(10, 2, 1)
    recorder.close()
    part = recorder.take()
    assert part is not None
    kinds = [each.kind for each in part.events]
    assert kinds == ["first", "store", "store", "store", "text", "stored"]
    assert part.events[4].data == '{"pieces":50,"characters":200}'
    assert len(told) == 4  # not of the sums: whoever closes takes them


@pytest.mark.parametrize(
    ("settings", "admin", "wanted", "decided"),
    [
        ({"traces.capture": "off"}, True, True, (False, "disabled")),
        ({}, False, True, (False, "not_allowed")),
        ({}, True, True, (True, "asked")),
        ({}, True, False, (False, "opted_out")),
        ({}, True, None, (False, "not_asked")),
        ({"traces.default": True}, True, None, (True, "default")),
        ({"traces.who": "everybody"}, False, True, (True, "asked")),
        ({"traces.capture": "always"}, True, False, (True, "always")),
        ({"traces.capture": "always"}, False, None, (False, "not_allowed")),
    ],
)
def test_who_gets_a_trace(
    settings: dict[str, object], admin: bool, wanted: bool | None, decided: tuple[bool, str]
) -> None:
    found = policy.decide(Values(settings), admin=admin, wanted=wanted)
    assert (found.taken, found.reason) == decided


@pytest.mark.parametrize(
    ("us", "said"),
    [(300, "0.3 ms"), (12_345, "12 ms"), (1_240_000, "1.2 s"), (123_000_000, "2 min 3 s")],
)
def test_times_are_short(us: int, said: str) -> None:
    assert took(us) == said
