from parley.chat.prompting import turns_of
from parley.chat.queries import PathMessage
from parley.providers.base import Turn


def said(role: str, text: str, *, status: str = "done") -> PathMessage:
    return PathMessage(
        id=1,
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


def test_turns_keep_their_order() -> None:
    path = [said("user", "one"), said("assistant", "two"), said("user", "three")]
    assert turns_of(path) == (Turn("user", "one"), Turn("assistant", "two"), Turn("user", "three"))


def test_an_answer_that_failed_before_its_first_word_is_left_out() -> None:
    path = [said("user", "one"), said("assistant", "", status="error"), said("user", "two")]
    assert [turn.text for turn in turns_of(path)] == ["one", "two"]


def test_the_oldest_turns_go_first_when_room_is_short() -> None:
    path = [said("user", "a" * 50), said("assistant", "b" * 50), said("user", "c" * 50)]
    assert [turn.text[0] for turn in turns_of(path, room=160)] == ["a", "b", "c"]
    assert [turn.text[0] for turn in turns_of(path, room=120)] == [
        "c"
    ]  # an answer without its question goes too


def test_the_last_question_is_sent_even_when_it_alone_is_too_long() -> None:
    assert len(turns_of([said("user", "x" * 100)], room=10)) == 1


def test_a_continuation_ends_with_what_was_already_written() -> None:
    assert turns_of([said("user", "go")], prefix="Once upon")[-1] == Turn("assistant", "Once upon")
