"""Which models a filter lets through, and what is typed about them."""

from __future__ import annotations

from typing import Any

import pytest

from parley.catalogue.listing import Filter, filter_of, filter_of_text, matching, page_of, query_of
from parley.catalogue.models import ModelRow
from parley.catalogue.overrides import NOTHING_SAID, changed
from parley.catalogue.presenting import tokens_text, typed_of, who_may
from parley.catalogue.typed import bulk_change_of, change_of, price_text, words_of
from parley.lib.errors import Invalid
from parley.settings.catalogue import Values


def model(raw_id: str, **fields: Any) -> ModelRow:
    values = {"connection_id": 1, "connection_name": "There", "provider": "openai", "available": True}
    return ModelRow(id=f"1:{raw_id}", name=raw_id.title(), raw_id=raw_id, **{**values, **fields})


MODELS = [
    model("alpha", tags=("fast",), gone_at=5),
    model("beta", hidden=True, connection_id=2, connection_name="Here"),
    model("gamma", kind="image", sources={"kind": "override"}),
]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "alpha beta gamma"),
        ("q=ALPHA", "alpha"),
        ("q=fast+there", "alpha"),
        ("q=here", "alpha beta gamma"),
        ("connection=2", "beta"),
        ("kind=image", "gamma"),
        ("show=hidden", "beta"),
        ("show=gone", "alpha"),
        ("show=new", "gamma"),
        ("show=changed", "beta gamma"),
        ("kind=nonsense&connection=x&page=-3&show=?", "alpha beta gamma"),
    ],
)
def test_a_filter_lets_through_what_fits(query: str, shown: str) -> None:
    found = matching(MODELS, filter_of_text(query), {"1:gamma"})
    assert [each.raw_id for each in found] == shown.split()


def test_a_filter_survives_its_address() -> None:
    filter = Filter(q="a&b=c", connection=3, kind="chat", show="new", page=2)
    assert filter_of_text(query_of(filter, 2)) == filter
    assert query_of(Filter()) == ""
    assert filter_of({"page": "9" * 30}).page == 1


def test_pages_have_a_hundred_and_the_last_is_the_last() -> None:
    many = [model(f"m{number}") for number in range(250)]
    shown, filter, pages = page_of(many, Filter(page=99))
    assert (len(shown), filter.page, pages) == (50, 3, 3)
    assert page_of([], Filter()) == ([], Filter(), 1)


def test_what_was_said_is_what_the_form_shows() -> None:
    said = changed(
        NOTHING_SAID,
        {
            "name": "Mine", "kind": "chat", "capabilities": {"vision": True, "json": False},
            "priceInput": 150_000, "contextWindow": 9,
            "tags": ["a", "b"], "sampling": {"temperature": 0.5, "seed": 3},
            "reasoning": {"effort": "low", "budget": 7}, "fallbacks": ["2:x"],
            "hidden": True, "accessUser": "deny",
        },
    )  # fmt: skip
    assert changed(NOTHING_SAID, change_of(typed_of(said))) == said
    assert changed(said, change_of({})) == NOTHING_SAID


@pytest.mark.parametrize("mode", ["on", "off"])
def test_reasoning_can_be_forced_on_and_off(mode: str) -> None:
    assert changed(NOTHING_SAID, change_of({"effort": mode})).reasoning.mode == mode


def test_what_is_left_empty_in_bulk_stays() -> None:
    assert bulk_change_of({"kind": "", "tags": " ", "priceInput": ""}) == {}
    assert bulk_change_of({"kind": "-", "hidden": "off", "tags": "-", "priceOutput": "1,5"}) == {
        "kind": "",
        "hidden": False,
        "tags": [],
        "priceOutput": 1_500_000,
    }


@pytest.mark.parametrize("text", ["much", "-1", "nan", "inf", "1e300", "1000001", "1.2.3"])
def test_a_price_is_a_number(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        bulk_change_of({"priceInput": text})
    assert "0.15" in caught.value.fields["priceInput"]


@pytest.mark.parametrize("text", ["nan", "inf", "1e3", "--1", "٣", "0x1"])
def test_a_number_is_made_of_digits(text: str) -> None:
    with pytest.raises(Invalid):
        changed(NOTHING_SAID, change_of({"temperature": text}))


def test_prices_tokens_and_words_are_written_as_people_do() -> None:
    assert [price_text(price) for price in (None, 0, 150_000, 2_500_000, 15_000_000, 3_625)] == [
        "", "0", "0.15", "2.50", "15", "0.003625",
    ]  # fmt: skip
    assert [tokens_text(n) for n in (None, 500, 8192, 128_000, 1_048_576, 2_500_000)] == [
        "", "500", "8K", "128K", "1M", "2.5M",
    ]  # fmt: skip
    assert words_of("a, b，c、d\n e ,,") == ["a", "b", "c", "d", "e"]


def test_who_may_use_a_model_is_one_word() -> None:
    site = Values({})
    assert who_may(model("x"), site) == "Users"
    assert who_may(model("x", access_visitor="allow"), site) == "Everybody"
    assert who_may(model("x", access_user="deny"), site) == "Administrators"
    assert who_may(model("x", hidden=True), site) == "Nobody"
