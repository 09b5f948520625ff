import pytest

from parley.chat.titles import first_words


def test_a_short_question_is_its_own_title() -> None:
    assert first_words("Why is the sky blue?") == "Why is the sky blue?"


def test_a_long_question_is_cut_at_a_word() -> None:
    title = first_words("The nightly backup took almost three hours and I would like to know why")
    assert title == "The nightly backup took almost three hours and…"


def test_chinese_is_cut_at_half_as_many_characters() -> None:
    assert first_words("很好" * 40) == "很好" * 12 + "…"


def test_marks_and_line_ends_do_not_get_into_a_title() -> None:
    assert first_words("# **Plan**\n\n- `one`\ttwo") == "Plan one two"


@pytest.mark.parametrize(
    "text",
    [
        "is a->b and 5 > 3 or x*y*z",
        "use __init__ here",
        "my_snake_case_name",
        "a | b ~ c [1] # 2",
        "2 * 3 * 4",
    ],
)
def test_code_keeps_its_signs(text: str) -> None:
    assert first_words(text) == text


def test_fences_and_quotes_do_not_get_into_a_title() -> None:
    assert first_words("```python\nprint(1)\n```\n> *said* ~~old~~") == "print(1) said old"


def test_nothing_gives_nothing() -> None:
    assert first_words("   \n") == ""
