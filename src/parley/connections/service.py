"""Verbs on connections: create, change, remove, check."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from parley.audit.acting import act_of, noted
from parley.connections import fields, scripts
from parley.connections.changes import ConnectionChange, KeyPlan, NewConnection, Plan, plan
from parley.connections.checking import (
    Looking,
    check,
    check_later,
    verify,
    verify_again,
    verify_unsaved,
)
from parley.connections.credentials import Credential, open_connection, opened_headers, provider_for
from parley.connections.queries import ConnectionRow
from parley.connections.scripts import Fields, SealedKey, Secrets
from parley.lib.clock import now_ms
from parley.lib.errors import Conflict
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

__all__ = [
    "ConnectionChange", "Credential", "NewConnection", "check", "check_later", "create", "open_connection",
    "provider_for", "remove", "update", "verify", "verify_again", "verify_unsaved",
]  # fmt: skip


async def create(resources: Resources, new: NewConnection) -> tuple[int, Looking]:
    """Store a connection and look for its models in the background; its id. Raises Invalid."""
    planned = plan(new)

    def seal(id: int) -> Secrets:
        return sealed(resources, id, planned)

    note = act_of("connection.added", after=_shown(planned.fields, planned.keys))
    added = noted(scripts.insert, lambda id: replace(note, subject=f"connection {id}"))
    id = await resources.db.write(added, planned.fields, seal, now_ms())
    return id, check_later(resources, id)


async def update(resources: Resources, connection: ConnectionRow, change: ConnectionChange) -> Looking | None:
    """Change a connection. Another address or kind forgets the keys and headers it does not bring anew.

    A connection that is on is checked again in the background. Raises Invalid, and Conflict for another
    provider in the built-in demo and for an address that somebody else changed meanwhile.
    """
    planned = plan(change, connection)
    if connection.built_in and planned.fields.provider != connection.provider:
        raise Conflict(_("The demo stays a demo. Add another connection instead."))
    # Grows in any case: a check that began before this change must not be stored after it.
    now = max(now_ms(), connection.updated_at + 1)
    secrets = sealed(resources, connection.id, planned, connection)
    note = act_of(
        "connection.changed",
        f"connection {connection.id}",
        before=_shown(connection),
        after=_shown(planned.fields, planned.keys),
    )
    changed = await resources.db.write(
        noted(scripts.change, lambda done: note if done else None),
        connection.id,
        planned.fields,
        secrets,
        now,
        planned.moved,
        was=(connection.provider, connection.base_url),
    )
    if not changed:
        raise Conflict(_("Somebody else changed this connection. Load the page again."))
    if planned.fields.enabled or planned.moved or planned.keys is not None:
        return check_later(resources, connection.id)
    return None


async def remove(resources: Resources, connection: ConnectionRow) -> None:
    """Delete a connection with its key and models; raises Conflict for the built-in demo."""
    if connection.built_in:
        raise Conflict(_("The demo connection cannot be deleted. Turn it off instead."))
    note = act_of("connection.deleted", f"connection {connection.id}", before=_shown(connection))
    await resources.db.write(noted(scripts.delete, lambda gone: note if gone else None), connection.id)


def _shown(row: ConnectionRow | Fields, keys: tuple[KeyPlan, ...] | None = None) -> dict[str, object]:
    """What the audit log says of a connection: nothing that could be a secret."""
    said: dict[str, object] = {
        "name": row.name,
        "provider": row.provider,
        "host": urlsplit(row.base_url).hostname or "",
        "enabled": row.enabled,
        "prefix": row.prefix,
    }
    if keys is not None:
        said["keys"] = len(keys)
        said["new keys"] = sum(each.clear is not None for each in keys)
    return said


def sealed(resources: Resources, id: int, planned: Plan, connection: ConnectionRow | None = None) -> Secrets:
    """The secrets of a plan, as they are stored for the connection `id`; raises KeyUnreadable."""
    keys = None
    if planned.keys is not None:
        keys = tuple(_sealed_key(resources, id, key) for key in planned.keys)
    if planned.headers is None:
        return Secrets(keys)
    values = {name: value for name, value in planned.headers.items() if value is not None}
    if connection is not None and len(values) < len(planned.headers):
        stored = {name.lower(): value for name, value in opened_headers(resources, connection).items()}
        kept = [name for name in planned.headers if name not in values and name.lower() in stored]
        values |= {name: stored[name.lower()] for name in kept}
    text = msgspec.json.encode(values).decode()
    return Secrets(
        keys, resources.box.seal(text, table="connection", row=id, column="headers") if values else ""
    )


def _sealed_key(resources: Resources, id: int, key: KeyPlan) -> SealedKey:
    if key.clear is None:
        return SealedKey(key.id, key.label, None, "", key.enabled)
    text = resources.box.seal(key.clear, table="connection", row=id, column="key")
    return SealedKey(key.id, key.label, text, fields.hint_of(key.clear), key.enabled)
