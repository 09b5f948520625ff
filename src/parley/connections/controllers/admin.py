"""The administrator's page of connections; its actions answer with a card to htmx, else they redirect."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, delete, get, patch, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from parley.accounts.actor import Actor
from parley.connections import forms, moving, offers, pages, queries, reporting, service, transfer
from parley.connections.access import connection_for_admin
from parley.connections.queries import ConnectionRow
from parley.connections.transfer import Outcome
from parley.lib.clock import now_ms
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.render import render

AnyRequest = Request[Any, Any, Any]
PAGE = "/admin/connections"


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
        """Every connection as a card, and the form of one more: `?preset=` says of which service."""
        return await _page(request, resources)

    @post()
    async def create(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str] | Redirect:
        """Add a connection; its card shows how the first check goes."""
        typed = await _typed(request)
        try:
            id, _looking = await service.create(resources, forms.new_of(typed))
        except Invalid as error:
            return await _page(request, resources, Refused(typed, error))
        return _back(request, id)

    @post("/import", status_code=200)
    async def take_in(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """Merge a file of connections, chosen or pasted."""
        typed = await _typed(request)
        text = await _uploaded(request) or typed.get("text", "")
        try:
            outcomes = await moving.take_in(resources, text, typed.get("passphrase", ""))
        except Invalid as error:
            return await _page(request, resources, passing=error)
        return await _page(request, resources, outcomes=outcomes)

    @get("/export")
    async def export(
        self, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[bytes]:
        """Every connection as a file, without keys."""
        return download(await moving.export(resources))

    @post("/export", status_code=200)
    async def export_sealed(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[bytes] | Response[str]:
        """The same with the keys sealed by a passphrase, which therefore is in no address."""
        typed = await _typed(request)
        try:
            passphrase = transfer.checked_passphrase(typed.get("passphrase", ""))
        except Invalid as error:
            return await _page(request, resources, passing=error)
        return download(await moving.export(resources, passphrase))

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
    typed = await _typed(request)
    try:
        await service.update(resources, row, forms.change_of(typed, row))
    except Invalid as error:
        refused = Refused(typed, error)
        if _by_htmx(request):
            return _card(request, row, refused)
        return await _page(request, resources, refused, row.id)
    return _card(request, await connection_for_admin(resources.db, row.id, admin))


async def _remove(request: AnyRequest, resources: Resources, row: ConnectionRow) -> Response[str] | Redirect:
    await service.remove(resources, row)
    if _by_htmx(request):
        return render(request, pages.GoneFragment(name=row.name))
    return _back(request)


class Refused:
    """A form that cannot be used: what it held, without keys, and what is wrong with it."""

    def __init__(self, typed: dict[str, str], error: Invalid) -> None:
        self.texts = {
            "typed": forms.without_secrets(typed),
            "errors": error.fields or {"name": error.message},
        }
        self.provider = typed.get("provider", "")


async def _page(
    request: AnyRequest,
    resources: Resources,
    refused: Refused | None = None,
    edited: int | None = None,
    *,
    passing: Invalid | None = None,
    outcomes: list[Outcome] | None = None,
) -> Response[str]:
    """The whole page; `refused` is the form of the card `edited` or else of "Add"."""
    now = now_ms()
    texts = refused.texts if refused else {}
    rows = await queries.all_connections(resources.db)
    cards = [pages.card_of(row, now=now, **(texts if row.id == edited else {})) for row in rows]
    wanted = request.query_params.get("preset", "")
    if refused is not None and edited is None:
        wanted = refused.provider
    groups = offers.groups()
    known = {offer.value for group in groups for offer in group.offers}
    offer = offers.offer_of(wanted if wanted in known else offers.FIRST)
    page = pages.ConnectionsPage(
        cards=cards,
        groups=groups,
        form=pages.form_of(offer, None, **(texts if edited is None else {})),
        outcomes=None if outcomes is None else reporting.outcome_lines(outcomes),
        passing=passing.fields if passing else {},
    )
    return render(request, page, status=400 if refused or passing else 200)


def _card(
    request: AnyRequest, row: ConnectionRow, refused: Refused | None = None
) -> Response[str] | Redirect:
    if not _by_htmx(request):
        return _back(request, row.id)
    page = pages.CardFragment(card=pages.card_of(row, now=now_ms(), **(refused.texts if refused else {})))
    return render(request, page, status=400 if refused else 200)


async def _typed(request: AnyRequest) -> dict[str, str]:
    """The texts of a form, without NUL (PostgreSQL stores none)."""
    body = await request.form()
    return {name: text.replace("\0", "") for name, text in body.items() if isinstance(text, str)}


async def _uploaded(request: AnyRequest) -> bytes:
    """The chosen file, at most a byte more than may be."""
    file = (await request.form()).get("file")
    return await file.read(transfer.MAX_BYTES + 1) if isinstance(file, UploadFile) else b""


def download(body: bytes) -> Response[bytes]:
    """A file of connections for the browser to save."""
    headers = {
        "Content-Disposition": 'attachment; filename="parley-connections.json"',
        "Cache-Control": "no-store",
    }
    return Response(body, media_type="application/json", headers=headers)


def _back(request: AnyRequest, id: int | None = None) -> Redirect:
    root = request.app.state.renderer.root
    return Redirect(f"{root}{PAGE}" + (f"#connection-{id}" if id else ""), status_code=303)


def _by_htmx(request: AnyRequest) -> bool:
    return request.headers.get("hx-request") == "true"
