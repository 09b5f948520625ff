"""Routes -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from parley.routes.queries import RouteRow
from parley.routes.rules import Verdict


def route(row: RouteRow) -> dict[str, Any]:
    """A route; `modelId` is what stands where a model is named."""
    return {
        "id": row.id,
        "modelId": row.public_id,
        "name": row.name,
        "enabled": row.enabled,
        "rules": msgspec.to_builtins(row.rules),
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def explanation(verdicts: Sequence[Verdict], at: datetime) -> dict[str, Any]:
    """Which rule wins at a time, and what speaks against each of the others."""
    winner = next((number for number, each in enumerate(verdicts) if each.applies), None)
    return {
        "at": at.isoformat(timespec="seconds"),
        "winner": winner,
        "target": None if winner is None else verdicts[winner].rule.target,
        "rules": [
            {"target": each.rule.target, "applies": each.applies, "against": each.against or None}
            for each in verdicts
        ],
    }
