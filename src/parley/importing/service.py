"""The verbs of imports: begin, cancel, delete."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.chat.service import tell
from parley.importing import scripts, uploading
from parley.importing.queries import JobRow, files_in_use
from parley.importing.uploading import AnyRequest, folder_of
from parley.lib.clock import now_ms
from parley.settings.importing import LARGEST_MB
from parley.settings.queries import load

if TYPE_CHECKING:
    from parley.resources import Resources

BELL = "imports:bell"  # channel: there is something to import


async def largest(resources: Resources) -> int:
    """Bytes an export may have."""
    return (await load(resources.db))[LARGEST_MB] * 1_000_000


async def begin(resources: Resources, actor: Actor, request: AnyRequest) -> int:
    """Take an export off the wire and queue it; the id of the job. Raises Invalid, StorageFull, TooMany."""
    upload = await uploading.received(request, resources.config, await largest(resources))
    try:
        job = await resources.db.write(
            scripts.insert_job, actor.id, upload.name, upload.file, upload.size, now_ms()
        )
    except BaseException:
        (folder_of(resources.config) / upload.file).unlink(missing_ok=True)
        raise
    resources.hub.publish([(BELL, b"")])
    return job


async def cancel(resources: Resources, actor: Actor, job: JobRow) -> None:
    """Stop at the next conversation; what came before stays. An import that ended is left alone."""
    await resources.db.write(scripts.cancel, job.id, actor.id, now_ms())


async def delete(resources: Resources, actor: Actor, job: JobRow, *, everything: bool) -> None:
    """Forget an import; with `everything` also delete the chats that first came with it."""
    await resources.db.write(scripts.cancel, job.id, actor.id, now_ms())
    await resources.db.write(scripts.delete, job.id, actor.id, everything, now_ms())
    if everything:
        tell(resources, actor.id, "imported", 0)


async def sweep(resources: Resources) -> int:
    """Remove uploads that no job needs any more: of jobs that ended, and of uploads that broke off."""
    needed = await files_in_use(resources.db)
    return await asyncio.to_thread(uploading.remove_idle, folder_of(resources.config), needed, now_ms())
