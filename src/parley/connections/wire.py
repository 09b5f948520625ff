"""Rows -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from typing import Any

import msgspec

from parley.connections.queries import ConnectionRow
from parley.connections.scripts import Checked


def connection(row: ConnectionRow) -> dict[str, Any]:
    """A connection without its key."""
    return {
        "id": row.id,
        "name": row.name,
        "provider": row.preset or row.provider,
        "kind": row.provider,
        "baseUrl": row.base_url,
        "enabled": row.enabled,
        "hasKey": bool(row.keys),
        "keyHint": row.keys[0].hint if row.keys else "",
        "keys": [
            {"id": key.id, "label": key.label, "hint": key.hint, "enabled": key.enabled} for key in row.keys
        ],
        "models": list(row.listed),
        "options": options(row),
        "prefix": row.prefix,
        "tags": list(row.tags),
        "defaults": msgspec.to_builtins(row.defaults),
        "builtIn": row.built_in,
        "modelCount": row.models,
        "checkedAt": row.checked_at,
        "latencyMs": row.check_latency_ms,
        "error": row.check_error,
        "errorCode": row.check_code or None,
        "failingSince": row.failing_since,
        "workedAt": row.worked_at,
        "createdAt": row.created_at,
        "updatedAt": row.updated_at,
    }


def options(row: ConnectionRow) -> dict[str, Any]:
    """The options as they can be sent back: of headers the names, whose null keeps their values."""
    said: dict[str, Any] = msgspec.to_builtins(row.options)
    further = said.pop("further", {})
    if "headers" in said:
        said["headers"] = dict.fromkeys(said["headers"])
    return {**said, **further}


def check(checked: Checked) -> dict[str, Any]:
    """What a check found."""
    return {
        "ok": checked.error is None,
        "latencyMs": checked.latency_ms,
        "models": [{"id": each.raw_id, "name": each.name} for each in checked.models],
        "error": checked.error,
        "code": checked.code or None,
    }
