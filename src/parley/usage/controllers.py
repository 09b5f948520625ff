"""Addresses of usage: one's own, and for administrators everybody's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest
from parley.accounts.guards import FOR_VISITORS
from parley.lib.clock import now_ms
from parley.lib.errors import NotFound
from parley.quotas.pages import MeterLine
from parley.quotas.queries import meter_of
from parley.resources import Resources
from parley.usage import queries, service
from parley.usage.asking import Asked, asked, id_of
from parley.usage.pages import Range, UsagePage
from parley.usage.parts import Wish
from parley.usage.service import Found
from parley.usage.spans import RANGES
from parley.usage.wire import daily_body
from parley.web.envelope import ok
from parley.web.i18n import _, ngettext
from parley.web.render import render


class UsageController(Controller):
    """`/usage`: what one used oneself."""

    path = "/usage"

    @get(opt=FOR_VISITORS)
    async def show(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """Figures, charts and tables; a visitor sees the allowance only."""
        found = await _own(request, actor, resources)
        meters = [MeterLine.of(meter) for meter in await meter_of(resources.db, actor, now_ms())]
        return render(request, _page(found, meters, only_meters=actor.is_visitor))

    @get("/charts")
    async def charts(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """The options of the charts."""
        return ok(service.drawn(await _own(request, actor, resources)))

    @get("/usage.csv")
    async def file(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Stream:
        """All of it for a spreadsheet."""
        return _file(service.as_csv(resources.db, actor, asked(request.query_params), everybody=False))


class EverybodysUsageController(Controller):
    """`/admin/usage`: what everybody used."""

    path = "/admin/usage"

    @get()
    async def show(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """Figures, charts and tables."""
        return render(request, _page(await _everybodys(request, admin, resources)))

    @get("/charts")
    async def charts(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """The options of the charts."""
        return ok(service.drawn(await _everybodys(request, admin, resources)))

    @get("/usage.csv")
    async def file(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Stream:
        """All of it for a spreadsheet."""
        return _file(service.as_csv(resources.db, admin, asked(request.query_params), everybody=True))


@get("/api/usage/daily")
async def daily(
    request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
) -> dict[str, Any]:
    """What was used day by day: one's own; of administrators also `user=<id>`'s, or `user=all`."""
    wanted = asked(request.query_params)
    owner = _owner(actor, request.query_params.get("user", ""))
    span = await service.span_for(resources.db, actor, wanted)
    return ok(daily_body(span, await queries.used(resources.db, Wish(span, owner, wanted.model))))


ROUTES: tuple[ControllerRouterHandler, ...] = (UsageController, EverybodysUsageController, daily)


async def _own(request: AnyRequest, actor: Actor, resources: Resources) -> Found:
    wanted = asked(request.query_params)
    mine = Asked(wanted.days, wanted.first, wanted.last, wanted.model)
    return await service.find(resources.db, actor, mine, everybody=False, path="/usage")


async def _everybodys(request: AnyRequest, admin: Actor, resources: Resources) -> Found:
    wanted = asked(request.query_params)
    return await service.find(resources.db, admin, wanted, everybody=True, path="/admin/usage")


def _owner(actor: Actor, user: str) -> int | None:
    """Whose usage is asked for; raises NotFound for what is not one's to know."""
    if not user or id_of(user) == actor.id:
        return actor.id
    if not actor.is_admin or not (id_of(user) or user == "all"):
        raise NotFound(_("There is no such account."))
    return id_of(user) or None


def _page(found: Found, meters: Sequence[MeterLine] = (), *, only_meters: bool = False) -> UsagePage:
    wanted = found.asked
    figures, sheets = service.told(found)
    models, people = service.choices(found)
    ranges = [
        Range(
            ngettext("%(n)s day", "%(n)s days", days),
            found.path + wanted.of_days(days).query(),
            wanted.days == days and not wanted.dated,
        )
        for days in RANGES
    ]
    return UsagePage(
        everybody=found.everybody,
        only_meters=only_meters,
        path=found.path,
        query=wanted.query(),
        ranges=ranges,
        first=found.span.first.isoformat(),
        last=found.span.last.isoformat(),
        zone=found.span.zone_name,
        models=models,
        model=wanted.model,
        people=people,
        user=str(wanted.user or ""),
        figures=figures,
        sheets=sheets,
        meters=list(meters),
        empty=not sheets,
    )


def _file(body: Any) -> Stream:
    headers = {
        "Content-Disposition": 'attachment; filename="parley-usage.csv"',
        "Cache-Control": "private, no-store",
        "X-Accel-Buffering": "no",
    }
    return Stream(body, media_type="text/csv", headers=headers)
