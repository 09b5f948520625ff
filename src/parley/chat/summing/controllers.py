"""Going on in a new chat with a summary."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from parley.accounts.actor import Actor
from parley.accounts.entering import see_other
from parley.accounts.guards import FOR_VISITORS
from parley.chat.access import conversation_for_owner
from parley.chat.summing import service
from parley.resources import Resources


class SummaryController(Controller):
    """`/chat/{id}/summary`."""

    path = "/chat"
    opt = FOR_VISITORS

    @post("/{id:int}/summary")
    async def create(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """A new chat that begins with a summary of this one."""
        conversation = await conversation_for_owner(resources.db, id, actor)
        return see_other(request, f"/chat/{await service.summarise(resources, actor, conversation)}")
