"""Server-sent events for the pages: a running answer, and news for a person's tabs."""

from __future__ import annotations

from functools import partial
from typing import Any

from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.chat import service
from parley.chat.access import generation_for_owner
from parley.chat.streaming import last_seen, news_for, stream_response, watched, while_allowed
from parley.chat.turns import answer_events
from parley.generations.follow import Follower
from parley.resources import Resources


class GenerationController(Controller):
    """`/generations/{id}`: following and stopping."""

    path = "/generations"
    opt = FOR_VISITORS

    @get("/{id:int}/events")
    async def events(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        follower: NamedDependency[Follower],
        after: FromQuery[int] = 0,
    ) -> Stream:
        """The answer as HTML partials from `Last-Event-ID` (or `?after=`) on."""
        row = await generation_for_owner(resources.db, id, actor)
        events = partial(answer_events, request, resources, follower, row, last_seen(request, after))
        return stream_response(watched(while_allowed(events, actor, resources), row, resources))

    @post("/{id:int}/cancellation", status_code=204)
    async def cancel(
        self, id: FromPath[int], actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> None:
        """Stop it; what was written stays."""
        await service.stop(resources, actor, await generation_for_owner(resources.db, id, actor))


class EventController(Controller):
    """`/events`: hints that something of the actor's changed, for the other tabs and devices."""

    path = "/events"
    opt = FOR_VISITORS

    @get()
    async def index(self, actor: NamedDependency[Actor], resources: NamedDependency[Resources]) -> Stream:
        """One `changed` event per piece of news; `{"kind": "resync"}` when some may have been missed."""
        return stream_response(while_allowed(partial(news_for, resources, actor), actor, resources))
