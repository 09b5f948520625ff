"""Models -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from typing import Any

from parley.catalogue.models import ModelRow


def model(row: ModelRow) -> dict[str, Any]:
    """A model."""
    return {
        "id": row.id,
        "name": row.name,
        "connectionId": row.connection_id,
        "connectionName": row.connection_name,
        "provider": row.provider,
        "rawId": row.raw_id,
        "capabilities": list(row.capabilities),
    }
