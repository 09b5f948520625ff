"""The door of imports: a job loaded through its owner. Unknown and forbidden are the same 404."""

from __future__ import annotations

from parley.accounts.actor import Actor
from parley.importing.queries import JobRow, job_of
from parley.lib.db import LARGEST_ID, Database
from parley.lib.errors import NotFound
from parley.web.i18n import _


async def job_for_owner(db: Database, id: int, actor: Actor) -> JobRow:
    """The import; raises NotFound when it is not the actor's own."""
    job = await job_of(db, id, actor.id) if 0 < id <= LARGEST_ID else None
    if job is None:
        raise NotFound(_("This import does not exist or is not yours."))
    return job
