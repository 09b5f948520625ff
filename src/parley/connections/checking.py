"""Asking upstreams for their models, in the background and by hand, and remembering what came of it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from parley.connections import fields, scripts, verification
from parley.connections.changes import NewConnection, Plan, plan
from parley.connections.credentials import Credential, credentials_of, target_of
from parley.connections.queries import ConnectionRow, KeyRow, connection_row
from parley.connections.scripts import Checked
from parley.connections.verification import Found, Watching
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, NotFound
from parley.providers.base import REGISTRY, ModelInfo, ProviderError
from parley.web.i18n import _, use_language

if TYPE_CHECKING:
    from parley.resources import Resources

CHECK_SECONDS = 15.0
Looking = asyncio.Task[Checked]  # a check nobody has to wait for


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
        with use_language("en"):
            credentials = credentials_of(resources, connection)
        async with asyncio.timeout(CHECK_SECONDS):
            for credential in credentials:
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


def check_later(resources: Resources, id: int) -> Looking:
    """`check` while nobody waits for it."""
    return resources.background.start(_check_if_there(resources, id), f"check of connection {id}")


async def _check_if_there(resources: Resources, id: int) -> Checked:
    try:
        return await check(resources, id)
    except NotFound:  # deleted meanwhile
        return Checked(0, error="gone", code="not_found")


async def verify(resources: Resources, id: int) -> Found:
    """Test every key of a connection with a question too, and remember what was seen; at most 35 s.

    Raises NotFound when the connection is gone.
    """
    connection = await connection_row(resources.db, id)
    if connection is None:
        raise NotFound(_("There is no such connection."))
    try:
        with use_language("en"):
            watchers: list[Watching] = []

            def client() -> Watching:
                watchers.append(Watching(resources.http))
                return watchers[-1]

            credentials = credentials_of(resources, connection, client=client)
        found = await verification.examine(
            connection, list(zip(credentials, watchers, strict=True)), now_ms()
        )
    except AppError as error:
        found = verification.not_asked(connection, error, now_ms())
    checked = _as_check(connection, found)
    report = verification.report_json(found.report)
    await resources.db.write(scripts.store_verification, id, connection.updated_at, checked, report, now_ms())
    return found


async def verify_unsaved(resources: Resources, new: NewConnection) -> Found:
    """Test what a form holds, without storing anything; raises Invalid."""
    planned = plan(new)
    connection = _unsaved(planned)
    headers = {name: value for name, value in (planned.headers or {}).items() if value is not None}
    clear = [key.clear or "" for key in planned.keys or () if key.enabled] or [""]
    pairs = []
    for number, key in enumerate(clear, 1):
        http = Watching(resources.http)
        provider = REGISTRY.get(connection.provider).make(target_of(connection, key, headers), http)
        label = connection.keys[number - 1].label if connection.keys else ""
        pairs.append((Credential(f"0:{number if key else 0}", label, provider), http))
    return await verification.examine(connection, pairs, now_ms())


async def verify_again(resources: Resources, connection: ConnectionRow) -> asyncio.Task[None]:
    """`verify` in the background; until it ends the connection counts as being tested."""
    await resources.db.write_relaxed(scripts.touch, connection.id, max(now_ms(), connection.updated_at + 1))
    return resources.background.start(
        _verify_if_there(resources, connection.id), f"test of connection {connection.id}"
    )


async def _verify_if_there(resources: Resources, id: int) -> None:
    try:
        await verify(resources, id)
    except NotFound:  # deleted meanwhile
        return


def _as_check(connection: ConnectionRow, found: Found) -> Checked:
    """What the same requests say as a check, which is about reaching the upstream."""
    failure = found.report.failure
    if connection.listed:
        models = tuple(ModelInfo(each, each) for each in connection.listed)
        if failure is not None:
            return Checked(None, models, error=failure.error, code=failure.code)
        return Checked(found.latency_ms, models)
    listing = next((key.list for key in found.report.keys if key.list is not None and key.list.error), None)
    if found.models or listing is None:
        return Checked(found.latency_ms, found.models)
    return Checked(listing.ms, error=listing.error, code=listing.code)


def _unsaved(planned: Plan) -> ConnectionRow:
    """A row for what is not stored: the keys without their values."""
    columns = planned.fields
    keys = tuple(
        KeyRow(number, key.label, "", fields.hint_of(key.clear or ""), True)
        for number, key in enumerate((key for key in planned.keys or () if key.enabled), 1)
    )
    return ConnectionRow(
        id=0,
        name=columns.name,
        provider=columns.provider,
        preset=columns.preset,
        base_url=columns.base_url,
        keys=keys,
        options=planned.options,
        listed=planned.listed,
        enabled=True,
        created_at=0,
        updated_at=0,
        checked_at=None,
        check_error=None,
        check_code="",
        check_latency_ms=None,
        worked_at=None,
        failing_since=None,
        models=0,
        built_in=False,
    )
