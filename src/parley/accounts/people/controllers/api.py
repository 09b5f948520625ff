"""`/api/users`: the administrators' decisions for programs."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest
from parley.accounts.people import queries, service
from parley.accounts.people.controllers.users import officer_of
from parley.accounts.people.deciding import (
    APPROVAL,
    DEMOTION,
    DISABLING,
    ENABLING,
    PROMOTION,
    REJECTION,
    Decision,
)
from parley.accounts.queries import public_for_admin
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.i18n import _

PAGE_SIZE = 50
LAST_PAGE = 100_000
_STATUSES = {"ACTIVE": ENABLING, "DISABLED": DISABLING}
_ROLES = {"ADMIN": PROMOTION, "USER": DEMOTION}


class Reason(msgspec.Struct):
    """Body of a rejection; they are told it."""

    reason: str = ""


class Status(msgspec.Struct):
    """Body of a change of status."""

    status: str
    reason: str = ""


class Role(msgspec.Struct):
    """Body of a change of role."""

    role: str


class UserApiController(Controller):
    """`/api/users`, for administrators; for everybody else it does not exist."""

    path = "/api/users"

    @get()
    async def index(
        self,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        page: FromQuery[int] = 1,
        search: FromQuery[str] = "",
        status: FromQuery[str] = "",
    ) -> dict[str, Any]:
        """A page of accounts, those who wait first; pages count from 1."""
        wanted = status.strip().lower()
        if wanted and wanted not in queries.STATUSES:
            raise Invalid(
                _("Choose one of the offered values."), fields={"status": _("There is no such status.")}
            )
        number = min(max(page, 1), LAST_PAGE)
        look = queries.Search(text=search.replace("\0", "").strip()[:60], status=wanted)
        rows, total = await queries.numbered_page(resources.db, look, page=number, size=PAGE_SIZE)
        users = [public_for_admin(row) for row in rows]
        return ok({"users": users, "total": total, "page": number, "pageSize": PAGE_SIZE})

    @post("/{id:int}/approve", status_code=200)
    async def approve(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Let somebody in who waits or was declined."""
        return await _decide(request, resources, admin, id, APPROVAL)

    @post("/{id:int}/reject", status_code=200)
    async def reject(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: JSONBody[Reason],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Decline somebody who waits, with a reason they are told."""
        return await _decide(request, resources, admin, id, REJECTION, data.reason)

    @post("/{id:int}/status", status_code=200)
    async def change_status(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: JSONBody[Status],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Disable an account (DISABLED) or let it sign in again (ACTIVE)."""
        decision = _offered(_STATUSES, data.status, "status")
        return await _decide(request, resources, admin, id, decision, data.reason)

    @put("/{id:int}/role")
    async def change_role(
        self,
        request: AnyRequest,
        id: FromPath[int],
        data: JSONBody[Role],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Make somebody an administrator (ADMIN) or an ordinary user (USER)."""
        return await _decide(request, resources, admin, id, _offered(_ROLES, data.role, "role"))


def _offered(decisions: dict[str, Decision], value: str, field: str) -> Decision:
    decision = decisions.get(value.strip().upper())
    if decision is None:
        words = ", ".join(decisions)
        raise Invalid(
            _("Use one of: %(words)s.", words=words), fields={field: _("Use one of: %(words)s.", words=words)}
        )
    return decision


async def _decide(
    request: AnyRequest, resources: Resources, admin: Actor, user: int, decision: Decision, reason: str = ""
) -> dict[str, Any]:
    officer = officer_of(request, admin)
    row = await service.decide(resources, officer, user, decision, reason=reason.replace("\0", ""))
    return ok({"user": public_for_admin(row)})
