"""The administrator's page of connections; its actions answer with a card to htmx, else they redirect."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.connections import pages, queries, service
from parley.connections.access import connection_for_admin
from parley.connections.queries import ConnectionRow
from parley.connections.service import ConnectionChange, NewConnection
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.forms import Form, read_form
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = "/admin/connections"


class AddForm(msgspec.Struct):
    """The form "Add"."""

    provider: str
    baseUrl: str
    name: str = ""
    apiKey: str = ""


class EditForm(msgspec.Struct):
    """The forms of a card; an absent or empty field changes nothing. `clear` names what to forget."""

    name: str = ""
    baseUrl: str = ""
    apiKey: str = ""
    clear: str = ""
    enabled: str = ""  # "on" or "off"


class ConnectionController(Controller):
    """`/admin/connections`."""

    path = PAGE

    @get()
    async def index(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """Every connection as a card."""
        return await _page(request, resources)

    @post()
    async def create(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """Add a connection; its card shows how the first check goes."""
        form = await read_form(request, AddForm)
        if form.value is not None:
            try:
                id, _looking = await service.create(
                    resources, NewConnection(**msgspec.structs.asdict(form.value))
                )
            except Invalid as error:
                form = form.refused(error)
            else:
                return _back(request, id)
        return await _page(request, resources, form)

    @get("/{id:int}")
    async def show(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """One card, which asks again while a check is under way."""
        return _card(request, await connection_for_admin(resources.db, id, admin))

    @patch("/{id:int}", status_code=200)
    async def update(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """Edit, replace the key, turn on or off."""
        return await _change(request, resources, await connection_for_admin(resources.db, id, admin), admin)

    @post("/{id:int}")
    async def update_without_htmx(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """The same for a plain form."""
        return await _change(request, resources, await connection_for_admin(resources.db, id, admin), admin)

    @post("/{id:int}/verification")
    async def verify(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """Begin a check; the card follows it."""
        row = await connection_for_admin(resources.db, id, admin)
        await service.verify_again(resources, row)
        return _card(request, await connection_for_admin(resources.db, id, admin))

    @delete("/{id:int}", status_code=200)
    async def destroy(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """Delete a connection, after the page asked whether that is meant."""
        return await _remove(request, resources, await connection_for_admin(resources.db, id, admin))

    @post("/{id:int}/deletion")
    async def destroy_without_htmx(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """The same for a plain form."""
        return await _remove(request, resources, await connection_for_admin(resources.db, id, admin))


async def _change(
    request: AnyRequest, resources: Resources, row: ConnectionRow, admin: Actor
) -> Response[str] | Redirect:
    form = await read_form(request, EditForm)
    assert form.value is not None, "every field may be empty"
    try:
        await service.update(resources, row, change_of(form.value))
    except Invalid as error:
        form = form.refused(error)
        return (
            _card(request, row, form) if _by_htmx(request) else await _page(request, resources, form, row.id)
        )
    return _card(request, await connection_for_admin(resources.db, row.id, admin))


def change_of(form: EditForm) -> ConnectionChange:
    """What a card's form asks for."""
    change = ConnectionChange()
    if form.name:
        change.name = form.name
    if form.baseUrl:
        change.baseUrl = form.baseUrl
    if form.apiKey:
        change.apiKey = form.apiKey
    elif form.clear == "apiKey":
        change.apiKey = None
    if form.enabled in ("on", "off"):
        change.enabled = form.enabled == "on"
    return change


async def _remove(request: AnyRequest, resources: Resources, row: ConnectionRow) -> Response[str] | Redirect:
    await service.remove(resources, row)
    if _by_htmx(request):
        return render(request, pages.GoneFragment(name=row.name))
    return _back(request)


async def _page(
    request: AnyRequest, resources: Resources, form: Form[Any] | None = None, edited: int | None = None
) -> Response[str]:
    """The whole page; `form` is a refused one, of the card `edited` or else of "Add"."""
    now = now_ms()
    refused = _refused(form)
    rows = await queries.all_connections(resources.db)
    cards = [pages.card_of(row, now=now, **(refused if row.id == edited else {})) for row in rows]
    page = pages.ConnectionsPage(
        cards=cards, kinds=pages.kind_options(), **(refused if edited is None else {})
    )
    return render(request, page, status=400 if form else 200)


def _card(
    request: AnyRequest, row: ConnectionRow, form: Form[EditForm] | None = None
) -> Response[str] | Redirect:
    if not _by_htmx(request):
        return _back(request, row.id)
    page = pages.CardFragment(card=pages.card_of(row, now=now_ms(), **_refused(form)))
    return render(request, page, status=400 if form else 200)


def _refused(form: Form[Any] | None) -> dict[str, Any]:
    """What the form held, without the key: that never goes into a page."""
    if form is None:
        return {}
    return {"typed": {**form.typed, "apiKey": ""}, "errors": form.errors}


def _back(request: AnyRequest, id: int | None = None) -> Redirect:
    root = request.app.state.renderer.root
    return Redirect(f"{root}{PAGE}" + (f"#connection-{id}" if id else ""), status_code=303)


def _by_htmx(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true"
