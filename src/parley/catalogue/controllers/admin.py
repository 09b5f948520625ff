"""The administrator's pages of models. Forms work without scripts; ids stand in fields, not in paths."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.catalogue import assembling, queries, service
from parley.catalogue.listing import Filter, filter_of, filter_of_text, matching, query_of
from parley.catalogue.pages import RefreshFragment
from parley.catalogue.typed import bulk_change_of, change_of
from parley.connections.queries import all_connections
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid, NotFound
from parley.resources import Resources
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = "/admin/models"


class ModelController(Controller):
    """`/admin/models`."""

    path = PAGE

    @get()
    async def index(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """The table, filtered by the query."""
        query = dict(request.query_params)
        changed = query.get("done", "")
        page = await assembling.models_page(resources.db, admin, filter_of(query))
        return render(
            request, replace(page, changed=int(changed) if changed.isdecimal() and len(changed) < 9 else 0)
        )

    @post()
    async def change_many(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """Change the ticked models, or all that the filter shows."""
        form = await request.form()
        typed = _texts(form)
        filter = filter_of_text(typed.get("back", ""))
        ids = [str(id) for id in form.getall("ids", [])]
        try:
            if typed.get("everything"):
                ids = await _all_of(resources, filter)
            if typed.get("reset"):
                await service.reset_models(resources, ids)
            else:
                await service.change_models(resources, ids, bulk_change_of(typed))
        except (Invalid, NotFound) as error:
            page = await assembling.models_page(resources.db, admin, filter)
            return render(request, replace(page, error=error.message, typed=typed), status=error.status)
        return _to_table(request, query_of(filter, filter.page), len(ids))

    @post("/refresh")
    async def refresh(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """Begin to ask every provider for its models."""
        rows = await all_connections(resources.db)
        await service.refresh(resources, [row.id for row in rows])
        if request.headers.get("hx-request") == "true":
            return await _progress(request, resources)
        return _to_table(request, query_of(filter_of_text(_texts(await request.form()).get("back", ""))))

    @get("/refresh")
    async def progress(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """Which providers are being asked."""
        return await _progress(request, resources)

    @get("/model")
    async def show(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str]:
        """One model with everything that can be said about it."""
        query = dict(request.query_params)
        filter = filter_of_text(query.get("back", ""))
        return render(request, await assembling.model_page(resources.db, query.get("id", ""), filter))

    @post("/model")
    async def change(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[str] | Redirect:
        """Say something about one model, or take everything back."""
        typed = _texts(await request.form())
        id, filter = typed.get("id", ""), filter_of_text(typed.get("back", ""))
        try:
            if typed.get("reset"):
                await service.reset_models(resources, [id])
            else:
                await service.change_models(resources, [id], change_of(typed))
        except Invalid as error:
            page = await assembling.model_page(resources.db, id, filter, typed=typed, errors=error.fields)
            return render(request, page, status=400)
        return _to_table(request, query_of(filter, filter.page), 1)


async def _all_of(resources: Resources, filter: Filter) -> list[str]:
    models = await queries.all_models(resources.db)
    new = await queries.new_models(resources.db, now_ms())
    return [model.id for model in matching(models, filter, new)]


async def _progress(request: AnyRequest, resources: Resources) -> Response[str]:
    return render(request, RefreshFragment(refreshing=await queries.refreshing(resources.db, now_ms())))


def _texts(form: Any) -> dict[str, str]:
    """The text fields of a form, without NUL (PostgreSQL stores none); of several the last."""
    return {name: value.replace("\0", "") for name, value in form.items() if isinstance(value, str)}


def _to_table(request: AnyRequest, query: str, changed: int = 0) -> Redirect:
    root = request.app.state.renderer.root
    done = f"done={changed}" if changed else ""
    joined = "&".join(part for part in (query, done) if part)
    return Redirect(f"{root}{PAGE}" + (f"?{joined}" if joined else ""), status_code=303)
