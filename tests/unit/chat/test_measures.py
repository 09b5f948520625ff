"""What an answer took, in words."""

from dataclasses import replace

import pytest

from parley.chat import measures
from parley.web.i18n import use_language
from tests.unit.chat.paths import ANSWER


@pytest.mark.parametrize(("ms", "text"), [(840, "0.8 s"), (11_200, "11 s"), (125_000, "2 min 5 s")])
def test_durations_are_short(ms: int, text: str) -> None:
    with use_language("en"):
        assert measures.seconds(ms) == text


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (None, "Reasoning"),
        (300, "Thought for 1 s"),
        (7_400, "Thought for 7 s"),
        (90_000, "Thought for 1 min 30 s"),
    ],
)
def test_a_fold_says_how_long_it_thought(ms: float | None, text: str) -> None:
    with use_language("en"):
        assert measures.thought_for(ms) == text


@pytest.mark.parametrize(
    ("nano", "text"),
    [
        (0, "$0"),
        (1_234_000, "$0.0012"),
        (34_000_000, "$0.034"),
        (1_250_000_000, "$1.25"),
        (42_000, "$0.000042"),
    ],
)
def test_money_has_two_digits_that_count(nano: int, text: str) -> None:
    assert measures.money(nano) == text


def test_the_line_says_time_tokens_speed_and_cost() -> None:
    with use_language("en"):
        assert measures.line(ANSWER) == "11 s, 1,284 tokens, 100 tokens/s, $0.0012"
        assert measures.line(replace(ANSWER, estimated=True, cost_nano=None)).startswith(
            "11 s, about 1,284 tokens"
        )
        assert measures.line(replace(ANSWER, completion_tokens=None, cost_nano=None)) == "11 s"


def test_speed_leaves_out_what_was_thought() -> None:
    assert measures.tokens_per_second(replace(ANSWER, reasoning_tokens=284)) == pytest.approx(100)
    assert measures.tokens_per_second(replace(ANSWER, finished_at=ANSWER.first_text_at)) is None


def test_the_details_name_the_model_that_answered_and_what_it_read() -> None:
    message = replace(ANSWER, answered_name="Other", cached_tokens=1000)
    with use_language("en"):
        assert measures.details(message) == (
            "Other, first words after 1.0 s, 3,410 tokens read, 1,000 of them from the cache,"
            " 284 tokens of reasoning"
        )


@pytest.mark.parametrize(
    ("count", "text"), [(900, "900"), (128_000, "128k"), (1_048_576, "1M"), (1_500_000, "1.5M")]
)
def test_counts_in_narrow_places_are_short(count: int, text: str) -> None:
    assert measures.short_count(count) == text
