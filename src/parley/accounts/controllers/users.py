"""The administrators' list of accounts, and what they decide."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from parley.accounts import queries, scripts, service
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.pages import UserFragment, UserRow, UsersPage
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.render import render


class ReasonForm(msgspec.Struct):
    """Why somebody is declined; they are shown it."""

    reason: str = ""


class UserController(Controller):
    """Who may use this workspace."""

    path = "/admin/users"

    @get()
    async def index(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Those who wait first, then everybody else."""
        rows = [UserRow.of(row, admin.id) for row in await queries.accounts(resources.db)]
        waiting = [row for row in rows if row.status == "pending"]
        return render(
            request, UsersPage(waiting=waiting, others=[row for row in rows if row.status != "pending"])
        )

    @post("/{id:int}/approval")
    async def approve(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Let somebody in who waits or was declined."""
        return await _decide(request, resources, admin, id, scripts.APPROVAL)

    @post("/{id:int}/rejection")
    async def reject(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Decline somebody who waits, with a reason they can read."""
        reason = (await read_form(request, ReasonForm)).typed.get("reason", "")
        return await _decide(request, resources, admin, id, scripts.REJECTION, reason)

    @post("/{id:int}/disabling")
    async def disable(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Shut an account out; what it holds open ends within two seconds."""
        return await _decide(request, resources, admin, id, scripts.DISABLING)

    @post("/{id:int}/enabling")
    async def enable(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Let a disabled account sign in again."""
        return await _decide(request, resources, admin, id, scripts.ENABLING)


async def _decide(
    request: AnyRequest,
    resources: Resources,
    admin: Actor,
    user: int,
    change: scripts.StatusChange,
    reason: str = "",
) -> Response[Any]:
    row = await service.decide(resources, admin, user, change, reason=reason)
    if "hx-request" in request.headers:
        return render(request, UserFragment(user=UserRow.of(row, admin.id)))
    return see_other(request, "/admin/users")
