"""Which allowances count for whom, and what an answer is charged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parley.lib.tokens import estimate
from parley.quotas.reckoning import Amounts, Delivered, guess_of, settled, share, state_of
from parley.quotas.rules import Person, Rule, slots_of
from parley.quotas.wording import allowance, money, used_up

NOW = 1_795_262_400_000  # 2026-11-21 12:00 UTC
MEMBER = Person(7, "user", group=3)
VISITOR = Person(9, "visitor", network="192.0.2.0/24", zone="Asia/Shanghai")


def rule(scope: str, most: int | None, subject: str = "", model: str = "", unit: str = "messages") -> Rule:
    return Rule(1, scope, subject, model, unit, "day", most)


def limits(rules: list[Rule], person: Person, model: str | None = None) -> dict[str, int]:
    return {slot.key + slot.model: slot.most for slot in slots_of(rules, person, NOW, model)}


def test_a_persons_own_comes_before_the_groups_and_the_groups_before_that_of_all() -> None:
    rules = [rule("users", 1), rule("user", 3, "7"), rule("group", 2, "3")]
    assert limits(rules, MEMBER) == {"user 7": 3}
    assert limits(rules, Person(8, "user", group=3)) == {"user 8": 2}
    assert limits(rules, Person(8, "user")) == {"user 8": 1}


def test_none_is_without_limit_and_hides_what_is_less_specific() -> None:
    assert limits([rule("users", 1), rule("user", None, "7")], MEMBER) == {}


def test_administrators_have_only_what_names_them() -> None:
    admin = Person(1, "admin", group=3)
    assert limits([rule("users", 1), rule("visitors", 1), rule("pool", 1)], admin) == {}
    assert limits([rule("users", 1), rule("user", 5, "1")], admin) == {"user 1": 5}


def test_visitors_share_pools_in_days_of_utc_and_have_their_own() -> None:
    rules = [rule("visitors", 20), rule("range", 200), rule("pool", 999), rule("users", 1)]
    slots = {slot.key: slot for slot in slots_of(rules, VISITOR, NOW)}
    assert {key: slot.most for key, slot in slots.items()} == {
        "user 9": 20, "range 192.0.2.0/24": 200, "visitors": 999,
    }  # fmt: skip
    assert slots["user 9"].start == slots["visitors"].start - 8 * 3_600_000  # midnight in Shanghai
    assert "visitors" not in limits(rules, MEMBER)


def test_a_model_has_allowances_of_its_own_beside_those_of_all() -> None:
    rules = [rule("users", 50), rule("users", 5, model="1:big"), rule("users", 9, model="1:other")]
    assert limits(rules, MEMBER, "1:big") == {"user 7": 50, "user 71:big": 5}
    assert limits(rules, MEMBER, "1:small") == {"user 7": 50}


@pytest.mark.parametrize(
    ("delivered", "state", "amounts"),
    [
        (Delivered(1, "done", True, 53, 12), "complete", Amounts(1, 53, 12)),
        (Delivered(1, "cancelled", True, 20), "stopped", Amounts(1, 20, 0)),
        (Delivered(1, "interrupted", True, 9, 3), "interrupted", Amounts(1, 9, 3)),
        (Delivered(1, "error", True, 5, 1), "interrupted", Amounts(1, 5, 1)),
        (Delivered(1, "error", False), "empty", Amounts()),
        (Delivered(1, "done", False, 30, 9), "empty", Amounts()),  # an empty answer is given back
    ],
)
def test_the_truth_is_charged_and_nothing_for_nothing(
    delivered: Delivered, state: str, amounts: Amounts
) -> None:
    assert state_of(delivered) == state
    assert settled(delivered) == amounts


def test_what_is_set_aside_is_what_an_answer_may_take_within_bounds() -> None:
    words = "What is the answer?"
    short = guess_of(words=words, most=4000, max_output=500, window=8000)
    assert (short.prompt, short.answer) == (estimate(words), 500)
    assert guess_of(words=words, most=4000, max_output=128_000, window=None).answer == 4000
    assert guess_of(words=words, most=4000, max_output=None, window=None).answer == 4000
    assert short.after(300).amounts == Amounts(1, estimate(words) + 300 + 500, 0)
    assert short.after(100_000).prompt == 8000  # more the model cannot read
    priced = replace(short, prompt=1000, input=150_000, output=600_000)  # $0.15 and $0.60 a million
    assert priced.amounts.money == (1000 * 150 + 500 * 600)
    assert priced.with_words("five words are not more").answer < 20


def test_sentences_say_how_much_and_when_it_goes_on() -> None:
    (slot,) = slots_of([rule("users", 50)], MEMBER, NOW)
    assert used_up(slot, "UTC") == "You have used all of your 50 messages a day. More from 00:00 on."
    assert allowance("tokens", "month", 1_000_000, "1:m") == "1,000,000 tokens a month with “1:m”"
    assert [money(n) for n in (2_500_000_000, 0, 1, 12_345_678_900)] == [
        "$2.50",
        "$0.00",
        "$0.000000001",
        "$12.3456789",
    ]
    assert [share(0, 0), share(79, 100), share(799, 1000), share(120, 100)] == [100, 79, 79, 100]
