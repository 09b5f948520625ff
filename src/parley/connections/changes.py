"""What a change of a connection comes to: the columns to write and what happens to its secrets. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from parley.connections import fields, options
from parley.connections.options import NO_DEFAULTS, NO_OPTIONS, Defaults, Headers, Options
from parley.connections.queries import ConnectionRow, KeyRow
from parley.connections.scripts import Fields
from parley.lib.errors import Invalid
from parley.providers.base import Kind
from parley.providers.presets import PRESETS
from parley.web.i18n import _

MAX_KEYS = 20


class KeyEntry(msgspec.Struct, kw_only=True):
    """A key of the pool as it is wanted. With `id` a stored one, whose key stays unless `key` is given."""

    id: int | None = None
    label: str | None = None
    key: str | None = None
    enabled: bool | None = None


class ConnectionChange(msgspec.Struct, kw_only=True):
    """What is absent stays, null goes back to the default; an empty `apiKey` stays too.

    `apiKey` replaces every key by this one, null forgets them all. `apiKeys` is the whole pool: a stored key
    it does not name is forgotten. A header of `options.headers` whose value is null keeps the stored value.
    """

    provider: str | UnsetType = UNSET  # a kind or a preset
    name: str | UnsetType = UNSET
    baseUrl: str | UnsetType | None = UNSET
    apiKey: str | UnsetType | None = UNSET
    apiKeys: list[KeyEntry] | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    models: list[str] | UnsetType | None = UNSET
    options: dict[str, Any] | UnsetType | None = UNSET
    prefix: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    defaults: dict[str, Any] | UnsetType | None = UNSET


class NewConnection(ConnectionChange, kw_only=True):
    """The same for a connection that is not there yet."""

    provider: str


@dataclass(frozen=True, slots=True)
class KeyPlan:
    """A key to store: a new one, or (`id`) one that stays, with its old value where `clear` is None."""

    id: int | None
    label: str
    clear: str | None
    enabled: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written. None in `keys` or `headers` leaves what is stored."""

    fields: Fields
    options: Options
    listed: tuple[str, ...]
    keys: tuple[KeyPlan, ...] | None
    headers: Headers | None
    moved: bool  # to another upstream: what is stored goes, unless it comes anew


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a change starts from; of a new connection nothing."""

    provider: str = ""
    preset: str = ""
    base_url: str = ""
    name: str = ""
    enabled: bool = True
    options: Options = NO_OPTIONS
    prefix: str = ""
    tags: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    defaults: Defaults = NO_DEFAULTS
    keys: tuple[KeyRow, ...] = ()


def plan(change: ConnectionChange, row: ConnectionRow | None = None) -> Plan:
    """What `change` makes of the stored `row` (None: of nothing). Raises Invalid with the fields' names."""
    stored: ConnectionRow | _Stored = row or _Stored()
    kind, preset, url = _where(change, stored)
    moved = row is not None and (kind.name, url) != (row.provider, row.base_url)
    before = NO_OPTIONS if kind.name != stored.provider else stored.options
    if moved:  # names without values say nothing
        before = msgspec.structs.replace(before, headers=())
    given = {} if change.options is UNSET else change.options
    if given is None:
        given = {"headers": {}}
        before = NO_OPTIONS
    wanted, headers = options.clean_options(given, kind, before)
    if headers is not None:
        headers = _with_values(headers, before.headers)
        wanted = msgspec.structs.replace(wanted, headers=tuple(headers))
    elif moved and stored.options.headers:
        headers = {}
    listed = _listed(change, stored, preset, moved)
    keys = _keys(change, () if moved else stored.keys, kind)
    if keys and not wanted.auth and options.auth_of(wanted, kind) == "none" and len(kind.auths) > 1:
        wanted = msgspec.structs.replace(wanted, auth=kind.auths[1])  # a key that nobody sends is a riddle
    columns = Fields(
        name=_name(change, stored, kind, url),
        provider=kind.name,
        preset=preset,
        base_url=url,
        enabled=stored.enabled if change.enabled is UNSET else change.enabled,
        options=_json(wanted),
        listed=_json(listed),
        **_texts(change, stored),
    )
    return Plan(columns, wanted, listed, keys, headers, moved)


