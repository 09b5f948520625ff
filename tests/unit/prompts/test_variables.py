"""Blanks of prompts and the spelling of commands."""

import pytest

from parley.lib.errors import Invalid
from parley.prompts.names import checked_command
from parley.prompts.variables import Blank, blanks_of, filled, with_given


def test_blanks_come_once_in_order_and_keep_what_is_usual() -> None:
    body = "Write to {{name}} about {{ topic = the garden }} on {{date}}. {{name=Ada}} {{user}} {{主题=春天}}"
    assert blanks_of(body) == [Blank("name", "Ada"), Blank("topic", "the garden"), Blank("主题", "春天")]


@pytest.mark.parametrize(
    "body", ["{{}}", "{{ }}", "{{a b}}", "{{1st}}", "{name}", "{{a=x}y}}", "{{" + "a" * 41 + "}}"]
)
def test_what_only_looks_like_a_blank_stays_text(body: str) -> None:
    assert blanks_of(body) == []
    assert filled(body, {"a": "?", "name": "?"}) == body


def test_filling_takes_what_was_given_then_what_is_usual_then_leaves_the_blank() -> None:
    assert filled("{{a}} {{b=two}} {{c}}", {"a": "1 {{c}}"}) == "1 {{c}} two {{c}}"


def test_what_is_given_is_filled_in_and_what_is_asked_for_is_not() -> None:
    assert with_given("{{user}} {{tone=kind}} {{date=x}}", {"user": "Ada", "date": "today"}) == (
        "Ada {{tone=kind}} today"
    )


@pytest.mark.parametrize(
    ("typed", "stored"), [("/Sum-Up", "sum-up"), (" 翻译 ", "翻译"), ("ＡＢ", "ab"), ("v1.2_x", "v1.2_x")]
)
def test_a_command_has_one_spelling(typed: str, stored: str) -> None:
    assert checked_command(typed) == stored


@pytest.mark.parametrize("typed", ["", "/", "two words", "-x", "a/b", "x" * 41, "a\0"])
def test_a_command_that_cannot_be_typed_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked_command(typed)
    assert "command" in refused.value.fields
