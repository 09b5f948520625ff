"""The administrators' page of web search: plain forms that redirect, and a test that shows what is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, caller_of, see_other
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.settings.queries import load
from parley.settings.scripts import Author
from parley.settings.service import change
from parley.settings.websearching import ENGINES
from parley.web.render import render
from parley.websearch import pages, service
from parley.websearch.queries import engine_rows
from parley.websearch.searching import LONGEST_QUERY, Attempt, try_all

PAGE = "/admin/search"


@dataclass(frozen=True, slots=True)
class Said:
    """What the page answers to, beside how things stand."""

    saved: bool = False
    typed: pages.Form = field(default_factory=dict)
    errors: pages.Form = field(default_factory=dict)
    failed: tuple[str, pages.Form] | None = None  # an engine, and what is wrong in its form
    query: str = ""
    attempts: list[Attempt] | None = None


class WebSearchController(Controller):
    """`/admin/search`."""

    path = PAGE

    @get()
    async def show(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        saved: FromQuery[str] = "",
    ) -> Response[Any]:
        """Every engine, and how it does."""
        return await _page(request, resources, Said(saved=bool(saved)))

    @post()
    async def update(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """How many results, of which domains: all, or nothing while one does not fit."""
        names = {each.key for each in pages.FORM}
        typed = {key: text for key, text in (await _typed(request)).items() if key in names}
        try:
            await change(resources, typed, _author(request, admin))
        except Invalid as error:
            return await _page(request, resources, Said(typed=typed, errors=error.fields))
        return see_other(request, f"{PAGE}?saved=1")

    @post("/test", status_code=200)
    async def try_out(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Search with every engine that is on, and show what each found."""
        query = (await _typed(request)).get("query", "")[: 2 * LONGEST_QUERY]
        try:
            attempts = await try_all(resources, query)
        except Invalid as error:
            return await _page(request, resources, Said(query=query, errors=error.fields))
        return await _page(request, resources, Said(query=query, attempts=attempts))

    @post("/{name:str}")
    async def set_up(
        self,
        request: AnyRequest,
        name: FromPath[str],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Keep an engine's address and key, or forget the key."""
        engine, typed = service.engine_named(name), await _typed(request)
        address, key = typed.get("address", ""), typed.get("key", "")
        try:
            await service.set_up(
                resources, engine, address=address, key=key, forget=bool(typed.get("forget"))
            )
        except Invalid as error:
            return await _page(request, resources, Said(failed=(name, {**error.fields, "typed": address})))
        return see_other(request, f"{PAGE}#engine-{name}")

    @post("/{name:str}/place")
    async def place(
        self,
        request: AnyRequest,
        name: FromPath[str],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Turn it on or off, or ask it earlier or later."""
        engine, verb = service.engine_named(name), (await _typed(request)).get("verb", "")
        try:
            await service.place(resources, engine, verb, _author(request, admin))
        except Invalid as error:
            return await _page(request, resources, Said(errors=error.fields))
        return see_other(request, f"{PAGE}#engine-{name}")


ROUTES: tuple[ControllerRouterHandler, ...] = (WebSearchController,)


async def _page(request: AnyRequest, resources: Resources, said: Said) -> Response[Any]:
    values, rows = await load(resources.db), await engine_rows(resources.db)
    cards = pages.cards_of(values, rows, said.failed)
    page = pages.SearchPage(
        cards=cards,
        fields=pages.fields_of(values, said.typed, said.errors),
        pinned=pages.pin_of(values),
        ready=any(card.enabled for card in cards),
        unknown=pages.unknown_of(values),
        saved=said.saved,
        refused=said.errors.get(ENGINES.key, ""),
        query=said.query,
        query_error=said.errors.get("query", ""),
        tried=None if said.attempts is None else pages.tried_of(said.attempts),
    )
    return render(request, page, status=400 if said.errors or said.failed else 200)


async def _typed(request: AnyRequest) -> dict[str, str]:
    body = await request.form()
    return {key: value.replace("\0", "") for key, value in body.items() if isinstance(value, str)}


def _author(request: AnyRequest, admin: Actor) -> Author:
    return Author(admin.id, admin.username, caller_of(request).address)
