"""Doors to routes."""

from __future__ import annotations

from parley.accounts.actor import Actor
from parley.lib.db import LARGEST_ID, Database
from parley.lib.errors import NotFound
from parley.routes.queries import RouteRow, route_row
from parley.web.i18n import _


async def route_for_admin(db: Database, id: int, actor: Actor) -> RouteRow:
    """A route, for administrators; raises NotFound for everybody else and for unknown ids."""
    row = await route_row(db, id) if actor.is_admin and id <= LARGEST_ID else None
    if row is None:
        raise NotFound(_("There is no such route."))
    return row
