"""One row out of what four sides know."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from parley.catalogue import merging
from parley.catalogue.models import ModelRow
from parley.providers.base import ModelInfo, Prices


def row(
    raw_id: str = "somebodys-model",
    found: dict[str, Any] | None = None,
    overrides: dict[str, Any] | None = None,
    gone_at: int | None = None,
    **home: Any,
) -> ModelRow:
    texts = (json(home.get("tags", [])), json(home.get("defaults", {})))
    enabled, prefix, failing = home.get("enabled", True), home.get("prefix", ""), home.get("failing")
    source = merging.home(3, "Here", "openai", enabled, prefix, texts, failing)
    return merging.model(
        source, f"3:{raw_id}", raw_id, raw_id, json(found or {}), json(overrides or {}), gone_at
    )


def json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def test_nobody_knows_anything() -> None:
    model = row()
    assert (model.kind, model.capabilities, model.context_window, model.max_output) == (
        "chat",
        (),
        None,
        None,
    )
    assert model.prices == Prices()
    assert set(model.sources.values()) == {"default"}
    assert model.available


def test_the_override_wins_over_the_upstream_and_the_upstream_over_the_table() -> None:
    found = {"kind": "chat", "context_window": 1000, "max_output": 500, "capabilities": ["vision"]}
    model = row(
        "text-embedding-3-small",
        found,
        {"contextWindow": 2000, "capabilities": {"vision": False, "json": True}},
    )
    assert (model.kind, model.sources["kind"]) == ("chat", "provider")
    assert (model.context_window, model.sources["context_window"]) == (2000, "override")
    assert (model.max_output, model.sources["max_output"]) == (500, "provider")
    assert model.capabilities == ("json",)
    assert model.sources["capabilities.vision"] == "override"
    assert row("text-embedding-3-small").sources["kind"] == "table"


def test_what_the_upstream_denies_is_not_taken_from_the_table() -> None:
    assert not row("gpt-4o", {"denied": ["vision"]}).can("vision")


def test_each_price_comes_from_whoever_knows_it() -> None:
    model = row("x", {"prices": {"input": 10, "output": 20, "cached": None}}, {"priceCached": 0})
    assert model.prices == Prices(10, 20, 0)
    assert model.sources["prices"] == "override"


def test_ones_own_machine_costs_nothing_of_the_vendors_prices() -> None:
    source = merging.home(1, "Mine", "ollama", True, "", ("[]", "{}"), None)
    assert merging.model(source, "1:glm-4.6", "glm-4.6", "glm-4.6", "{}", "{}", None).prices == Prices()
    assert row("glm-4.6").prices.input == 600_000


def test_what_a_provider_finds_is_read_as_it_is_written() -> None:
    info = ModelInfo("x", "X", "image", ("image_output",), ("tools",), 8, 4, Prices(1, 2))
    stored = {k: v for k, v in msgspec.to_builtins(info).items() if k not in ("raw_id", "name")}
    model = row("x", stored)
    assert (model.kind, model.capabilities, model.context_window) == ("image", ("image_output",), 8)
    assert (model.max_output, model.prices) == (4, Prices(1, 2))


def test_names_and_tags_of_the_connection_come_first() -> None:
    assert row("gpt", prefix="Azure").name == "Azure gpt"
    assert row("gpt", prefix="azure/").name == "azure/gpt"
    assert row("gpt", None, {"name": "Mine"}, prefix="Azure").name == "Mine"
    assert row("gpt", None, {"tags": ["b", "a"]}, tags=["a", "c"]).tags == ("a", "c", "b")


def test_the_models_sampling_lies_over_its_connections() -> None:
    defaults = {"sampling": {"temperature": 1.0, "top_p": 0.5}, "reasoning": {"effort": "low"}}
    model = row("x", None, {"sampling": {"temperature": 0.1}}, defaults=defaults)
    assert (model.sampling.temperature, model.sampling.top_p) == (0.1, 0.5)
    assert model.reasoning.effort == "low"


def test_what_is_gone_or_off_is_not_available() -> None:
    assert not row("x", gone_at=5).available
    assert not row("x", enabled=False).available
    assert row("x", failing=7).failing_since == 7


def test_a_row_nobody_can_read_breaks_no_page() -> None:
    source = merging.home(1, "Here", "openai", True, "", ("nonsense", "[1]"), None)
    model = merging.model(source, "1:x", "x", "x", '{"kind": 4}', '{"hidden": "no"}', None)
    assert (model.kind, model.hidden, model.tags) == ("chat", False, ())


def test_two_thousand_models_cost_a_page_nothing_the_second_time() -> None:
    rows = [(f"m{number}", {"context_window": number + 1}) for number in range(2000)]
    first = [row(*each) for each in rows]
    texts = [(f"3:{raw}", raw, json(found)) for raw, found in rows]
    source = merging.home(3, "Here", "openai", True, "", ("[]", "{}"), None)
    started = time.process_time()
    again = [merging.model(source, id, raw, raw, found, "{}", None) for id, raw, found in texts]
    assert time.process_time() - started < 0.1  # 1 ms; a hundred times that is a machine that is busy
    assert all(a is b for a, b in zip(first, again, strict=True))
