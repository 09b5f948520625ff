"""What a change of a connection comes to."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

import parley.providers  # noqa: F401  fills the registry
from parley.connections.changes import ConnectionChange, KeyEntry, KeyPlan, NewConnection, plan
from parley.connections.options import Options
from parley.connections.queries import KeyRow
from parley.lib.errors import Invalid
from tests.unit.connections.test_pages import ROW as SHOWN

ROW = replace(
    SHOWN,
    base_url="http://127.0.0.1/v1",
    keys=(KeyRow(7, "one", "s", "aaaa", True), KeyRow(8, "two", "s", "bbbb", True)),
    options=Options(headers=("X-Team",), body={"a": 1}),
    listed=("m1",),
)


def test_a_preset_fills_in_address_and_models() -> None:
    planned = plan(NewConnection(provider="baichuan", apiKey="sk-1"))
    assert (planned.fields.provider, planned.fields.preset) == ("openai", "baichuan")
    assert planned.fields.base_url.startswith("https://api.baichuan-ai.com")
    assert "Baichuan4" in planned.listed
    assert planned.keys == (KeyPlan(None, "", "sk-1", True),)
    assert plan(NewConnection(provider="baichuan", models=[])).listed == ()
    with pytest.raises(Invalid) as refused:
        plan(NewConnection(provider="custom"))
    assert "baseUrl" in refused.value.fields


def test_an_absent_field_stays_and_null_is_the_default() -> None:
    planned = plan(ConnectionChange(name="Other"), ROW)
    assert (planned.moved, planned.keys, planned.headers, planned.listed) == (False, None, None, ("m1",))
    assert planned.options == ROW.options
    planned = plan(ConnectionChange(options=None, models=None, apiKey=None), ROW)
    assert (planned.options, planned.listed, planned.keys, planned.headers) == (Options(), (), (), {})


@pytest.mark.parametrize(
    "change",
    [ConnectionChange(baseUrl="http://127.0.0.1:8080/v1"), ConnectionChange(provider="ollama")],
)
def test_another_address_or_kind_forgets_keys_headers_and_models(change: ConnectionChange) -> None:
    planned = plan(change, ROW)
    assert (planned.moved, planned.options.headers, planned.listed) == (True, (), ())
    kept = msgspec.structs.replace(
        change,
        apiKeys=[KeyEntry(id=7, label="one"), KeyEntry(label="new", key="sk-2")],
        options={"headers": {"X-Team": None, "X-New": "1"}},
    )
    planned = plan(kept, ROW)
    assert planned.keys == (KeyPlan(None, "new", "sk-2", True),), "a stored key must not reach another host"
    assert planned.headers == {"X-New": "1"}


def test_the_pool_keeps_changes_adds_and_removes() -> None:
    entries = [KeyEntry(id=8, enabled=False), KeyEntry(key="sk-3", label=" third  key ")]
    planned = plan(ConnectionChange(apiKeys=entries), ROW)
    assert planned.keys == (KeyPlan(8, "two", None, False), KeyPlan(None, "third key", "sk-3", True))
    replaced = plan(ConnectionChange(apiKeys=[KeyEntry(id=7, key="sk-4")]), ROW)
    assert replaced.keys == (KeyPlan(7, "one", "sk-4", True),)
    for wrong in ([KeyEntry(label="empty")], [KeyEntry(key="k")] * 21):
        with pytest.raises(Invalid) as refused:
            plan(ConnectionChange(apiKeys=wrong), ROW)
        assert "apiKeys" in refused.value.fields


def test_a_stored_key_is_kept_once_and_never_of_another_connection() -> None:
    entries = [KeyEntry(id=7), KeyEntry(id=7), KeyEntry(id=99)]
    assert plan(ConnectionChange(apiKeys=entries), ROW).keys == (KeyPlan(7, "one", None, True),)


def test_a_key_for_a_service_that_needs_none_is_sent_all_the_same() -> None:
    planned = plan(NewConnection(provider="ollama", apiKey="secret"))
    assert planned.options.auth == "bearer"
    assert plan(NewConnection(provider="ollama")).options.auth == ""


def test_a_preset_of_the_same_kind_and_address_keeps_the_keys() -> None:
    row = replace(ROW, base_url="https://api.deepseek.com/v1")
    planned = plan(ConnectionChange(provider="deepseek"), row)
    assert (planned.moved, planned.fields.preset) == (False, "deepseek")
