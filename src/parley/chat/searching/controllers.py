"""`/search`, its results by themselves, and the same for programs."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.chat.searching import presenting
from parley.chat.searching.assembling import looked_up, results, search_page
from parley.chat.searching.filters import offset_of
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.render import render


class SearchController(Controller):
    """What was said, found again. Parameters: q, from, to, role, model, folder, pinned, tag, chat, before."""

    opt = FOR_VISITORS

    @get("/search")
    async def page(
        self,
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """The field, the filters and the results; works as a plain form."""
        return render(request, await search_page(resources, actor, request.query_params, _offset(request)))

    @get("/f/search")
    async def part(
        self,
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[str]:
        """The results alone."""
        return render(request, await results(resources, actor, request.query_params, _offset(request)))

    @get("/api/search")
    async def api(
        self,
        request: Request[Any, Any, Any],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> dict[str, Any]:
        """Chats and the places in them, newest first; `next` goes into `before`. Days are UTC."""
        wanted, _, found = await looked_up(resources.db, actor, request.query_params, 0)
        chats = await asyncio.to_thread(lambda: [presenting.result(hits, wanted) for hits in found.groups])
        return ok({"results": chats, "next": None if found.next is None else str(found.next)})


def _offset(request: Request[Any, Any, Any]) -> int:
    return offset_of(request.cookies.get("tz", "0"))
