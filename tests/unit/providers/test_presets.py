"""Services by name."""

from __future__ import annotations

import pytest

from parley.lib.http import CONNECTION_ADMIN, checked_url
from parley.providers import azure
from parley.providers.base import REGISTRY, Kind
from parley.providers.presets import PRESETS, QUIRKS, THINKING_TYPE, Preset, quirks_at


@pytest.mark.parametrize("preset", list(PRESETS), ids=PRESETS.names())
def test_a_preset_is_a_form_that_could_be_sent(preset: Preset) -> None:
    assert preset.kind in REGISTRY
    assert preset.name not in REGISTRY  # either may stand where a provider is named
    assert len(preset.name) <= 32
    assert preset.quirks <= QUIRKS
    if preset.base_url:
        assert checked_url(preset.base_url, CONNECTION_ADMIN)
        assert not preset.base_url.endswith("/")
        assert preset.docs.startswith("https://")


def test_everybody_who_was_promised_is_there() -> None:
    assert {"deepseek", "qwen", "baichuan", "zhipu", "kimi", "openrouter", "siliconflow"} <= set(
        PRESETS.names()
    )
    assert PRESETS.get("custom").base_url == ""


def test_quirks_are_known_by_the_host_too() -> None:
    assert THINKING_TYPE in quirks_at("https://api.deepseek.com/v1")
    assert quirks_at("https://api.openai.com/v1") == frozenset()
    assert quirks_at("http://localhost:8000/v1") == frozenset()
    assert quirks_at("") == frozenset()


@pytest.mark.parametrize("kind", list(REGISTRY), ids=REGISTRY.names())
def test_a_kind_says_what_the_form_needs(kind: Kind) -> None:
    assert set(kind.auths) <= {"bearer", "header", "none"}
    assert all(call.startswith("/") for call in kind.calls)
    assert len({option.name for option in kind.options}) == len(kind.options)
    assert azure.API_VERSION == "v1"
