"""The administrator's page of routes: plain forms that redirect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.catalogue.queries import all_models
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.routes import pages, queries, service
from parley.routes.access import route_for_admin
from parley.routes.rules import judged
from parley.routes.typed import given_rules
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = "/admin/routes"
Typed = dict[str, list[str]]


class RouteController(Controller):
    """`/admin/routes`."""

    path = PAGE

    @get()
    async def index(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """Every route, and which of its rules wins now."""
        return render(request, await _page(resources))

    @post()
    async def create(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """A new route."""
        typed = await _typed(request)
        try:
            id = await service.create(resources, _first(typed, "name"), given_rules(typed))
        except Invalid as error:
            return render(request, await _refused(resources, typed, error), status=400)
        return _back(resources, id)

    @post("/{id:int}")
    async def update(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """Change its name and rules, or turn it on or off."""
        row = await route_for_admin(resources.db, id, admin)
        typed = await _typed(request)
        enabled = {"on": True, "off": False}.get(_first(typed, "enabled"))
        name = None if enabled is not None else _first(typed, "name")
        try:
            rules = None if enabled is not None else given_rules(typed)
            await service.update(resources, row, name=name, rules=rules, enabled=enabled)
        except Invalid as error:
            return render(request, await _refused(resources, typed, error, row.id), status=400)
        return _back(resources, id)

    @post("/{id:int}/deletion")
    async def destroy(
        self, id: FromPath[int], admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Redirect:
        """Delete it."""
        await service.remove(resources, await route_for_admin(resources.db, id, admin))
        return _back(resources)


async def _page(resources: Resources) -> pages.RoutesPage:
    models = {model.id: model for model in await all_models(resources.db)}
    now = datetime.fromtimestamp(now_ms() / 1000, UTC)
    cards = []
    for row in await queries.all_routes(resources.db):
        verdicts = judged(row.rules, models, now=now, needs=frozenset())
        cards.append(pages.card_of(row, verdicts, models, now))
    return pages.RoutesPage(cards=cards, lines=pages.lines_of([], models.values()))


async def _refused(
    resources: Resources, typed: Typed, error: Invalid, edited: int | None = None
) -> pages.RoutesPage:
    """The page with what was typed into the new route, or into the one that was edited."""
    page = await _page(resources)
    lines = pages.lines_of(given_rules(typed), await all_models(resources.db), error.fields)
    said = (
        " ".join(sentence for key, sentence in error.fields.items() if not key.startswith("rules."))
        or error.message
    )
    name = _first(typed, "name")
    if edited is None:
        return replace(page, lines=lines, name=name, error=said)
    cards = [
        replace(card, lines=lines, name=name or card.name, error=said) if card.id == edited else card
        for card in page.cards
    ]
    return replace(page, cards=cards)


async def _typed(request: AnyRequest) -> Typed:
    body = await request.form()
    return {key: [str(value) for value in body.getall(key)] for key in body}


def _first(typed: Typed, name: str) -> str:
    return (typed.get(name) or [""])[0]


def _back(resources: Resources, id: int | None = None) -> Redirect:
    anchor = f"#route-{id}" if id else ""
    return Redirect(f"{resources.config.root_path}{PAGE}{anchor}", status_code=303)
