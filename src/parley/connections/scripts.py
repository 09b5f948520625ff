"""Transactions about connections; each is one verb."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

import msgspec

from parley.lib.db import Many, Script
from parley.providers.base import ModelInfo, Prices

LONGEST_NAME = 256
MOST_TOKENS = 100_000_000  # a model that reads or writes more is nonsense


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns an administrator decides; `options` to `defaults` are JSON."""

    name: str
    provider: str
    preset: str
    base_url: str
    enabled: bool
    options: str
    prefix: str
    tags: str
    listed: str
    defaults: str


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A credential to store: a new row, or (`id`) a row that stays; without `sealed` with its old key."""

    id: int | None
    label: str
    sealed: str | None
    hint: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is sealed for one connection. None leaves what is stored; `headers` "" clears them."""

    keys: tuple[SealedKey, ...] | None = None
    headers: str | None = None


NO_SECRETS = Secrets()
Seal = Callable[[int], Secrets]  # for a row id: what is sealed is bound to its row


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `error` None is success; `latency_ms` None: nobody was asked."""

    latency_ms: int | None
    models: tuple[ModelInfo, ...] = ()
    error: str | None = None
    code: str = ""

    def after(self, started: float) -> Checked:
        """The same, with the time since `started` (of `time.perf_counter`)."""
        return replace(self, latency_ms=round((time.perf_counter() - started) * 1000))


def insert(fields: Fields, seal: Seal, now: int) -> Script[int]:
    """A new connection; its id."""
    rows = yield (
        "INSERT INTO connection (name, provider, preset, base_url, enabled, options, prefix, tags, listed,"
        " defaults, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (*_values(fields), now, now),
    )
    id: int = rows[0]["id"]
    yield from _set_secrets(id, seal(id), now)
    return id


def change(
    id: int, fields: Fields, secrets: Secrets, now: int, moved: bool, *, was: tuple[str, str]
) -> Script[bool]:
    """Change a connection. One that `moved` to another upstream forgets its secrets, models and checks.

    False, and nothing changed, when its provider and address are no longer what they `was` when the change
    was thought out: a key that was stored meanwhile must not go to another address.
    """
    rows = yield (
        "UPDATE connection SET name = ?, provider = ?, preset = ?, base_url = ?, enabled = ?, options = ?,"
        " prefix = ?, tags = ?, listed = ?, defaults = ?, verification = NULL,"
        " updated_at = ? WHERE id = ? AND provider = ? AND base_url = ? RETURNING id",
        (*_values(fields), now, id, *was),
    )
    if not rows:
        return False
    if moved:
        yield "DELETE FROM connection_key WHERE connection = ?", (id,)
        yield (
            "UPDATE connection SET headers_sealed = NULL, verification = NULL, checked_at = NULL,"
            " check_error = NULL, check_code = '', check_latency_ms = NULL, worked_at = NULL,"
            " failing_since = NULL WHERE id = ?",
            (id,),
        )
        yield "DELETE FROM model WHERE connection = ?", (id,)
    yield from _set_secrets(id, secrets, now)
    return True


def touch(id: int, now: int) -> Script[None]:
    """Make what is known about a connection count as old."""
    yield "UPDATE connection SET updated_at = ? WHERE id = ?", (now, id)


def delete(id: int) -> Script[bool]:
    """Remove a connection with its keys and models; False when it was gone."""
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


def store_listed(id: int, updated_at: int, listed: Sequence[str], now: int) -> Script[bool]:
    """Make the models those an administrator listed. Nobody was asked: how the upstream is stays open."""
    rows = yield (
        "UPDATE connection SET check_error = CASE WHEN checked_at > updated_at THEN check_error END,"
        " check_latency_ms = CASE WHEN checked_at > updated_at THEN check_latency_ms END,"
        " failing_since = CASE WHEN checked_at > updated_at THEN failing_since END, checked_at = ?"
        " WHERE id = ? AND updated_at = ? RETURNING id",
        (max(now, updated_at + 1), id, updated_at),
    )
    if rows:
        yield from store_models(id, [ModelInfo(each, each) for each in listed], now)
    return bool(rows)


def store_verification(id: int, updated_at: int, checked: Checked, report: str, now: int) -> Script[bool]:
    """As `store_check`, with everything a thorough test saw."""
    stored = yield from store_check(id, updated_at, checked, now)
    if stored:
        yield "UPDATE connection SET verification = ? WHERE id = ?", (report, id)
    return stored


def store_models(id: int, found: Sequence[ModelInfo], now: int) -> Script[None]:
    """Make the stored models those found; rows of models that stay keep their ids.

    What vanished is deleted, or marked as gone where an administrator said something about it; the built-in
    demo stays.
    """
    rows = yield (
        "SELECT id, raw_id, public_id, name, found, overrides, gone_at FROM model WHERE connection = ?",
        (id,),
    )
    known = {row["raw_id"]: row for row in rows if row["public_id"] != "demo"}
    built_in = {row["raw_id"] for row in rows if row["public_id"] == "demo"}
    wanted = {model.raw_id: _storable(model) for model in found if model.raw_id not in built_in}
    gone = [row for raw_id, row in known.items() if raw_id not in wanted and row["gone_at"] is None]
    if plain := [(row["id"],) for row in gone if row["overrides"] == "{}"]:
        yield Many("DELETE FROM model WHERE id = ?", plain)
    if said := [(now, row["id"]) for row in gone if row["overrides"] != "{}"]:
        yield Many("UPDATE model SET gone_at = ? WHERE id = ?", said)
    changed = [
        (model.name, found_json(model), known[raw_id]["id"])
        for raw_id, model in wanted.items()
        if raw_id in known and _differs(known[raw_id], model)
    ]
    if changed:
        yield Many("UPDATE model SET name = ?, found = ?, gone_at = NULL WHERE id = ?", changed)
    new = [
        (id, f"{id}:{raw_id}", raw_id, model.name, found_json(model), now)
        for raw_id, model in wanted.items()
        if raw_id not in known
    ]
    if new:
        yield Many(
            "INSERT INTO model (connection, public_id, raw_id, name, found, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (public_id) DO NOTHING",
            new,
        )


def store_overrides(id: int, overrides: Mapping[str, Any], now: int) -> Script[None]:
    """Replace what is said about these models; one that is not known yet waits for its upstream as gone."""
    yield Many(
        "INSERT INTO model (connection, public_id, raw_id, name, overrides, gone_at, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (public_id) DO UPDATE SET overrides = excluded.overrides",
        [
            (id, f"{id}:{raw_id}", raw_id, raw_id, msgspec.json.encode(said).decode(), now, now)
            for raw_id, said in overrides.items()
        ],
    )


def found_json(model: ModelInfo) -> str:
    """What an upstream says about a model, without its names; what it leaves open is left out."""
    said: dict[str, Any] = {
        "kind": model.kind,
        "capabilities": model.capabilities,
        "denied": model.denied,
        "context_window": model.context_window,
        "max_output": model.max_output,
        "prices": _prices(model.prices),
    }
    return msgspec.json.encode({name: value for name, value in said.items() if value}).decode()


def _prices(prices: Prices | None) -> dict[str, int]:
    if prices is None:
        return {}
    said = {"input": prices.input, "output": prices.output, "cached": prices.cached}
    return {name: value for name, value in said.items() if value is not None}


def _differs(row: Mapping[str, Any], model: ModelInfo) -> bool:
    stored = (row["name"], row["found"], row["gone_at"])
    return stored != (model.name, found_json(model), None)


def _storable(model: ModelInfo) -> ModelInfo:
    """As both databases store it: the name on one line, no number that no model has.

    A number that does not fit a column would stop the writing of every answer.
    """
    name = " ".join(model.name.replace("\0", " ").split())[:LONGEST_NAME]
    window, output = (
        tokens if tokens is not None and 0 < tokens <= MOST_TOKENS else None
        for tokens in (model.context_window, model.max_output)
    )
    return replace(model, name=name or model.raw_id, context_window=window, max_output=output)


def _values(fields: Fields) -> tuple[Any, ...]:
    """In the order of the columns."""
    return astuple(fields)


def _set_secrets(id: int, secrets: Secrets, now: int) -> Script[None]:
    if secrets.headers is not None:
        yield "UPDATE connection SET headers_sealed = ? WHERE id = ?", (secrets.headers or None, id)
    if secrets.keys is None:
        return
    rows = yield "SELECT id FROM connection_key WHERE connection = ?", (id,)
    kept = {key.id for key in secrets.keys}
    if gone := [(row["id"],) for row in rows if row["id"] not in kept]:
        yield Many("DELETE FROM connection_key WHERE id = ?", gone)
    for key in secrets.keys:
        if key.id is None:
            yield (
                "INSERT INTO connection_key (connection, label, sealed, hint, enabled, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (id, key.label, key.sealed, key.hint, key.enabled, now),
            )
            continue
        yield (
            "UPDATE connection_key SET label = ?, enabled = ? WHERE id = ? AND connection = ?",
            (key.label, key.enabled, key.id, id),
        )
        if key.sealed is not None:
            yield (
                "UPDATE connection_key SET sealed = ?, hint = ? WHERE id = ? AND connection = ?",
                (key.sealed, key.hint, key.id, id),
            )
