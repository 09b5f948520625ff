"""A person's imports: upload, list, report. Forms work without scripts."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.importing import queries, service
from parley.importing.access import job_for_owner
from parley.importing.pages import OUTCOMES, ImportsPage, imports_page, part_of, report_of
from parley.lib.db import LARGEST_ID
from parley.lib.errors import AppError
from parley.resources import Resources
from parley.web.i18n import _
from parley.web.render import render

PAGE = "/account/imports"
LISTED = 20


class ImportController(Controller):
    """`/account/imports`."""

    path = PAGE

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[int] = 0,
    ) -> Response[Any]:
        """The form, and the imports so far."""
        return render(request, await _page(resources, actor, before))

    @post(request_max_body_size=None)
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Take a file and queue it."""
        try:
            job = await service.begin(resources, actor, request)
        except AppError as error:
            page = await _page(resources, actor, 0, _(error.message))
            return render(request, page, status=error.status)
        return see_other(request, f"{PAGE}/{job}")

    @get("/{id:int}")
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        outcome: FromQuery[str] = "",
        after: FromQuery[int] = 0,
        part: FromQuery[bool] = False,
    ) -> Response[Any]:
        """The report; `part` is what of it changes while the import goes on."""
        job = await job_for_owner(resources.db, id, actor)
        outcome = outcome if outcome in OUTCOMES else ""
        counts = await queries.counts_of(resources.db, job.id)
        rows = await queries.items_of(
            resources.db, job.id, outcome=outcome, after=_possible(after), limit=queries.PAGE + 1
        )
        page = report_of(job, counts, rows, outcome)
        return render(request, part_of(page) if part else page)

    @post("/{id:int}/cancellation")
    async def cancel(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Stop it; what came stays."""
        await service.cancel(resources, actor, await job_for_owner(resources.db, id, actor))
        return see_other(request, f"{PAGE}/{id}")

    @post("/{id:int}/deletion")
    async def delete(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Forget it, and with `everything` also the chats it brought."""
        job = await job_for_owner(resources.db, id, actor)
        everything = bool((await request.form()).get("everything"))
        await service.delete(resources, actor, job, everything=everything)
        return see_other(request, PAGE)


async def _page(resources: Resources, actor: Actor, before: int, error: str = "") -> ImportsPage:
    rows = await queries.jobs_of(resources.db, actor.id, before=_possible(before) or None, limit=LISTED + 1)
    return imports_page(rows, LISTED, await service.largest(resources), error)


def _possible(id: int) -> int:
    return id if 0 < id <= LARGEST_ID else 0
