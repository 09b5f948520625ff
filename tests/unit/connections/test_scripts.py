"""What is stored of an upstream's list."""

from __future__ import annotations

import msgspec

from parley.connections.scripts import LONGEST_NAME, store_models
from parley.lib.db import Many
from parley.providers.base import ModelInfo


def stored(*models: ModelInfo) -> list[tuple[str, str, dict[str, object]]]:
    """Id, name and what was found of new models of one connection."""
    script = store_models(1, models, 7)
    next(script)
    step = script.send([])
    assert isinstance(step, Many)
    return [(row[2], row[3], msgspec.json.decode(row[4])) for row in step.rows]


def test_nonsense_in_a_list_is_not_stored() -> None:
    assert stored(
        ModelInfo("a", "line\nend \0 and more", context_window=10**30, max_output=2**31),
        ModelInfo("b", "n" * 5000, context_window=-1),
        ModelInfo("c", "\0\n", context_window=128_000, max_output=4096),
    ) == [
        ("a", "line end and more", {}),
        ("b", "n" * LONGEST_NAME, {}),
        ("c", "c", {"context_window": 128_000, "max_output": 4096}),
    ]
