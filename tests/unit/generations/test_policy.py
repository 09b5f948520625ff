"""When a key is spared, and what a request says about it."""

from __future__ import annotations

import pytest

from parley.generations.policy import OPENS_AFTER, STAYS_OPEN, WITHIN, Breaker, Breakers, wait_before_retry
from parley.providers.base import SENTENCES, ProviderError

SICK = ProviderError.of("server")


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(OPENS_AFTER):
        breaker.failed(SICK, at)
    return breaker


def test_it_opens_and_lets_one_try_after_a_while() -> None:
    breaker = opened()
    assert not breaker.allows(STAYS_OPEN - 1)
    assert [breaker.allows(STAYS_OPEN), breaker.allows(STAYS_OPEN)] == [True, False]
    breaker.failed(SICK, STAYS_OPEN)
    assert not breaker.allows(STAYS_OPEN + 1)
    assert breaker.allows(2 * STAYS_OPEN)
    breaker.succeeded()
    assert breaker.allows(2 * STAYS_OPEN)


def test_a_try_that_was_stopped_leaves_room_for_the_next() -> None:
    breaker = opened()
    assert breaker.allows(STAYS_OPEN)
    breaker.let_go()
    assert breaker.allows(STAYS_OPEN)


def test_slow_failures_do_not_open_it() -> None:
    breaker = Breaker()
    for number in range(20):
        breaker.failed(SICK, number * WITHIN / (OPENS_AFTER - 2))
        assert breaker.allows(number * WITHIN)


@pytest.mark.parametrize("code", ["invalid_request", "context_length", "content_filter", "model_not_found"])
def test_a_bad_question_is_not_the_keys_fault(code: str) -> None:
    breaker = Breaker()
    for _ in range(3 * OPENS_AFTER):
        breaker.failed(ProviderError.of(code), 0.0)
    assert breaker.allows(0.0)


def test_breakers_are_kept_apart_and_bounded() -> None:
    breakers = Breakers(most=3)
    assert breakers.of("a") is breakers.of("a")
    assert breakers.of("a") is not breakers.of("b")
    for number in range(10):
        breakers.of(str(number))
    assert len(breakers._breakers) == 3


@pytest.mark.parametrize("code", SENTENCES)
def test_only_what_may_pass_is_waited_for(code: str) -> None:
    error = ProviderError.of(code)
    assert (wait_before_retry(error, 0.5) is not None) == error.retryable
