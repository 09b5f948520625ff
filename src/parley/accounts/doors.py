"""Who stands before a door of entry: whoever is in already is sent on, visitors may stay."""

from __future__ import annotations

from parley.accounts import queries
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest
from parley.accounts.guards import signed_in
from parley.resources import Resources


async def place_of(request: AnyRequest, resources: Resources) -> str:
    """Where somebody belongs who has not said where they want to go."""
    actor = await signed_in(request)
    if actor is not None:
        return "/chat" if actor.can_use else "/pending"
    return "/login" if await queries.has_admin(resources.db) else "/setup"


async def away_from(request: AnyRequest, resources: Resources) -> str:
    """Where somebody belongs instead of at a door of entry; "" for visitors and strangers, who may stay."""
    if await visitor_of(request) is not None:
        return ""
    place = await place_of(request, resources)
    return "" if place == "/login" else place


async def visitor_of(request: AnyRequest) -> Actor | None:
    """The visitor behind this request; None for nobody and for people with an account."""
    actor = await signed_in(request)
    return actor if actor is not None and actor.is_visitor else None
