"""What of a trace its reader may see: an administrator all, a person what is theirs of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from parley.traces.queries import EventRow, TraceRow

_TURNS = ("messages", "input", "contents")
_SITES_OWN = frozenset({"system", "developer"})  # roles that the site fills


def for_reader(
    trace: TraceRow, events: Sequence[EventRow], *, admin: bool
) -> tuple[TraceRow, list[EventRow]]:
    """Without connections, addresses, headers and the site's own instructions for whoever is no admin."""
    if admin:
        return trace, list(events)
    return replace(trace, connection=""), [_seen(each) for each in events]


def _seen(event: EventRow) -> EventRow:
    data = event.data
    if event.kind == "request":
        return replace(event, name="", data={"method": data.get("method"), "body": _body(data.get("body"))})
    if event.kind == "response":
        headers = data.get("headers") or {}
        kept = {name: headers[name] for name in ("retry-after", "content-type") if name in headers}
        return replace(event, data={"status": data.get("status"), "headers": kept})
    if event.kind == "body":
        return replace(event, data={name: data[name] for name in ("bytes", "first_byte_us") if name in data})
    if event.kind == "try":
        return replace(event, data={"model": event.name})
    if event.kind == "notice":
        return replace(event, data={name: data[name] for name in data if name != "connection"})
    return event


def _body(body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        return {}
    seen: dict[str, Any] = {"bytes": body.get("bytes", 0)}
    for name in _TURNS:
        if isinstance(body.get(name), Mapping):
            turns = [turn for turn in body[name].get("turns", []) if turn.get("role") not in _SITES_OWN]
            seen[name] = {"count": body[name].get("count", 0), "turns": turns}
    return seen
