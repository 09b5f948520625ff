"""Transactions about connections; each is one verb."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from parley.lib.db import Many, Script
from parley.providers.base import ModelInfo

Seal = Callable[[int], str | None]  # the sealed key for a row id: a key is bound to its row


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns an administrator decides."""

    name: str
    provider: str
    base_url: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `error` None is success."""

    latency_ms: int
    models: tuple[ModelInfo, ...] = ()
    error: str | None = None
    code: str = ""


def insert(fields: Fields, seal: Seal, hint: str, now: int) -> Script[int]:
    """A new connection; its id."""
    rows = yield (
        "INSERT INTO connection (name, provider, base_url, key_hint, enabled, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (fields.name, fields.provider, fields.base_url, hint, fields.enabled, now, now),
    )
    id: int = rows[0]["id"]
    yield "UPDATE connection SET key_sealed = ? WHERE id = ?", (seal(id), id)
    return id


def update(id: int, fields: Fields, now: int, *, moved: bool) -> Script[None]:
    """Change a connection. One that `moved` to another upstream forgets its key, models and checks."""
    yield (
        "UPDATE connection SET name = ?, provider = ?, base_url = ?, enabled = ?, updated_at = ?"
        " WHERE id = ?",
        (fields.name, fields.provider, fields.base_url, fields.enabled, now, id),
    )
    if moved:
        yield from set_key(id, None, "", now)
        yield (
            "UPDATE connection SET checked_at = NULL, check_error = NULL, check_code = '',"
            " check_latency_ms = NULL, worked_at = NULL, failing_since = NULL WHERE id = ?",
            (id,),
        )
        yield "DELETE FROM model WHERE connection = ?", (id,)


def set_key(id: int, sealed: str | None, hint: str, now: int) -> Script[None]:
    """Replace or clear the credential."""
    yield (
        "UPDATE connection SET key_sealed = ?, key_hint = ?, updated_at = ? WHERE id = ?",
        (sealed, hint, now, id),
    )


def change(
    id: int, fields: Fields, key: tuple[str | None, str] | None, now: int, moved: bool
) -> Script[None]:
    """`update` and, when `key` (sealed, hint) is given, `set_key`, as one."""
    yield from update(id, fields, now, moved=moved)
    if key is not None:
        yield from set_key(id, key[0], key[1], now)


def touch(id: int, now: int) -> Script[None]:
    """Make what is known about a connection count as old."""
    yield "UPDATE connection SET updated_at = ? WHERE id = ?", (now, id)


def delete(id: int) -> Script[bool]:
    """Remove a connection and its models; False when it was gone."""
    rows = yield "DELETE FROM connection WHERE id = ? RETURNING id", (id,)
    return bool(rows)


def store_check(id: int, updated_at: int, checked: Checked, now: int) -> Script[bool]:
    """Remember a check, unless the connection was changed meanwhile; whether it was."""
    rows = yield (
        "UPDATE connection SET checked_at = ?, check_error = ?, check_code = ?, check_latency_ms = ?"
        " WHERE id = ? AND updated_at = ? RETURNING id",
        (now, checked.error, checked.code, checked.latency_ms, id, updated_at),
    )
    if not rows:
        return False
    if checked.error is None:
        yield "UPDATE connection SET worked_at = ?, failing_since = NULL WHERE id = ?", (now, id)
        yield from store_models(id, checked.models, now)
    else:
        yield (
            "UPDATE connection SET failing_since = ? WHERE id = ? AND failing_since IS NULL",
            (now, id),
        )
    return True


def store_models(id: int, found: Sequence[ModelInfo], now: int) -> Script[None]:
    """Make the stored models those found; rows of models that stay keep their ids."""
    rows = yield "SELECT raw_id, public_id FROM model WHERE connection = ?", (id,)
    known = {row["raw_id"]: row["public_id"] for row in rows}
    wanted = {model.raw_id: model for model in found}
    gone = [(id, raw_id) for raw_id, public in known.items() if raw_id not in wanted and public != "demo"]
    if gone:
        yield Many("DELETE FROM model WHERE connection = ? AND raw_id = ?", gone)
    new = [
        (id, f"{id}:{raw_id}", raw_id, model.name[:256], _words(model), now)
        for raw_id, model in wanted.items()
        if raw_id not in known
    ]
    if new:
        yield Many(
            "INSERT INTO model (connection, public_id, raw_id, name, capabilities, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            new,
        )


def _words(model: ModelInfo) -> str:
    return msgspec.json.encode(model.capabilities).decode()
