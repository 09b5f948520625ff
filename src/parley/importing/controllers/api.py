"""`/api/imports`, for programs."""

from __future__ import annotations

from typing import Any

from litestar import Controller, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest
from parley.importing import queries, service, wire
from parley.importing.access import job_for_owner
from parley.lib.db import LARGEST_ID
from parley.resources import Resources
from parley.web.envelope import ok


class ImportApiController(Controller):
    """Bring an export and watch it arrive."""

    path = "/api/imports"

    @post(status_code=202, request_max_body_size=None, opt={"uploads": True})
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Take a file (multipart, in the field `file`) and queue it."""
        id = await service.begin(resources, actor, request)
        return ok({"import": wire.job_body(await job_for_owner(resources.db, id, actor))})

    @get("/{id:int}")
    async def show(
        self,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        after: FromQuery[int] = 0,
    ) -> dict[str, Any]:
        """How far it is, with a page of its report after item `after`."""
        job = await job_for_owner(resources.db, id, actor)
        counts = await queries.counts_of(resources.db, job.id)
        after = after if 0 < after <= LARGEST_ID else 0
        items = await queries.items_of(resources.db, job.id, after=after, limit=queries.PAGE + 1)
        return ok(wire.report_body(job, counts, items))
