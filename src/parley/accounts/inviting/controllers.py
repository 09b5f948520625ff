"""The administrators' page of invitations."""

from __future__ import annotations

from typing import Any

import msgspec
import segno
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from parley.accounts import entering
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.inviting import queries, service
from parley.accounts.inviting.pages import InvitationRow, InvitationsPage, Link
from parley.lib.clock import now_ms
from parley.lib.db import LARGEST_ID
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.settings.entering import CLOSED, MODE
from parley.settings.queries import load
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of
from parley.web.render import render


class InvitationForm(msgspec.Struct):
    """What a new link allows; figures as they were typed."""

    uses: str = "1"
    days: str = "7"
    role: str = "user"
    note: str = ""


class InvitationController(Controller):
    """`/admin/invitations`."""

    path = "/admin/invitations"

    @get()
    async def index(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        before: FromQuery[int] = LARGEST_ID,
    ) -> Response[Any]:
        """The links, the newest first, and a form for another."""
        return await _page(request, resources, before=before)

    @post()
    async def create(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """A new link, shown with this answer and never again: no redirect, which would have to keep it."""
        form = await read_form(request, InvitationForm)
        try:
            made = await service.create(
                resources,
                entering.caller_of(request),
                admin,
                uses=_figure(form.typed.get("uses", "1")),
                days=_figure(form.typed.get("days", "7")),
                role=form.typed.get("role", "user"),
                note=form.typed.get("note", "").strip(),
            )
        except Invalid as error:
            return await _page(request, resources, typed=form.typed, refusal=error)
        address = f"{perimeter_of(request).origin(request.scope)}/register?invite={made.token}"
        picture = segno.make(address, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
        return await _page(request, resources, link=Link(address=address, picture=picture))

    @post("/{id:int}/revocation")
    async def revoke(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Take a link back; accounts it made stay."""
        await service.revoke(resources, entering.caller_of(request), admin, id)
        return see_other(request, "/admin/invitations")


def _figure(typed: str) -> int:
    """0, which fits nowhere, for what is no figure."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


async def _page(
    request: AnyRequest,
    resources: Resources,
    *,
    before: int = LARGEST_ID,
    link: Link | None = None,
    typed: dict[str, str] | None = None,
    refusal: Invalid | None = None,
) -> Response[Any]:
    rows = await queries.page(resources.db, before=before)
    shut = (await load(resources.db))[MODE] == CLOSED
    page = InvitationsPage(
        invitations=[InvitationRow.of(row, now_ms()) for row in rows[: queries.PAGE]],
        before=rows[queries.PAGE - 1]["id"] if len(rows) > queries.PAGE else 0,
        sentence=_("Registration is closed: no link works until it is open again.") if shut else "",
        link=link,
        typed=typed or {},
        error=_(refusal.message) if refusal else "",
        errors=refusal.fields if refusal else {},
    )
    headers = {"Cache-Control": "no-store"} if link else None
    return render(request, page, status=refusal.status if refusal else 200, headers=headers)
