"""How full the window is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from parley.chat.gauge import gauge
from parley.lib.tokens import estimate
from parley.web.i18n import use_language
from tests.unit.chat.paths import ANSWER

QUESTION = replace(ANSWER, id=3, role="user", text="word " * 400, prompt_tokens=None, completion_tokens=None,
                   window_tokens=None)  # fmt: skip


def test_an_empty_chat_has_none() -> None:
    assert gauge([]) is None


def test_the_last_answers_own_count_is_used() -> None:
    with use_language("en"):
        shown = gauge([QUESTION, ANSWER])
    assert shown is not None
    assert (shown.percent, shown.level, shown.says) == (47, "", "")
    assert shown.title == "About 4k of the 10k tokens this model can read"


def test_what_is_newer_is_estimated() -> None:
    before, after = gauge([ANSWER]), gauge([ANSWER, QUESTION])
    assert before is not None
    assert after is not None
    assert after.percent == round((4694 + estimate(QUESTION.text) + 4) / 100)
    assert gauge([replace(QUESTION, text="short")]) is not None


@pytest.mark.parametrize(
    ("window", "percent", "level"), [(5_800, 81, "warn"), (4_000, 100, "full"), (100_000, 5, "")]
)
def test_another_model_has_another_window(window: int, percent: int, level: str) -> None:
    shown = gauge([ANSWER], window)
    assert shown is not None
    assert (shown.percent, shown.level) == (percent, level)
    assert bool(shown.says) == bool(level)


def test_an_answer_that_left_something_out_was_full() -> None:
    cut = replace(ANSWER, notices=json.dumps([{"code": "left_out", "count": 2}]))
    assert (full := gauge([cut])) is not None
    assert (full.percent, full.level) == (100, "full")
    assert (larger := gauge([cut], 1_000_000)) is not None
    assert larger.level == ""
