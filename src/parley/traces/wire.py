"""Traces -> the JSON of the public API and of the export. Pure; the names are a contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from parley.traces.queries import EventRow, TraceRow
from parley.traces.story import sentence


def trace(row: TraceRow) -> dict[str, Any]:
    """A trace under its wire name."""
    return {
        "id": row.id,
        "sessionId": row.conversation,
        "messageId": row.message or None,
        "generationId": row.generation,
        "actor": row.username,
        "status": {"done": "completed"}.get(row.status, row.status),
        "traceLevel": row.level,
        "reason": row.reason,
        "modelId": row.model,
        "connection": row.connection or None,
        "startedAt": iso(row.started_at * 1000),
        "endedAt": None if row.ended_at is None else iso(row.ended_at * 1000),
        "durationMs": row.duration,
        "eventCount": row.events,
        "truncated": row.truncated,
        "metadata": row.metadata,
    }


def events(rows: Sequence[EventRow]) -> list[dict[str, Any]]:
    """Events in their order, counted from 1."""
    return [
        {
            "seq": number,
            "eventType": row.kind,
            "name": row.name,
            "timestamp": iso(row.at),
            "durationMs": None if row.duration is None else row.duration / 1000,
            "text": sentence(row),
            "payload": row.data,
        }
        for number, row in enumerate(rows, 1)
    ]


def iso(us: int) -> str:
    """RFC 3339, UTC, microseconds."""
    at = datetime.fromtimestamp(us // 1_000_000, UTC).replace(microsecond=us % 1_000_000)
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
