"""Rows -> the JSON of the public API. Pure; the names are a contract with outside programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from parley.connections.diagnosis import sentence
from parley.connections.queries import ConnectionRow
from parley.connections.transfer import Outcome
from parley.connections.verification import Found, KeyReport, Question, Step, causes_of, report_of


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
        "verification": verification(row),
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


def found(seen: Found) -> dict[str, Any]:
    """What a thorough test saw: in short, and for each key."""
    failure = seen.report.failure
    failing = next((key for key in seen.report.keys if key.failure is not None), None)
    return {
        "ok": failure is None,
        "latencyMs": seen.latency_ms,
        "models": [{"id": each.raw_id, "name": each.name} for each in seen.models],
        "error": failure.error if failure else None,
        "code": failure.code if failure else None,
        "causes": causes(failing) if failing else [],
        "keys": [key_report(key) for key in seen.report.keys],
    }


def verification(row: ConnectionRow) -> dict[str, Any] | None:
    """What the last test saw."""
    report = report_of(row.verification)
    if report is None:
        return None
    return {
        "at": report.at,
        "ok": report.failure is None,
        "keys": [key_report(key) for key in report.keys],
    }


def key_report(key: KeyReport) -> dict[str, Any]:
    """What one key saw."""
    return {
        "id": key.key or None,
        "label": key.label,
        "hint": key.hint,
        "list": step(key.list) if key.list else None,
        "models": key.count,
        "question": question(key.question) if key.question else None,
        "causes": causes(key),
    }


def step(seen: Step) -> dict[str, Any]:
    """One request and how it went."""
    return {
        "asked": seen.asked,
        "status": seen.status or None,
        "latencyMs": seen.ms,
        "error": seen.error or None,
        "code": seen.code or None,
    }


def question(seen: Question) -> dict[str, Any]:
    """The tiny question."""
    return {
        **step(seen),
        "model": seen.model,
        "firstMs": seen.first_ms,
        "pieces": seen.pieces,
        "streaming": seen.streaming,
    }


def causes(key: KeyReport) -> list[dict[str, str]]:
    """The likely causes, in the reader's language."""
    return [{"code": cause.code, "text": sentence(cause)} for cause in causes_of(key)]


def outcomes(done: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What an import did with each connection of its file."""
    return [{"name": o.name, "result": o.result, "why": o.why or None, "id": o.id} for o in done]
