"""Coming in without an account."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, post
from litestar.di import NamedDependency

from parley.accounts import entering
from parley.accounts.doors import place_of
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.visiting import service
from parley.resources import Resources
from parley.web.perimeter import LOGIN, VISIT, perimeter_of


class VisitController(Controller):
    """`/visit`."""

    path = "/visit"

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """A visitor of their own for this browser; whoever is in already stays who they are."""
        place = await place_of(request, resources)
        if place != "/login":
            return see_other(request, place)
        secret = await service.begin(resources, entering.caller_of(request))
        perimeter = perimeter_of(request)
        cookies = [
            perimeter.cookie(request.scope, LOGIN, secret, max_age=service.LIFE_MS // 1000),
            perimeter.cookie(request.scope, VISIT, "", max_age=0),
        ]
        return see_other(request, "/chat", cookies)
