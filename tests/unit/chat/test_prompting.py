"""What of a long chat a model is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parley.chat.prompting import Picture, built, clamped, filled, room, size_of
from parley.chat.queries import PathMessage
from parley.lib.tokens import estimate
from parley.providers.base import Image, Turn
from parley.providers.sampling import Sampling

WIDE = 100_000
PNG = Image("image/png", b"x")


def said(role: str, text: str, *, id: int = 1, status: str = "done") -> PathMessage:
    return PathMessage(
        id=id,
        parent=None,
        role=role,
        text=text,
        reasoning="",
        model="",
        model_name="",
        client_message_id=None,
        created_at=0,
        generation=None,
        status=status,
        error="",
        error_code="",
        finish_reason="",
        prompt_tokens=None,
        completion_tokens=None,
        started_at=None,
        first_fact_at=None,
        finished_at=None,
    )


def talk(exchanges: int, words: int = 50) -> list[PathMessage]:
    """Questions and answers that can be told apart, the last question unanswered."""
    path = []
    for number in range(exchanges):
        path.append(said("user", f"q{number} " + "word " * words))
        path.append(said("assistant", f"a{number} " + "word " * words))
    return [*path, said("user", "last question")]


def test_turns_keep_their_order() -> None:
    path = [said("user", "one"), said("assistant", "two"), said("user", "three")]
    found = built(path, window=WIDE)
    assert found.turns == (Turn("user", "one"), Turn("assistant", "two"), Turn("user", "three"))
    assert (found.left_out, found.tokens) == (0, sum(map(size_of, found.turns)))


@pytest.mark.parametrize(("status", "texts"), [
    ("error", ["one\n\ntwo"]),
    ("cancelled", ["one", "half", "two"]),
    ("interrupted", ["one", "half", "two"]),
])  # fmt: skip
def test_a_failed_answer_is_not_sent_and_a_stopped_one_is(status: str, texts: list[str]) -> None:
    path = [said("user", "one"), said("assistant", "half", status=status), said("user", "two")]
    assert [turn.text for turn in built(path, window=WIDE).turns] == texts


def test_the_oldest_exchanges_go_first_and_are_counted() -> None:
    found = built(talk(10), window=600, keep_free=100)
    assert found.turns[-1].text == "last question"
    assert found.turns[0].role == "user"
    assert 0 < found.left_out < 20
    assert found.left_out % 2 == 0
    assert len(found.turns) == 21 - found.left_out
    assert found.tokens <= 500


@given(st.integers(1, 4000), st.integers(0, 12), st.integers(0, 2000))
def test_it_never_sends_more_than_fits_but_always_the_question(
    window: int, exchanges: int, free: int
) -> None:
    found = built(talk(exchanges), window=window, keep_free=free, system="Be brief.")
    assert found.turns[0] == Turn("system", "Be brief.")
    assert found.turns[-1].text == "last question"
    more_than_the_least = len(found.turns) > 2
    assert not more_than_the_least or found.tokens <= window - min(free, window // 4)
    assert len(found.turns) - 1 + found.left_out == 2 * exchanges + 1


def test_the_last_question_is_sent_even_when_it_alone_is_too_long() -> None:
    assert len(built([said("user", "x " * 1000)], window=10).turns) == 1


def test_a_path_read_from_its_middle_begins_with_a_question() -> None:
    path = [said("assistant", "orphan"), said("user", "two")]
    assert built(path, window=WIDE).turns == (Turn("user", "two"),)


def test_a_continuation_ends_with_what_was_already_written() -> None:
    found = built([said("user", "go")], window=WIDE, prefix="Once upon")
    assert found.turns[-1] == Turn("assistant", "Once upon")


def test_pictures_are_sent_and_counted() -> None:
    path = [said("user", "look", id=7)]
    blind = built(path, window=WIDE)
    seeing = built(path, window=WIDE, pictures={7: [Picture(PNG)]})
    assert seeing.turns[0].images == (PNG,)
    assert seeing.tokens > blind.tokens + 500


def test_a_described_picture_becomes_words() -> None:
    pictures = {7: [Picture(description="a red square"), Picture(description="a cat")]}
    turn = built([said("user", "", id=7)], window=WIDE, pictures=pictures).turns[0]
    assert (turn.images, turn.text) == ((), "[Picture 1: a red square]\n\n[Picture 2: a cat]")


def test_variables_are_filled_and_other_braces_stay() -> None:
    now = datetime(2026, 11, 21, 7, 5, tzinfo=timezone(timedelta(hours=8)))
    prompt = 'Today {date}, {time}, for {user}. {"json": {x}}'
    assert filled(prompt, now=now, user="ann") == (
        'Today 2026-11-21, 07:05 UTC+08:00, for ann. {"json": {x}}'
    )
    assert filled("{time}", now=replace_zone(now), user="") == "23:05 UTC+00:00"


def replace_zone(now: datetime) -> datetime:
    return now.astimezone(UTC)


def test_a_name_cannot_bring_a_variable_of_its_own() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert filled("{user}", now=now, user="{date}") == "{date}"


def test_an_answer_gets_what_is_left() -> None:
    assert room(window=1000, max_output=None, prompt_tokens=400) == 600
    assert room(window=1000, max_output=100, prompt_tokens=400) == 100
    assert room(window=1000, max_output=None, prompt_tokens=5000) > 0
    assert clamped(Sampling(max_tokens=900, seed=1), 600) == Sampling(max_tokens=600, seed=1)
    assert clamped(Sampling(seed=1), 600) == Sampling(seed=1)


def test_tokens_are_counted_as_the_estimate_says() -> None:
    turn = Turn("user", "数据库才是真相")
    assert size_of(turn) == 4 + estimate(turn.text)
    assert size_of(replace(turn, images=(PNG,))) > size_of(turn)


def test_questions_without_an_answer_between_them_are_one() -> None:
    """As in a chat from elsewhere that ended with a question: its answer is there and says nothing."""
    path = [said("user", "one"), said("assistant", "", status="interrupted"), said("user", "two")]
    seen = {1: [Picture(PNG)]}
    (turn,) = built(path, window=WIDE, pictures=seen).turns
    assert (turn.role, turn.text) == ("user", "one\n\ntwo")
    assert turn.images == (PNG, PNG)
