"""Notices as sentences, in both languages; whatever an upstream calls its models is only text."""

from __future__ import annotations

import json

import pytest

from parley.chat import notices
from parley.chat.notices import REASONS
from parley.providers.base import SENTENCES
from parley.web.i18n import use_language
from tests.unit.markup import parse

WAIT = {
    "code": "waiting",
    "reason": "rate_limit",
    "seconds": 12,
    "until": 1_795_219_212_000,
    "model": "Large",
}


@pytest.mark.parametrize(
    ("notice", "says"),
    [
        (
            {"code": "fallback", "model": "Small", "instead_of": "Large", "reason": "rate_limit"},
            "Answered by “Small” because “Large” was rate-limited.",
        ),
        (
            {"code": "fallback", "model": "Small", "instead_of": "Large", "reason": "hologram"},
            "Answered by “Small” because “Large” failed.",
        ),
        (
            {"code": "left_out", "count": 12},
            "12 older messages were left out: the chat is longer than this model can read.",
        ),
        (
            {"code": "left_out", "count": 1},
            "1 older message was left out: the chat is longer than this model can read.",
        ),
        (
            {"code": "described", "count": 2, "model": "Eye"},
            "This model cannot see: “Eye” described 2 pictures to it.",
        ),
        ({"code": "dropped", "names": ["top_k"]}, ""),
        ({"code": "of_a_later_version", "text": "Something new."}, "Something new."),
        ({"code": "left_out", "count": "many"}, "0 older messages were left out: the chat is longer"),
        ({}, ""),
    ],
)
def test_a_notice_is_one_sentence(notice: dict[str, object], says: str) -> None:
    with use_language("en"):
        assert notices.sentence(notice).startswith(says)
        assert bool(notices.sentence(notice)) == bool(says)


def test_every_class_of_error_has_its_own_clause() -> None:
    assert set(SENTENCES) - set(REASONS) == {"server"}  # "failed" says it
    with use_language("en"):
        assert notices.reason("overloaded", "100% <b>") == "“100% <b>” was overloaded"


def test_a_wait_counts_down_in_an_element_of_its_own() -> None:
    with use_language("en"):
        shown = parse(notices.countdown(WAIT))
    assert shown.text() == "“Large” asks to wait: 12 s"
    place = next(node for node in shown.walk() if node.tag == "b")
    assert (place.attrs["data-until"], place.attrs["data-seconds"]) == ("1795219212000", "12")


def test_other_waits_say_why() -> None:
    with use_language("en"):
        shown = parse(notices.countdown(WAIT | {"reason": "overloaded", "seconds": 1.2})).text()
    assert shown == "“Large” was overloaded. Trying again in 2 s"


@pytest.mark.parametrize("name", ["<script>", "\ufffc", '" onload="x', "%(seconds)s"])
def test_the_name_of_a_model_is_only_text(name: str) -> None:
    for shown in (
        notices.countdown(WAIT | {"model": name}),
        notices.note({"code": "fallback", "model": name, "instead_of": name, "reason": "quota"}),
    ):
        assert {node.tag for node in parse(shown).walk()} <= {"", "p", "b", "span"}
        assert name.replace("\ufffc", "") in parse(shown).text()


@pytest.mark.parametrize("value", [None, "x", -5, 1e300, True, float("nan")])
def test_odd_numbers_do_not_break_the_line(value: object) -> None:
    place = next(
        node
        for node in parse(notices.countdown(WAIT | {"seconds": value, "until": value})).walk()
        if node.tag == "b"
    )
    assert int(place.attrs["data-seconds"]) >= 0


def test_what_stayed_with_an_answer_is_told_in_order_without_what_nobody_needs() -> None:
    kept = [
        {"code": "left_out", "count": 3},
        {"code": "dropped", "names": ["seed"]},
        {"code": "cut", "text": "Cut."},
    ]
    shown = parse(notices.notes(json.dumps(kept)))
    assert [node.attrs["data-code"] for node in shown.walk() if node.tag == "p"] == [
        "left_out",
        "cut",
    ]
    assert notices.notes("not json") == ""
    assert notices.notes("") == ""
