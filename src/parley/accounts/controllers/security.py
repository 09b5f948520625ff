"""One's own page about signing in: password, authenticator app, passkeys, the provider."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest
from parley.accounts.pages import SecurityPage
from parley.accounts.twofactor import queries as twofactor
from parley.resources import Resources
from parley.web.render import render

PAGE = "/account/security"


@get(PAGE)
async def security(
    request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
) -> Response[Any]:
    """What this account signs in with."""
    return render(request, SecurityPage(two_factor=await twofactor.is_on(resources.db, actor.id)))
