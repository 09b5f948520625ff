"""Models -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.catalogue.models import ModelRow
from parley.catalogue.overrides import Overrides
from parley.catalogue.policy import rule
from parley.settings.catalogue import Values


def model(row: ModelRow, mark: tuple[bool, int] = (False, 0), default: str = "") -> dict[str, Any]:
    """A model as its reader sees it; `mark` is their favourite and last use, `default` their default model.

    Prices are millionths of the currency per million tokens, null where nobody knows.
    """
    favourite, used_at = mark
    return {
        "id": row.id,
        "name": row.name,
        "connectionId": row.connection_id,
        "connectionName": row.connection_name,
        "provider": row.provider,
        "rawId": row.raw_id,
        "kind": row.kind,
        "capabilities": list(row.capabilities),
        "contextWindow": row.context_window,
        "maxOutput": row.max_output,
        "prices": {"input": row.prices.input, "output": row.prices.output, "cached": row.prices.cached},
        "tags": list(row.tags),
        "failingSince": row.failing_since,
        "favourite": favourite,
        "usedAt": used_at or None,
        "default": row.id == default,
    }


def decided(row: ModelRow, values: Values) -> dict[str, Any]:
    """What administrators see besides: rules as they count, who knows what, and where it is offered."""
    return {
        "available": row.available,
        "hidden": row.hidden,
        "goneAt": row.gone_at,
        "access": {"user": rule(row, "user", values), "visitor": rule(row, "visitor", values)},
        "fallbacks": list(row.fallbacks),
        "sources": dict(row.sources),
    }


def said(overrides: Overrides) -> dict[str, Any]:
    """What was said about a model, without what was not."""
    fields: dict[str, Any] = msgspec.to_builtins(overrides)
    return fields
