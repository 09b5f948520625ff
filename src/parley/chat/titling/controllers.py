"""Asking for another title."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from parley.accounts.actor import Actor
from parley.accounts.entering import see_other
from parley.accounts.guards import FOR_VISITORS
from parley.chat.access import conversation_for_owner
from parley.chat.organising.pages import ArrangedFragment
from parley.chat.titling import service
from parley.resources import Resources
from parley.web.i18n import _
from parley.web.render import render


class TitleController(Controller):
    """`/chat/{id}/title`."""

    path = "/chat"
    opt = FOR_VISITORS

    @post("/{id:int}/title", status_code=200)
    async def create(
        self,
        request: Request[Any, Any, Any],
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Have a model make a new one; it arrives by itself."""
        await conversation_for_owner(resources.db, id, actor)
        await service.ask_for(resources, actor, id)
        if request.headers.get("hx-request") != "true":
            return see_other(request, f"/chat/{id}")
        return render(request, ArrangedFragment(says=_("A new title is on its way."), undo={}))
