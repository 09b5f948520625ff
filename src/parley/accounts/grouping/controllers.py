"""The administrators' page of groups."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.grouping import queries, service
from parley.accounts.grouping.pages import GroupRow, GroupsPage
from parley.accounts.people.controllers.users import officer_of
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.render import render

PATH = "/admin/groups"


class NameForm(msgspec.Struct):
    """What a group is called."""

    name: str = ""


class GroupController(Controller):
    """`/admin/groups`."""

    path = PATH

    @get()
    async def index(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """All groups, and the form for a new one."""
        return await _page(request, resources)

    @post()
    async def create(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """A new group."""
        name = (await read_form(request, NameForm)).typed.get("name", "")
        return await _done(
            request, resources, service.create(resources, officer_of(request, admin), name), name
        )

    @post("/{id:int}")
    async def rename(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Another name."""
        name = (await read_form(request, NameForm)).typed.get("name", "")
        renaming = service.rename(resources, officer_of(request, admin), id, name)
        return await _done(request, resources, renaming, name, id)

    @post("/{id:int}/deletion")
    async def delete(
        self,
        request: AnyRequest,
        id: FromPath[int],
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Dissolve it; its people stay."""
        await service.delete(resources, officer_of(request, admin), id)
        return see_other(request, PATH)


async def _done(
    request: AnyRequest, resources: Resources, verb: Awaitable[None], typed: str, group: int = 0
) -> Response[Any]:
    try:
        await verb
    except Invalid as error:
        return await _page(request, resources, typed=typed, error=error.message, faulty=group)
    return see_other(request, PATH)


async def _page(
    request: AnyRequest, resources: Resources, *, typed: str = "", error: str = "", faulty: int = 0
) -> Response[Any]:
    rows = [GroupRow(row["id"], row["name"], row["members"]) for row in await queries.groups(resources.db)]
    page = GroupsPage(groups=rows, typed=typed, error=error, faulty=faulty)
    return render(request, page, status=400 if error else 200)
