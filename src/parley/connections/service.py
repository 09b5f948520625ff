"""Verbs on connections: create, change, remove, check; and the provider behind a model."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

import parley.providers  # noqa: F401  fills the registry
from parley.connections import fields, scripts
from parley.connections.queries import ConnectionRow, connection_row, model_target
from parley.connections.scripts import Checked, Fields
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Conflict, NotFound
from parley.providers.base import REGISTRY, Provider, Target
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

CHECK_SECONDS = 15.0


class NewConnection(msgspec.Struct, kw_only=True):
    """What is needed for a connection; the names are those on the wire and in the form."""

    provider: str
    name: str = ""
    baseUrl: str | None = None
    apiKey: str | None = None
    enabled: bool = True


class ConnectionChange(msgspec.Struct, kw_only=True):
    """What is absent stays; an empty `apiKey` stays too, null clears it."""

    provider: str | UnsetType = UNSET
    name: str | UnsetType = UNSET
    baseUrl: str | UnsetType | None = UNSET
    apiKey: str | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


Looking = asyncio.Task[Checked]  # a check nobody has to wait for


async def create(resources: Resources, new: NewConnection) -> tuple[int, Looking]:
    """Store a connection and look for its models in the background; its id. Raises Invalid."""
    kind = fields.kind_of(new.provider)
    url = fields.clean_url(new.baseUrl or kind.default_url, kind)
    key = fields.clean_key(new.apiKey or "") if kind.needs_key else ""
    row = Fields(fields.clean_name(new.name, kind, url), kind.name, url, new.enabled)

    def seal(id: int) -> str | None:
        return _seal(resources, id, key)

    id = await resources.db.write(scripts.insert, row, seal, fields.hint_of(key), now_ms())
    return id, check_later(resources, id)


async def update(resources: Resources, connection: ConnectionRow, change: ConnectionChange) -> Looking | None:
    """Change a connection. Another address or provider forgets the key unless the change brings one.

    A connection that is on is checked again in the background. Raises Invalid, and Conflict for another
    provider in the built-in demo.
    """
    kind = fields.kind_of(connection.provider if change.provider is UNSET else change.provider)
    if connection.built_in and kind.name != connection.provider:
        raise Conflict(_("The demo stays a demo. Add another connection instead."))
    typed = connection.base_url if change.baseUrl is UNSET else change.baseUrl or ""
    if kind.name != connection.provider and change.baseUrl is UNSET:
        typed = kind.default_url
    url = fields.clean_url(typed, kind)
    name = connection.name if change.name is UNSET else fields.clean_name(change.name, kind, url)
    enabled = connection.enabled if change.enabled is UNSET else change.enabled
    moved = (kind.name, url) != (connection.provider, connection.base_url)
    row = Fields(name, kind.name, url, enabled)
    # Grows in any case: a check that began before this change must not be stored after it.
    now = max(now_ms(), connection.updated_at + 1)
    key = _new_key(resources, connection.id, change.apiKey)
    await resources.db.write(scripts.change, connection.id, row, key, now, moved)
    if enabled or moved or key is not None:
        return check_later(resources, connection.id)
    return None


async def remove(resources: Resources, connection: ConnectionRow) -> None:
    """Delete a connection with its key and models; raises Conflict for the built-in demo."""
    if connection.built_in:
        raise Conflict(_("The demo connection cannot be deleted. Turn it off instead."))
    await resources.db.write(scripts.delete, connection.id)


async def check(resources: Resources, id: int) -> Checked:
    """Ask the upstream for its models and remember what came of it, at most 15 s.

    Nothing is raised for an upstream that fails: the error is in the result. Raises NotFound when
    the connection is gone.
    """
    connection = await connection_row(resources.db, id)
    if connection is None:
        raise NotFound(_("There is no such connection."))
    started = time.perf_counter()
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            models = await provider_of(resources, connection).models()
    except TimeoutError:
        failure = AppError("The provider did not answer in time.", code="timeout")
        checked = Checked(_since(started), error=failure.message, code=failure.code)
    except AppError as error:
        checked = Checked(_since(started), error=error.message, code=error.code)
    else:
        checked = Checked(_since(started), tuple(models))
    await resources.db.write_relaxed(scripts.store_check, id, connection.updated_at, checked, now_ms())
    return checked


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


async def provider_for(resources: Resources, public_id: str) -> tuple[Provider, str]:
    """The provider of a model and the model's id there.

    Raises NotFound when the model is gone, Conflict when its connection is turned off,
    KeyUnreadable when the stored key cannot be opened.
    """
    found = await model_target(resources.db, public_id)
    if found is None:
        raise NotFound(_("This model is not there any more. Choose another one."), code="model_not_found")
    raw_id, connection = found
    if not connection.enabled:
        raise Conflict(
            _("The connection “%(name)s” is turned off. Choose another model.", name=connection.name),
            code="connection_off",
        )
    return provider_of(resources, connection), raw_id


def provider_of(resources: Resources, connection: ConnectionRow) -> Provider:
    """The provider of a connection, with its key in the clear; raises KeyUnreadable, Conflict."""
    if connection.provider not in REGISTRY:
        raise Conflict(_("This version does not know the provider “%(name)s”.", name=connection.provider))
    key = ""
    if connection.key_sealed is not None:
        sealed = connection.key_sealed
        key = resources.box.unseal(sealed, table="connection", row=connection.id, column="key")
    return REGISTRY.get(connection.provider).make(Target(connection.base_url, key), resources.http)


def _new_key(resources: Resources, id: int, typed: str | UnsetType | None) -> tuple[str | None, str] | None:
    """Sealed key and hint to store; None to leave the stored one alone."""
    if typed is None:
        return None, ""
    if typed is UNSET or not (key := fields.clean_key(typed)):
        return None
    return _seal(resources, id, key), fields.hint_of(key)


def _seal(resources: Resources, id: int, key: str) -> str | None:
    return resources.box.seal(key, table="connection", row=id, column="key") if key else None


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
