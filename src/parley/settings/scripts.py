"""Transactions about settings."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from parley.lib.db import Script


def store(values: Mapping[str, object], unset: tuple[str, ...], now: int) -> Script[None]:
    """Keep these values and forget the keys in `unset`: they take their defaults again."""
    for key in unset:
        yield "DELETE FROM setting WHERE key = ?", (key,)
    for key, value in values.items():
        yield (
            "INSERT INTO setting (key, value, updated_at) VALUES (?, ?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
            (key, msgspec.json.encode(value).decode(), now),
        )
