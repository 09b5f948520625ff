"""Backups in the browser: a page for administrators, and restoring on a fresh copy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import File
from litestar.types import ControllerRouterHandler

from parley.accounts import entering, queries
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.proving import proof_of, reassure
from parley.audit.acting import act_of
from parley.audit.scripts import record
from parley.backups import service, shelf
from parley.backups.manifest import Refused
from parley.backups.pages import BackupsPage, RestorePage, Row, ShelfFragment, percent_of
from parley.backups.restoring import stage_for_restart
from parley.backups.uploading import received
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, NotFound
from parley.resources import Resources
from parley.settings.backups import EVERY_HOURS, KEEP
from parley.settings.queries import load
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.lifecycle import end_soon
from parley.web.render import render

PAGE = "/admin/backups"


class PassphraseForm(msgspec.Struct):
    """What seals the secret key; empty leaves it out."""

    passphrase: str = ""


class PasswordForm(msgspec.Struct):
    """The administrator's own password."""

    password: str = ""


class BackupController(Controller):
    """`/admin/backups`."""

    path = PAGE

    @get()
    async def index(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        part: FromQuery[bool] = False,
    ) -> Response[Any]:
        """All that are kept; `part` is what of it changes while one is being made."""
        if part:
            return render(request, ShelfFragment(**await _shelf(resources, admin)))
        return render(request, await _page(resources, admin))

    @post()
    async def create(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Begin one in the background."""
        passphrase = (await read_form(request, PassphraseForm)).typed.get("passphrase", "")
        try:
            await service.begin(resources, passphrase)
        except AppError as error:
            return await _refused(request, resources, admin, error)
        return see_other(request, PAGE)

    @post("/{name:str}/verification")
    async def check(
        self,
        request: AnyRequest,
        name: FromPath[str],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Open one again and compare every hash."""
        await service.check(resources, name)
        return see_other(request, PAGE)

    @post("/{name:str}/deletion")
    async def destroy(
        self,
        request: AnyRequest,
        name: FromPath[str],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Remove one."""
        await service.delete(resources, name)
        return see_other(request, PAGE)

    @post("/{name:str}/download", status_code=200)
    async def download(
        self,
        request: AnyRequest,
        name: FromPath[str],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any] | File:
        """The file, for whoever shows again who they are: it holds everything everybody wrote."""
        path = service.found(resources, name)
        password = (await read_form(request, PasswordForm)).typed.get("password", "")
        try:
            await reassure(resources, entering.caller_of(request), admin, password)
        except AppError as error:
            return await _refused(request, resources, admin, error)
        await resources.db.write(record, act_of("backup.downloaded", f"backup {name}"), now_ms())
        return File(
            path, filename=name, media_type="application/x-tar", headers={"Cache-Control": "no-store"}
        )


class RestoreController(Controller):
    """`/setup/restore`, until an administrator exists."""

    path = "/setup/restore"

    @get()
    async def show(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """The form."""
        await _only_fresh(resources)
        return render(request, RestorePage())

    @post(request_max_body_size=None)
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """Check a backup; when it is good, Parley starts again with it."""
        await _only_fresh(resources)
        config = resources.config
        try:
            async with received(request, config) as (path, passphrase):
                await _only_fresh(resources)  # the upload may have taken an hour
                fresh = _fresh_for_threads(resources)
                if not await asyncio.to_thread(stage_for_restart, config, path, passphrase, fresh):
                    raise _nothing_here()
        except Refused as refused:
            return render(request, RestorePage(error=refused.told), status=400)
        except NotFound:
            raise
        except AppError as error:
            return render(request, RestorePage(error=_(error.message)), status=error.status)
        resources.background.start(end_soon(), "restart")
        return render(request, RestorePage(restarting=True))


async def _only_fresh(resources: Resources) -> None:
    if await queries.has_admin(resources.db):
        raise _nothing_here()


def _fresh_for_threads(resources: Resources) -> Callable[[], bool]:
    """Whether there is no administrator yet, for a thread that is not the loop's."""
    loop = asyncio.get_running_loop()
    return lambda: not asyncio.run_coroutine_threadsafe(queries.has_admin(resources.db), loop).result()


def _nothing_here() -> NotFound:
    return NotFound(_("There is nothing here."))


async def _refused(request: AnyRequest, resources: Resources, admin: Actor, error: AppError) -> Response[Any]:
    fields = getattr(error, "fields", {})
    said = "" if "passphrase" in fields else _(error.message)  # which alone says it at the field
    page = await _page(resources, admin, error=said, errors=fields)
    return render(request, page, status=error.status, headers=entering.refusal_headers(error))


async def _shelf(resources: Resources, admin: Actor) -> dict[str, Any]:
    """The fields of ShelfFragment."""
    config = resources.config
    running, fault = await service.state(resources)
    return {
        "rows": [Row.of(each) for each in await asyncio.to_thread(shelf.kept, config)],
        "running": running,
        "percent": percent_of(shelf.progress_of(config)) if running else 0,
        "fault": fault,
        "proof": await proof_of(resources, admin, PAGE),
    }


async def _page(
    resources: Resources, admin: Actor, *, error: str = "", errors: dict[str, str] | None = None
) -> BackupsPage:
    values = await load(resources.db)
    return BackupsPage(
        **await _shelf(resources, admin),
        every_hours=values[EVERY_HOURS],
        keep=values[KEEP],
        seals=bool(resources.config.backup_passphrase),
        outside=resources.config.files_url.startswith("s3://"),
        error=error,
        errors=errors or {},
    )


ROUTES: tuple[ControllerRouterHandler, ...] = (BackupController, RestoreController)
