"""Connections out of this installation and into it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from parley.audit.acting import act_of
from parley.audit.scripts import record
from parley.connections import queries, scripts, service, transfer, wire
from parley.connections.changes import KeyEntry, NewConnection
from parley.connections.credentials import opened_headers, opened_key
from parley.connections.queries import ConnectionRow
from parley.connections.transfer import (
    CREATED,
    SKIPPED,
    UPDATED,
    Carried,
    CarriedKey,
    CarriedSecrets,
    Outcome,
    Parcel,
)
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Invalid
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

Identity = tuple[str, str, str]


async def export(resources: Resources, passphrase: str = "") -> bytes:
    """Every connection but the built-in demo, as a file. Keys and values of headers only under a passphrase.

    Raises Invalid for a short passphrase, KeyUnreadable when a stored key cannot be opened.
    """
    parcel = Parcel(exportedAt=datetime.fromtimestamp(now_ms() / 1000, UTC).isoformat(timespec="seconds"))
    key = b""
    if passphrase:
        parcel.seal = transfer.new_sealing()
        checked = transfer.checked_passphrase(passphrase)
        key = await asyncio.to_thread(transfer.key_from, checked, parcel.seal)
    for row in await queries.all_connections(resources.db):
        if row.built_in:
            continue
        carried = _carried(row)
        carried.overrides = await queries.overrides_of(resources.db, row.id)
        if key and (row.keys or row.headers_sealed):
            carried.sealed = transfer.seal(_secrets(resources, row), carried, key)
        parcel.connections.append(carried)
    note = act_of("connections.exported", after={"keys": bool(key)})
    await resources.db.write(record, note, now_ms())
    return transfer.write(parcel)


async def take_in(resources: Resources, text: str | bytes, passphrase: str = "") -> list[Outcome]:
    """Merge a file by provider, address and name; one outcome for each of its connections.

    Raises Invalid, with nothing changed, for what is no such file and for a wrong passphrase. A connection
    that cannot be used here is skipped and says why.
    """
    parcel = transfer.read(text)
    key = b""
    if passphrase and parcel.seal is not None:
        key = await asyncio.to_thread(transfer.key_from, passphrase, parcel.seal)
    secrets = [transfer.opened(each, key) if key and each.sealed else None for each in parcel.connections]
    here = {_identity(row): row for row in await queries.all_connections(resources.db) if not row.built_in}
    outcomes: list[Outcome] = []
    ids: dict[int, int] = {}
    said: list[tuple[int, Carried]] = []
    seen: set[Identity] = set()
    for carried, opened in zip(parcel.connections, secrets, strict=True):
        if carried.identity in seen:
            outcomes.append(Outcome(carried.name[:80], SKIPPED, _("It is in the file twice.")))
            continue
        seen.add(carried.identity)
        outcome = await _merge(resources, carried, opened, here)
        outcomes.append(outcome)
        if outcome.id is not None:
            ids[carried.id] = outcome.id
            said.append((outcome.id, carried))
    for id, carried in said:
        overrides = {raw_id: transfer.renamed(each, ids) for raw_id, each in carried.overrides.items()}
        if overrides:
            await resources.db.write(scripts.store_overrides, id, overrides, now_ms())
    return outcomes


def _carried(row: ConnectionRow) -> Carried:
    shown = wire.connection(row)
    return Carried(
        provider=shown["provider"],
        name=row.name,
        baseUrl=row.base_url,
        id=row.id,
        enabled=row.enabled,
        models=shown["models"],
        options=shown["options"],
        prefix=row.prefix,
        tags=shown["tags"],
        defaults=shown["defaults"],
        keys=[CarriedKey(label=each.label, enabled=each.enabled) for each in row.keys],
    )


def _secrets(resources: Resources, row: ConnectionRow) -> CarriedSecrets:
    return CarriedSecrets(
        keys=[opened_key(resources, row, each.sealed) for each in row.keys],
        headers=opened_headers(resources, row),
    )


def _identity(row: ConnectionRow) -> Identity:
    return row.preset or row.provider, row.base_url, row.name


async def _merge(
    resources: Resources,
    carried: Carried,
    secrets: CarriedSecrets | None,
    here: Mapping[Identity, ConnectionRow],
) -> Outcome:
    name = carried.name[:80]
    try:
        return await _merged(resources, carried, secrets, here.get(carried.identity))
    except AppError as error:
        return Outcome(name, SKIPPED, error.message)


async def _merged(
    resources: Resources, carried: Carried, secrets: CarriedSecrets | None, row: ConnectionRow | None
) -> Outcome:
    name, change = carried.name, _change(carried, secrets)
    why = ""
    if secrets is None and (carried.keys or carried.options.get("headers")):
        why = _("Without its keys: the file was written or read without a passphrase.")
    if row is None:
        id, _looking = await service.create(resources, change)
        return Outcome(name, CREATED, why, id)
    if secrets is None and _same(carried, row) and await _same_overrides(resources, carried, row):
        return Outcome(name, SKIPPED, _("Nothing in it is different."), row.id)
    await service.update(resources, row, change)
    return Outcome(name, UPDATED, why and _("The keys that were here stay."), row.id)


def _change(carried: Carried, secrets: CarriedSecrets | None) -> NewConnection:
    transfer.check_overrides(carried)
    change = NewConnection(
        provider=carried.provider,
        name=carried.name,
        baseUrl=carried.baseUrl,
        enabled=carried.enabled,
        models=carried.models,
        options=dict(carried.options),
        prefix=carried.prefix,
        tags=carried.tags,
        defaults=carried.defaults,
    )
    if secrets is None:
        return change
    if len(secrets.keys) != len(carried.keys):
        raise Invalid(_("The file is damaged: %(why)s", why="keys"))
    entries = zip(carried.keys, secrets.keys, strict=True)
    change.apiKeys = [KeyEntry(label=each.label, key=key, enabled=each.enabled) for each, key in entries]
    if secrets.headers and isinstance(change.options, dict):
        change.options["headers"] = secrets.headers
    return change


async def _same_overrides(resources: Resources, carried: Carried, row: ConnectionRow) -> bool:
    stored = await queries.overrides_of(resources.db, row.id)
    return all(stored.get(raw_id) == said for raw_id, said in carried.overrides.items())


def _same(carried: Carried, row: ConnectionRow) -> bool:
    """Whether a file says of a connection what is stored."""
    stored, theirs = _carried(row), msgspec.structs.asdict(carried)
    ignored = ("id", "keys", "overrides", "sealed")
    return all(
        theirs[name] == value for name, value in msgspec.structs.asdict(stored).items() if name not in ignored
    )
