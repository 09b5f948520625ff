"""Errors in the words every form of answer uses."""

from litestar.exceptions import MethodNotAllowedException, NotFoundException, ValidationException

from parley.lib.errors import Invalid, TooMany
from parley.web.errors import envelope, problem_of


def test_our_own_errors_keep_status_code_sentence_and_fields() -> None:
    problem = problem_of(Invalid("Check the marked fields.", fields={"name": "Taken."}))
    assert envelope(problem) == {
        "success": False,
        "data": None,
        "error": "Check the marked fields.",
        "code": "invalid",
        "fields": {"name": "Taken."},
    }
    assert problem.status == 400


def test_too_many_tries_say_when_to_come_back() -> None:
    assert problem_of(TooMany("Wait.", retry_after=0.2)).headers == {"Retry-After": "1"}


def test_the_framework_speaks_our_words() -> None:
    assert problem_of(NotFoundException()).code == "not_found"
    assert problem_of(MethodNotAllowedException()).status == 405
    bad = ValidationException(extra=[{"key": "username", "message": "Expected `str`, got `int`"}])
    assert list(problem_of(bad).fields) == ["username"]
    assert "Expected" not in str(envelope(problem_of(bad)))


def test_what_nobody_foresaw_shows_only_a_reference() -> None:
    problem = problem_of(RuntimeError("the secret detail"))
    assert problem.status == 500
    assert problem.reference
    assert "secret" not in str(envelope(problem))
