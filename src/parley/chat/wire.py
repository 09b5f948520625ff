"""Facts and rows -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from parley.chat.queries import ListedConversation, PathMessage

_STATUS = {"running": "streaming"}
_encode = msgspec.json.Encoder().encode


def event(seq: int, payload: Mapping[str, Any]) -> bytes:
    """One server-sent event: `id` is the seq of the fact (0 for `start`), one `data` line of JSON."""
    return b"id: %d\ndata: %b\n\n" % (seq, _encode(payload))


def start(seq: int, *, question: int | None, answer: int, generation: int) -> bytes:
    """The first event of a stream: which messages it is about."""
    return event(
        seq,
        {
            "type": "start",
            "messageId": question,
            "assistantMessageId": answer,
            "generationId": generation,
        },
    )


def keep_alive(seq: int) -> bytes:
    """A sign of life; it repeats the last seq, so a reader that remembers ids stays where it is."""
    return event(seq, {"type": "keepalive"})


def fact(seq: int, kind: str, data: str) -> bytes | None:
    """The event of one fact, or None for a kind this API does not show."""
    match kind:
        case "text":
            return event(seq, {"type": "content", "content": data})
        case "reasoning":
            return event(seq, {"type": "reasoning", "content": data})
        case "usage":
            return event(seq, {"type": "usage", "usage": msgspec.json.decode(data)})
        case "notice":
            return event(seq, {"type": "notice", **msgspec.json.decode(data)})
        case "end":
            return event(seq, _end(msgspec.json.decode(data)))
    return None


def _end(end: dict[str, Any]) -> dict[str, Any]:
    if end["status"] == "error":
        return {"type": "error", "error": end["error"], "code": end["code"]}
    return {
        "type": "complete",
        "status": end["status"],
        "usage": end.get("usage"),
        "metrics": end.get("metrics"),
        "error": end.get("error") or None,
    }


def session(row: ListedConversation) -> dict[str, Any]:
    """A conversation under its wire name."""
    return {
        "id": row.id,
        "title": row.title,
        "modelId": row.model or None,
        "running": row.running,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
    }


def message(row: PathMessage, text: str, reasoning: str) -> dict[str, Any]:
    """A message; text and reasoning are given because a running answer's are still facts."""
    return {
        "id": row.id,
        "role": row.role,
        "content": text,
        "reasoning": reasoning,
        "status": _STATUS.get(row.status, row.status),
        "generationId": row.generation,
        "clientMessageId": row.client_message_id,
        "modelId": row.model or None,
        "error": row.error or None,
        "createdAt": iso(row.created_at),
    }


def iso(ms: int) -> str:
    """RFC 3339, UTC, milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
