"""One's own page about signing in: password, authenticator app, passkeys, the provider."""

from __future__ import annotations

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, refusal_headers
from parley.accounts.oidc.queries import identities
from parley.accounts.oidc.service import button, terms_of
from parley.accounts.pages import Credential, SecurityPage
from parley.accounts.passkeys.queries import keys_of
from parley.accounts.proving import proof_of
from parley.accounts.twofactor import queries as twofactor
from parley.lib.errors import AppError, Invalid, NotFound
from parley.resources import Resources
from parley.web.i18n import _
from parley.web.render import render

PAGE = "/account/security"


@get(PAGE)
async def security(
    request: AnyRequest,
    actor: NamedDependency[Actor],
    resources: NamedDependency[Resources],
    done: FromQuery[str] = "",
) -> Response[Any]:
    """What this account signs in with."""
    return await security_page(request, resources, actor, done=done)


async def security_page(
    request: AnyRequest,
    resources: Resources,
    actor: Actor,
    *,
    done: str = "",
    error: AppError | None = None,
    removing: str = "",
) -> Response[Any]:
    """The page, with what was just done or why it was not; `removing` is what was to be taken away.

    Raises `error` again when that is nothing of the actor's.
    """
    if isinstance(error, NotFound):
        raise error
    db = resources.db
    terms = await terms_of(resources)
    page = SecurityPage(
        two_factor=await twofactor.is_on(db, actor.id),
        proof=await proof_of(resources, actor, PAGE),
        passkeys=[Credential.of(row) for row in await keys_of(db, actor.id)],
        identities=[Credential.of(row) for row in await identities(db, actor.id)],
        provider=button(terms),
        done=done,
        error=_(error.message) if error else "",
        removing=removing if isinstance(error, Invalid) else "",
    )
    status = error.status if error else 200
    return render(request, page, status=status, headers=refusal_headers(error) if error else None)