def _where(change: ConnectionChange, stored: ConnectionRow | _Stored) -> tuple[Kind, str, str]:
    """Kind, preset and address."""
    if change.provider is UNSET:
        kind, preset = fields.kind_of(stored.provider), stored.preset
        fresh = False
    else:
        kind, preset = fields.service_of(change.provider)
        fresh = (kind.name, preset) != (stored.provider, stored.preset)
    usual = fields.default_url(kind, preset)
    typed = change.baseUrl
    if typed is UNSET:
        typed = usual if fresh else stored.base_url
    elif not stored.provider:
        typed = typed or usual
    return kind, preset, fields.clean_url(typed or "", kind)


def _name(change: ConnectionChange, stored: ConnectionRow | _Stored, kind: Kind, url: str) -> str:
    if change.name is UNSET and stored.name:
        return stored.name
    return fields.clean_name("" if change.name is UNSET else change.name, kind, url)


def _listed(
    change: ConnectionChange, stored: ConnectionRow | _Stored, preset: str, moved: bool
) -> tuple[str, ...]:
    """An explicit list of models belongs to its address; some services have a usual one."""
    if change.models is not UNSET:
        return fields.clean_models(change.models or [])
    if (moved or not stored.provider) and preset in PRESETS:
        return PRESETS.get(preset).listed
    return () if moved else stored.listed


def _texts(change: ConnectionChange, stored: ConnectionRow | _Stored) -> dict[str, str]:
    """The columns for the catalogue."""
    prefix = stored.prefix if change.prefix is UNSET else fields.clean_prefix(change.prefix or "")
    tags = stored.tags if change.tags is UNSET else fields.clean_tags(change.tags or [])
    defaults = stored.defaults
    if change.defaults is not UNSET:
        defaults = options.clean_defaults(change.defaults or {})
    return {"prefix": prefix, "tags": _json(tags), "defaults": _json(defaults)}


def _with_values(headers: Headers, known: Sequence[str]) -> Headers:
    """Without the names that have no value, neither given nor stored."""
    lower = {name.lower() for name in known}
    return {name: value for name, value in headers.items() if value is not None or name.lower() in lower}


def _keys(change: ConnectionChange, stored: Sequence[KeyRow], kind: Kind) -> tuple[KeyPlan, ...] | None:
    if not fields.takes_key(kind):
        return None if not stored else ()
    if change.apiKeys is not UNSET and change.apiKeys is not None:
        return _pool(change.apiKeys, {key.id: key for key in stored})
    if change.apiKey is None or change.apiKeys is None:
        return ()
    key = "" if change.apiKey is UNSET else fields.clean_key(change.apiKey)
    return (KeyPlan(None, "", key, True),) if key else None


def _pool(entries: Sequence[KeyEntry], stored: dict[int, KeyRow]) -> tuple[KeyPlan, ...]:
    if len(entries) > MAX_KEYS:
        text = _("At most %(n)s keys.", n=MAX_KEYS)
        raise Invalid(text, fields={"apiKeys": text})
    plans = []
    for entry in entries:
        row = stored.pop(entry.id, None) if entry.id is not None else None
        key = fields.clean_key(entry.key or "")
        if row is None and not key:
            if (
                entry.id is not None
            ):  # of another address or connection, or named twice: there is nothing to keep
                continue
            text = _("Enter the key “%(label)s”.", label=(entry.label or "")[: fields.LONGEST_NAME])
            raise Invalid(text, fields={"apiKeys": text})
        before = row or KeyRow(0, "", "", "", True)
        label = before.label if entry.label is None else fields.clean_label(entry.label)
        enabled = before.enabled if entry.enabled is None else entry.enabled
        plans.append(KeyPlan(row.id if row else None, label, key or None, enabled))
    return tuple(plans)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
