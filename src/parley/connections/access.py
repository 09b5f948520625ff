"""Doors to connections."""

from __future__ import annotations

from parley.accounts.actor import Actor
from parley.connections.queries import ConnectionRow, connection_row
from parley.lib.db import Database
from parley.lib.errors import NotFound
from parley.web.i18n import _


async def connection_for_admin(db: Database, id: int, actor: Actor) -> ConnectionRow:
    """A connection, for administrators; raises NotFound for everybody else and for unknown ids."""
    row = await connection_row(db, id) if actor.is_admin else None
    if row is None:
        raise NotFound(_("There is no such connection."))
    return row
