"""The HTTP edge of traces: the console, downloads, the JSON API. People see their own, administrators all."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.traces import assembling, filters, pages, queries, service, story, wire
from parley.traces.seeing import for_reader
from parley.web.envelope import ok
from parley.web.i18n import _
from parley.web.render import render, values_of

AnyRequest = Request[Any, Any, Any]
LONGEST_PAGE = 100
ALL = 250_000  # events; more than a trace may have


class CleanupForm(msgspec.Struct):
    """The days that the form of the console names."""

    days: str = ""


class CleanupRequest(msgspec.Struct):
    """Body of `POST /api/task-trace/cleanup`; absent takes what the settings say."""

    retentionDays: int | None = None


class TraceController(Controller):
    """`/traces`."""

    path = "/traces"

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[int | None] = None,
        deleted: FromQuery[int | None] = None,
    ) -> Response[str]:
        """The newest traces, or those after a place in the list."""
        page = await assembling.list_page(resources, actor, dict(request.query_params), before)
        values = values_of(page) | {"deleted": deleted}
        return render(request, pages.TracesPage(**values))

    @get("/rows")
    async def rows(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """The rows alone, for the list that is being looked at."""
        page = await assembling.list_page(resources, actor, dict(request.query_params), None)
        names = [field.name for field in fields(pages.TraceRows)]
        return render(request, pages.TraceRows(**{name: getattr(page, name) for name in names}))

    @get("/{id:int}")
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """One trace as a waterfall."""
        return render(request, await assembling.trace_page(resources, actor, id))

    @get("/{id:int}/export")
    async def export(
        self,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        format: FromQuery[str] = "txt",
    ) -> Response[str]:
        """The trace as a file: a story in words, or JSON."""
        if format not in ("txt", "json"):
            raise Invalid(_("An export is “txt” or “json”."), code="format")
        return await _download(resources, actor, id, format)

    @get("/{id:int}/comparison")
    async def compare(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        other: FromQuery[int] = 0,
    ) -> Response[str]:
        """Beside another one."""
        return render(request, await assembling.comparison(resources, actor, id, other))

    @post("/{id:int}/deletion", status_code=303)
    async def destroy(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Redirect:
        """Forget it."""
        await service.delete(resources, actor, id)
        return Redirect(f"{resources.config.root_path}/traces", status_code=303)

    @post("/cleanup", status_code=303)
    async def cleanup(
        self,
        data: URLEncodedBody[CleanupForm],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Redirect:
        """Forget what is older than some days."""
        if not (data.days.isascii() and data.days.isdigit() and len(data.days) < 4):
            raise Invalid(_("A number of days from 0 to 365."))
        count = await service.cleanup(resources, admin, _days(int(data.days), least=0))
        return Redirect(f"{resources.config.root_path}/traces?deleted={count}", status_code=303)


@get("/main/logs/task-trace", sync_to_thread=False)
def old_address(actor: NamedDependency[Actor], resources: NamedDependency[Resources]) -> Redirect:
    """Where another program had its console."""
    return Redirect(f"{resources.config.root_path}/traces", status_code=303)


class TraceApiController(Controller):
    """`/api/task-trace`."""

    path = "/api/task-trace"

    @get()
    async def index(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[int | None] = None,
        pageSize: FromQuery[int] = 20,
    ) -> dict[str, Any]:
        """The newest, at most 100; `before` is the id of the last one had. Filters as on the page.

        `sessionId`, `status` and `keyword` narrow it too.
        """
        query = dict(request.query_params)
        given = filters.typed(query | _their_names(query))
        rows = await queries.traces(
            resources.db,
            actor,
            filters.filter_of(given, now_ms()),
            before=before,
            limit=max(1, min(pageSize, LONGEST_PAGE)),
        )
        if not actor.is_admin:
            rows = [for_reader(row, (), admin=False)[0] for row in rows]
        return ok({"traces": [wire.trace(row) for row in rows], "before": rows[-1].id if rows else None})

    @get("/{id:int}")
    async def show(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """One with its first 2,000 events."""
        row, events = await assembling.read(resources, actor, id)
        more = row.truncated or len(events) >= queries.SHOWN
        return ok({"trace": wire.trace(row), "events": wire.events(events), "truncated": more})

    @get("/{id:int}/export")
    async def export(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """The story in words, without an envelope."""
        return await _download(resources, actor, id, "txt")

    @post("/cleanup", status_code=200)
    async def cleanup(
        self,
        data: JSONBody[CleanupRequest],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Forget what is older than `retentionDays`."""
        days = None if data.retentionDays is None else _days(data.retentionDays, least=1)
        return ok({"deleted": await service.cleanup(resources, admin, days)})


def _days(days: int, *, least: int) -> int:
    if not least <= days <= 365:
        raise Invalid(_("A number of days from %(least)s to 365.", least=least))
    return days


def _their_names(query: dict[str, str]) -> dict[str, str]:
    """The filter under the names that programs of the predecessor send."""
    theirs = {"sessionId": "chat", "keyword": "q"}
    given = {theirs[name]: value for name, value in query.items() if name in theirs}
    if query.get("status") == "completed":
        given["status"] = "done"
    return given


async def _download(resources: Resources, actor: Actor, id: int, format: str) -> Response[str]:
    row, events = await assembling.read(resources, actor, id, ALL)
    if format == "json":
        whole = {"trace": wire.trace(row), "events": wire.events(events)}
        body = msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()
    else:
        zone = await assembling.zone_of(resources, actor)
        body = story.as_text(row, events, zone, truncated=row.truncated)
    kind = "application/json" if format == "json" else "text/plain"
    name = f'attachment; filename="task-trace-{id}.{format}"'
    return Response(body, media_type=kind, headers={"Content-Disposition": name, "Cache-Control": "no-store"})


ROUTES: tuple[ControllerRouterHandler, ...] = (TraceController, old_address, TraceApiController)
