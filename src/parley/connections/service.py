"""Verbs on connections: create, change, remove, check."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec

from parley.connections import fields, scripts
from parley.connections.changes import ConnectionChange, KeyPlan, NewConnection, Plan, plan
from parley.connections.credentials import (
    Credential,
    credentials_of,
    open_connection,
    opened_headers,
    provider_for,
)
from parley.connections.queries import ConnectionRow, connection_row
from parley.connections.scripts import Checked, SealedKey, Secrets
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Conflict, NotFound
from parley.providers.base import ModelInfo, ProviderError
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

CHECK_SECONDS = 15.0

__all__ = ["ConnectionChange", "Credential", "NewConnection", "open_connection", "provider_for"]


Looking = asyncio.Task[Checked]  # a check nobody has to wait for


async def create(resources: Resources, new: NewConnection) -> tuple[int, Looking]:
    """Store a connection and look for its models in the background; its id. Raises Invalid."""
    planned = plan(new)

    def seal(id: int) -> Secrets:
        return sealed(resources, id, planned)

    id = await resources.db.write(scripts.insert, planned.fields, seal, now_ms())
    return id, check_later(resources, id)


async def update(resources: Resources, connection: ConnectionRow, change: ConnectionChange) -> Looking | None:
    """Change a connection. Another address or kind forgets the keys and headers it does not bring anew.

    A connection that is on is checked again in the background. Raises Invalid, and Conflict for another
    provider in the built-in demo.
    """
    planned = plan(change, connection)
    if connection.built_in and planned.fields.provider != connection.provider:
        raise Conflict(_("The demo stays a demo. Add another connection instead."))
    # Grows in any case: a check that began before this change must not be stored after it.
    now = max(now_ms(), connection.updated_at + 1)
    secrets = sealed(resources, connection.id, planned, connection)
    await resources.db.write(scripts.change, connection.id, planned.fields, secrets, now, planned.moved)
    if planned.fields.enabled or planned.moved or planned.keys is not None:
        return check_later(resources, connection.id)
    return None


async def remove(resources: Resources, connection: ConnectionRow) -> None:
    """Delete a connection with its key and models; raises Conflict for the built-in demo."""
    if connection.built_in:
        raise Conflict(_("The demo connection cannot be deleted. Turn it off instead."))
    await resources.db.write(scripts.delete, connection.id)


async def check(resources: Resources, id: int) -> Checked:
    """Ask the upstream for its models and remember what came of it, at most 15 s.

    With several keys the first that works decides. An explicit list of models is stored without asking.
    Nothing is raised for an upstream that fails: the error is in the result. Raises NotFound when
    the connection is gone.
    """
    connection = await connection_row(resources.db, id)
    if connection is None:
        raise NotFound(_("There is no such connection."))
    if connection.listed:
        await resources.db.write_relaxed(
            scripts.store_listed, id, connection.updated_at, connection.listed, now_ms()
        )
        return Checked(None, tuple(ModelInfo(each, each) for each in connection.listed))
    checked = await _ask_for_models(resources, connection)
    await resources.db.write_relaxed(scripts.store_check, id, connection.updated_at, checked, now_ms())
    return checked


async def _ask_for_models(resources: Resources, connection: ConnectionRow) -> Checked:
    started = time.perf_counter()
    failure: AppError | None = None
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            for credential in credentials_of(resources, connection):
                started = time.perf_counter()
                try:
                    return Checked(None, tuple(await credential.provider.models())).after(started)
                except AppError as error:
                    failure = failure or error
    except TimeoutError:
        failure = failure or ProviderError.of("timeout")
    except AppError as error:
        failure = error
    assert failure is not None, "there is at least one credential"
    return Checked(None, error=failure.message, code=failure.code).after(started)


async def check_again(resources: Resources, connection: ConnectionRow) -> Looking:
    """A new check in the background; until it ends the connection counts as being tested."""
    await resources.db.write_relaxed(scripts.touch, connection.id, max(now_ms(), connection.updated_at + 1))
    return check_later(resources, connection.id)


def check_later(resources: Resources, id: int) -> Looking:
    """`check` while nobody waits for it."""
    return resources.background.start(_check_if_there(resources, id), f"check of connection {id}")


async def _check_if_there(resources: Resources, id: int) -> Checked:
    try:
        return await check(resources, id)
    except NotFound:  # deleted meanwhile
        return Checked(0, error="gone", code="not_found")


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
