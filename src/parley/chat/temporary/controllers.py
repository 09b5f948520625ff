"""Leaving, staying at and keeping a temporary chat."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, URLEncodedBody

from parley.accounts.actor import Actor
from parley.accounts.entering import see_other
from parley.accounts.guards import FOR_VISITORS
from parley.chat.temporary import service
from parley.resources import Resources


class PresenceForm(msgspec.Struct):
    """Body of what a page says about itself: it goes ("gone"), or it is there."""

    state: str = ""


class TemporaryController(Controller):
    """`/chat/{id}/presence` and `/chat/{id}/keeping`, of temporary chats only."""

    path = "/chat"
    opt = FOR_VISITORS

    @post("/{id:int}/presence", status_code=204)
    async def tell(
        self,
        id: FromPath[int],
        data: URLEncodedBody[PresenceForm],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> None:
        """The page of this chat goes (sent as a beacon, which nobody reads an answer of), or is there."""
        verb = service.leave if data.state == "gone" else service.stay
        await verb(resources, actor, id)

    @post("/{id:int}/keeping")
    async def keep(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """From now on it is a chat like the others."""
        await service.keep(resources, actor, id)
        return see_other(request, f"/chat/{id}")
