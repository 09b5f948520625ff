"""Facts and rows -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from parley.chat.notices import stored
from parley.chat.organising.queries import ListedConversation
from parley.chat.queries import PathMessage
from parley.chat.tuning import Tuning
from parley.files.access import FileRow

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
    """The event of one fact, or None for a kind this API does not show.

    `content` and `reasoning` carry `content`; `image` carries fileId, url, width and height; `usage` the
    counts of `complete`; `notice` its code, an English text and what that says: `waiting` reason, seconds,
    until (ms), model, connection; `fallback` model, instead_of, reason; `left_out` and `described` count.
    `complete` and `error` end it, with usage (prompt_tokens, completion_tokens, total_tokens,
    reasoning_tokens, cached_tokens, estimated), cost ({nano}: billionths of a US dollar), answeredBy and
    answeredName; `complete` also with metrics (firstTokenMs, durationMs, tokensPerSecond, reasoningMs).
    """
    match kind:
        case "text":
            return event(seq, {"type": "content", "content": data})
        case "reasoning":
            return event(seq, {"type": "reasoning", "content": data})
        case "usage":
            return event(seq, {"type": "usage", "usage": msgspec.json.decode(data)})
        case "image":
            return event(seq, {"type": "image", **_image(msgspec.json.decode(data))})
        case "notice":
            return event(seq, {"type": "notice", **msgspec.json.decode(data)})
        case "end":
            return event(seq, _end(msgspec.json.decode(data)))
    return None


def _end(end: dict[str, Any]) -> dict[str, Any]:
    if end["status"] == "error":
        return {"type": "error", "error": end["error"], "code": end["code"], **_used(end)}
    return {
        "type": "complete",
        "status": end["status"],
        "metrics": end.get("metrics"),
        "error": end.get("error") or None,
        **_used(end),
    }


def _used(end: dict[str, Any]) -> dict[str, Any]:
    """What it took and who answered: tokens, cost in billionths of a US dollar, the model's id and name."""
    return {
        "usage": end.get("usage"),
        "cost": end.get("cost"),
        "answeredBy": end.get("answered_by") or None,
        "answeredName": end.get("answered_name") or None,
    }


def _image(image: dict[str, Any]) -> dict[str, Any]:
    return {
        "fileId": image.get("file"),
        "url": f"/files/{image.get('file')}",
        "width": image.get("width"),
        "height": image.get("height"),
    }


def session(row: ListedConversation) -> dict[str, Any]:
    """A conversation under its wire name."""
    return {
        "id": row.id,
        "title": row.title,
        "modelId": row.model or None,
        "running": row.running,
        "pinned": row.pinned_at is not None,
        "archived": row.archived_at is not None,
        "folder": row.folder,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(row.updated_at),
    }


def tuned(tuning: Tuning) -> dict[str, Any]:
    """How one session answers; empty values leave it to the person, the model and the site."""
    return {
        "systemPrompt": tuning.system_prompt,
        "sampling": msgspec.to_builtins(tuning.sampling),
        "reasoning": msgspec.to_builtins(tuning.reasoning),
    }


def message(row: PathMessage, text: str, reasoning: str, files: Sequence[FileRow] = ()) -> dict[str, Any]:
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
        "files": [
            {
                "id": each.id,
                "width": each.width,
                "height": each.height,
                "mime": each.mime,
                "size": each.size,
                "name": each.name,
                "charactersUsed": each.characters_used,
                "expired": each.is_expired,
            }
            for each in files
        ],
        **(_answered(row) if row.role == "assistant" else {}),
    }


def _answered(row: PathMessage) -> dict[str, Any]:
    """What an answer took, under the names of the `complete` event, and the notices that stay with it."""
    usage = None
    if row.completion_tokens is not None:
        usage = {
            "prompt_tokens": row.prompt_tokens or 0,
            "completion_tokens": row.completion_tokens,
            "total_tokens": (row.prompt_tokens or 0) + row.completion_tokens,
            "reasoning_tokens": row.reasoning_tokens or 0,
            "cached_tokens": row.cached_tokens or 0,
            "estimated": row.estimated,
        }
    return {
        "usage": usage,
        "cost": None if row.cost_nano is None else {"nano": row.cost_nano},
        "answeredBy": row.answered_by or None,
        "answeredName": row.answered_name or None,
        "notices": stored(row.notices),
        "errorCode": row.error_code or None,
    }


def iso(ms: int) -> str:
    """RFC 3339, UTC, milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
