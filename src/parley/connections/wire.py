"""Rows -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from typing import Any

from parley.connections.queries import ConnectionRow
from parley.connections.scripts import Checked


def connection(row: ConnectionRow) -> dict[str, Any]:
    """A connection without its key."""
    return {
        "id": row.id,
        "name": row.name,
        "provider": row.provider,
        "baseUrl": row.base_url,
        "enabled": row.enabled,
        "hasKey": row.key_sealed is not None,
        "keyHint": row.key_hint,
        "builtIn": row.built_in,
        "modelCount": row.models,
        "checkedAt": row.checked_at,
        "latencyMs": row.check_latency_ms,
        "error": row.check_error,
        "errorCode": row.check_code or None,
        "workedAt": row.worked_at,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def check(checked: Checked) -> dict[str, Any]:
    """What a check found."""
    return {
        "ok": checked.error is None,
        "latencyMs": checked.latency_ms,
        "models": [{"id": each.raw_id, "name": each.name} for each in checked.models],
        "error": checked.error,
        "code": checked.code or None,
    }
