"""Depth of JSON."""

from __future__ import annotations

from typing import Any

import pytest

from parley.catalogue.merging import stored_overrides
from parley.catalogue.overrides import NOTHING_SAID, changed
from parley.chat.tuning import sampling_of, stored
from parley.connections.options import NO_OPTIONS, clean_defaults, clean_options
from parley.connections.transfer import Carried, check_overrides
from parley.lib.errors import Invalid
from parley.lib.nesting import is_too_deep
from parley.providers.base import REGISTRY


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_levels_are_counted() -> None:
    assert [is_too_deep(nested(levels), 3) for levels in (0, 3, 4, 100_000)] == [False, False, True, True]
    assert not is_too_deep({"a": [{}], "b": "text"}, 3)
    assert is_too_deep({"a": [{"b": []}]}, 3)


@pytest.mark.parametrize("levels", [60, 931, 5000])
def test_nothing_deep_is_stored(levels: int) -> None:
    """What was written at 931 levels could not be read by the pages any more."""
    format = {"response_format": {"a": nested(levels)}}
    with pytest.raises(Invalid):
        sampling_of(format)
    with pytest.raises(Invalid):
        changed(NOTHING_SAID, {"sampling": format})
    with pytest.raises(Invalid):
        clean_defaults({"sampling": format})
    with pytest.raises(Invalid):
        clean_options({"body": {"a": nested(levels)}}, REGISTRY.get("openai"), NO_OPTIONS)
    with pytest.raises(Invalid):
        check_overrides(Carried(provider="openai", overrides={"m": {"sampling": format}}))


def test_a_huge_format_is_refused() -> None:
    with pytest.raises(Invalid):
        sampling_of({"response_format": {"type": "x" * 30_000}})
    assert sampling_of({"response_format": {"type": "json_object"}}).response_format


def test_what_is_deep_already_breaks_no_page() -> None:
    text = '{"response_format":{"a":' + "[" * 5000 + "]" * 5000 + "}}"
    assert stored_overrides('{"sampling":' + text + "}") == NOTHING_SAID
    assert stored("", text, "").sampling.response_format is None
