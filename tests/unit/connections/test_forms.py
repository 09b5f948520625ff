"""The form of a connection."""

from __future__ import annotations

from dataclasses import replace

import pytest

import parley.providers  # noqa: F401  fills the registry
from parley.connections.changes import ConnectionChange, KeyEntry, plan
from parley.connections.forms import KEPT, change_of, new_of, texts_of, without_secrets
from parley.connections.options import Defaults, Options, ReasoningTags
from parley.lib.errors import Invalid
from parley.providers.sampling import Reasoning, Sampling
from tests.unit.connections.test_changes import ROW as STORED

ROW = replace(
    STORED,
    prefix="Home ",
    tags=("fast",),
    options=Options(
        auth="bearer",
        headers=("X-Team",),
        body={"a": 1},
        reasoningTags=ReasoningTags("custom", "<t>", "</t>"),
    ),
    defaults=Defaults(sampling=Sampling(temperature=0.5, seed=3), reasoning=Reasoning(effort="low")),
)


def test_a_form_sent_back_as_it_was_changes_nothing() -> None:
    form = {**texts_of(ROW), "advanced": "1", "pool": "1", "key.7.on": "on", "key.8.on": "on"}
    planned = plan(change_of(form, ROW), ROW)
    before = plan(ConnectionChange(), ROW)
    assert planned.fields == before.fields
    assert planned.headers == {"X-Team": None}
    assert planned.keys is not None
    assert [(key.id, key.clear) for key in planned.keys] == [(7, None), (8, None)]


def test_a_small_form_leaves_everything_else_alone() -> None:
    change = change_of({"enabled": "off"}, ROW)
    assert change == ConnectionChange(enabled=False)
    assert change_of({}, ROW) == ConnectionChange()


def test_keys_are_added_replaced_turned_off_and_removed() -> None:
    form = {"pool": "1", "key.7.value": "sk-new", "key.7.label": "One", "key.8.remove": "on"}
    change = change_of({**form, "apiKey": "sk-3", "apiKeyLabel": "Three"}, ROW)
    assert change.apiKeys == [
        KeyEntry(id=7, label="One", key="sk-new", enabled=False),
        KeyEntry(label="Three", key="sk-3"),
    ]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"headers": "nonsense"}, "options.headers"),
        ({"headers": "X-A:"}, "options.headers"),
        ({"body": "{"}, "options.body"),
        ({"temperature": "warm"}, "temperature"),
        ({"maxTokens": "1.5"}, "maxTokens"),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field(form: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        change_of({"advanced": "1", **form}, ROW)
    assert field in refused.value.fields


def test_an_address_must_be_filled_in() -> None:
    with pytest.raises(Invalid) as refused:
        new_of({"provider": "openai", "baseUrl": " "})
    assert "baseUrl" in refused.value.fields


def test_nothing_secret_is_shown_again() -> None:
    typed = {"apiKey": "sk-1", "key.7.value": "sk-2", "passphrase": "p", "name": "n"}
    shown = without_secrets({**typed, "headers": f"X-A: secret:1\nX-B: {KEPT}"})
    assert shown == {"name": "n", "headers": f"X-A: \nX-B: {KEPT}"}
    assert "secret" not in str(texts_of(ROW))
