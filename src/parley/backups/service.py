"""Verbs on backups: make one now or when it is due, open one again, delete one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from parley.audit.acting import act_of
from parley.audit.entries import Entry
from parley.audit.scripts import record
from parley.backups import manifest, scripts, shelf
from parley.backups.manifest import Refused
from parley.backups.shelf import Note
from parley.lib.clock import now_ms
from parley.lib.db import LARGEST_ID
from parley.lib.errors import Conflict, Invalid, NotFound
from parley.settings.backups import EVERY_HOURS, KEEP
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

LEASE_MS = 120_000
RENEW_EVERY = 30.0  # seconds
RETRY_MS = 15 * 60_000  # after a scheduled one failed
HOUR_MS = 3_600_000

log = structlog.get_logger("backups")


async def begin(resources: Resources, passphrase: str) -> str:
    """Make a backup in the background; its name. Raises Conflict while one is being made, Invalid."""
    try:
        manifest.checked_passphrase(passphrase)
    except Refused as refused:
        raise Invalid(refused.told, fields={"passphrase": refused.told}) from None
    now = now_ms()
    if not await resources.db.write(scripts.claim, now, now + LEASE_MS, LARGEST_ID):
        raise Conflict(_("A backup is being made already."), code="backup_running")
    name = shelf.new_name(now, scheduled=False)
    entry = act_of("backup.made", f"backup {name}", after={"key": bool(passphrase)})
    resources.background.start(_make(resources, name, passphrase, entry, None), "backup")
    return name


async def make_due(resources: Resources) -> None:
    """A chore: begin a backup when it is time and nobody else does."""
    values = await load(resources.db)
    every = values[EVERY_HOURS] * HOUR_MS
    now = now_ms()
    if not every:
        return
    rows = await resources.db.fetch("SELECT done_at FROM chore_lease WHERE name = 'backup'")
    if not rows or rows[0]["done_at"] > now - every:
        return  # nothing is written while nothing is due
    if await resources.db.write(scripts.claim, now, now + LEASE_MS, now - every):
        name = shelf.new_name(now, scheduled=True)
        entry = Entry(act="backup.made", subject=f"backup {name}", after={"by": "schedule"})
        work = _make(resources, name, resources.config.backup_passphrase, entry, every)
        resources.background.start(work, "backup")


async def _make(resources: Resources, name: str, passphrase: str, entry: Entry, every: int | None) -> None:
    """`every` (ms) is of a scheduled one: when it fails, it is tried again in a quarter of an hour."""
    began, fault = now_ms(), ""
    try:
        async with _renewing(resources):
            note = await asyncio.to_thread(shelf.make, resources.config, name, passphrase)
        log.info("backup made", name=name, files=note.files, sealed=note.sealed)
        await resources.db.write(record, entry, now_ms())
        if every is not None:
            keep = (await load(resources.db))[KEEP]
            await asyncio.to_thread(shelf.prune, resources.config, keep)
    except Refused as refused:
        fault = str(refused)
        log.error("backup failed", name=name, reason=fault)
    except BaseException as error:
        fault = type(error).__name__
        raise
    finally:
        done_at = None if every is None else began if not fault else began - every + RETRY_MS
        await resources.db.write_relaxed(scripts.end, done_at, fault)


@contextlib.asynccontextmanager
async def _renewing(resources: Resources) -> AsyncIterator[None]:
    async def renew() -> None:
        while True:
            await asyncio.sleep(RENEW_EVERY)
            await resources.db.write_relaxed(scripts.renew, now_ms() + LEASE_MS)

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def check(resources: Resources, name: str) -> Note:
    """Open one again and say what was found; raises NotFound."""
    return await asyncio.to_thread(shelf.check, found(resources, name))


async def delete(resources: Resources, name: str) -> None:
    """Remove one; raises NotFound."""
    path = found(resources, name)
    await resources.db.write(record, act_of("backup.deleted", f"backup {name}"), now_ms())
    await asyncio.to_thread(shelf.delete, path)


async def state(resources: Resources) -> tuple[bool, str]:
    """Whether one is being made, and why the last one failed ("" when it did not)."""
    rows = await resources.db.fetch("SELECT held_until, fault FROM chore_lease WHERE name = 'backup'")
    return (rows[0]["held_until"] > now_ms(), rows[0]["fault"]) if rows else (False, "")


def found(resources: Resources, name: str) -> Path:
    """The file of a backup; raises NotFound."""
    path = shelf.path_of(resources.config, name)
    if path is None:
        raise NotFound(_("There is no such backup."))
    return path
