"""What a form of rules says."""

from __future__ import annotations

from parley.routes.typed import given_rules


def test_rules_come_in_the_order_that_was_typed() -> None:
    typed = {"0.target": ["a"], "0.order": ["2"], "1.target": ["b"], "1.order": ["1"]}
    assert [rule["target"] for rule in given_rules(typed)] == ["b", "a"]


def test_an_order_that_is_no_number_leaves_the_line_in_its_place() -> None:
    typed = {"0.target": ["a"], "0.order": ["9" * 5000], "1.target": ["b"], "1.order": ["²"]}
    assert [rule["target"] for rule in given_rules(typed)] == ["a", "b"]
