"""The JSON API of routes, for administrators."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import UNSET, UnsetType

from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.routes import queries, service, wire
from parley.routes.access import route_for_admin
from parley.web.envelope import ok
from parley.web.i18n import _


class NewRoute(msgspec.Struct, kw_only=True):
    """What a route is made of; see routes.rules.Rule for `rules`."""

    name: str
    rules: list[Any]
    enabled: bool = True


class RouteChange(msgspec.Struct, kw_only=True):
    """What is absent stays."""

    name: str | UnsetType = UNSET
    rules: list[Any] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class RouteApiController(Controller):
    """`/api/routes`; for everybody but administrators it does not exist."""

    path = "/api/routes"

    @get()
    async def index(
        self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Every route."""
        return ok({"routes": [wire.route(row) for row in await queries.all_routes(resources.db)]})

    @post()
    async def create(
        self, data: JSONBody[NewRoute], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """A new route."""
        id = await service.create(resources, data.name, data.rules, enabled=data.enabled)
        return ok({"route": wire.route(await route_for_admin(resources.db, id, admin))})

    @patch("/{id:int}")
    async def update(
        self,
        id: FromPath[int],
        data: JSONBody[RouteChange],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Change it; its model id stays."""
        row = await route_for_admin(resources.db, id, admin)
        await service.update(
            resources,
            row,
            name=None if data.name is UNSET else data.name,
            rules=None if data.rules is UNSET else data.rules,
            enabled=None if data.enabled is UNSET else data.enabled,
        )
        return ok({"route": wire.route(await route_for_admin(resources.db, id, admin))})

    @delete("/{id:int}", status_code=200)
    async def destroy(
        self, id: FromPath[int], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """Delete it."""
        await service.remove(resources, await route_for_admin(resources.db, id, admin))
        return ok({"deleted": True})

    @get("/{id:int}/explanation")
    async def explain(
        self,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        at: FromQuery[str] = "",
        needs: FromQuery[str] = "",
    ) -> dict[str, Any]:
        """Which rule wins `at` a time (ISO 8601, else now) for a question that `needs` (a,b) something."""
        row = await route_for_admin(resources.db, id, admin)
        moment = _moment(at)
        wanted = frozenset(word for word in needs.split(",") if word)
        verdicts = await queries.verdicts_on(resources.db, row, now=moment, needs=wanted)
        return ok({"explanation": wire.explanation(verdicts, moment)})


def _moment(text: str) -> datetime:
    if not text:
        return datetime.fromtimestamp(now_ms() / 1000, UTC)
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))  # a "+" that a query made a space
    except ValueError:
        raise Invalid(_("A time is written as 2026-11-21T08:30:00+08:00.")) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
