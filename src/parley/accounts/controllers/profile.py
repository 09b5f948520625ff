"""One's own account at a glance: language and theme (saved at `/preferences`), and the time zone."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts import service
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.pages import Moment, ProfilePage
from parley.accounts.people.queries import person
from parley.accounts.zones import is_zone, zones
from parley.lib.errors import NotFound
from parley.resources import Resources
from parley.settings.general import TIME_ZONE
from parley.settings.queries import load
from parley.web.forms import read_form
from parley.web.i18n import COOKIE, SUPPORTED, _
from parley.web.render import render

PATH = "/account/profile"


class ZoneForm(msgspec.Struct):
    """The IANA name of a time zone; "" takes the site's."""

    time_zone: str = ""


class ProfileController(Controller):
    """`/account/profile`."""

    path = PATH

    @get()
    async def show(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        saved: FromQuery[bool] = False,
    ) -> Response[Any]:
        """Who one is here, and what can be changed about it."""
        return await _page(request, resources, actor, saved=saved)

    @post()
    async def update(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Keep the time zone."""
        zone = (await read_form(request, ZoneForm)).typed.get("time_zone", "")
        if zone and not is_zone(zone):
            sentence = _("There is no such time zone.")
            return await _page(request, resources, actor, error=sentence)
        await service.set_time_zone(resources, actor, zone)
        return see_other(request, f"{PATH}?saved=true")


async def _page(
    request: AnyRequest, resources: Resources, actor: Actor, *, saved: bool = False, error: str = ""
) -> Response[Any]:
    row = await person(resources.db, actor.id)
    if row is None:
        raise NotFound(_("There is no such account."))
    offered = zones()
    if row["time_zone"] and row["time_zone"] not in offered:
        offered = (row["time_zone"], *offered)
    chosen = request.cookies.get(COOKIE, "")  # what this browser speaks, see entering.chosen_cookies
    page = ProfilePage(
        username=row["username"],
        admin=row["role"] == "admin",
        group=row["group_name"] or "",
        since=Moment.of(row["created_at"]),
        language=chosen if chosen in SUPPORTED else "",
        time_zone=row["time_zone"],
        site_zone=(await load(resources.db))[TIME_ZONE] or "UTC",
        zones=offered,
        saved=saved,
        error=error,
    )
    return render(request, page, status=400 if error else 200)
