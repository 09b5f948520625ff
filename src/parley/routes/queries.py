"""Reads of routes, and of everything a person can choose."""

from __future__ import annotations

from parley.accounts.actor import Actor
from parley.catalogue.models import ModelRow
from parley.catalogue.queries import usable
from parley.lib.db import Database


async def choices(db: Database, actor: Actor) -> list[ModelRow]:
    """What `actor` may choose as the model of a chat: routes first, then models; constant queries."""
    return await usable(db, actor)
