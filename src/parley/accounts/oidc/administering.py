"""The administrators' page about signing in: the provider, and who has a second factor."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts import entering
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.oidc import service
from parley.accounts.oidc.controllers import redirect_uri
from parley.accounts.oidc.pages import FIELDS, Field, Protected, SignInPage
from parley.accounts.twofactor.queries import protected
from parley.lib.db import LARGEST_ID
from parley.lib.errors import Invalid
from parley.resources import Resources
from parley.settings.queries import load
from parley.settings.scripts import Author
from parley.settings.service import change
from parley.web.i18n import _
from parley.web.render import render

PAGE = "/admin/sign-in"
PEOPLE = 50
LONGEST_SECRET = 500


class SignInController(Controller):
    """How people sign in here."""

    path = PAGE

    @get()
    async def show(
        self,
        request: AnyRequest,
        admin: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        after: FromQuery[int] = 0,
        saved: FromQuery[str] = "",
    ) -> Response[Any]:
        """The settings about the provider, and people with a second factor."""
        place = min(max(after, 0), LARGEST_ID)
        return await _page(request, resources, admin, after=place, saved=bool(saved))

    @post()
    async def update(
        self, request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Keep all, or nothing while one does not fit. The secret is kept for this issuer only."""
        body, caller = await request.form(), entering.caller_of(request)
        names = {each.key for each in FIELDS}
        typed = {key: str(value) for key, value in body.items() if key in names}
        secret, forget = str(body.get("secret") or "").strip(), bool(body.get("forget"))
        try:
            if len(secret) > LONGEST_SECRET:
                too_long = _("Use at most %(n)s characters.", n=LONGEST_SECRET)
                raise Invalid(too_long, fields={"secret": too_long})
            await change(resources, typed, Author(admin.id, admin.username, caller.address))
        except Invalid as error:
            return await _page(request, resources, admin, typed=typed, errors=error.fields)
        if secret or forget:
            await service.keep_secret(resources, caller, admin, secret)
        return see_other(request, f"{PAGE}?saved=1")


async def _page(
    request: AnyRequest,
    resources: Resources,
    admin: Actor,
    *,
    after: int = 0,
    saved: bool = False,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response[Any]:
    values, errors = await load(resources.db), errors or {}
    terms = await service.terms_of(resources)
    rows = await protected(resources.db, after=after, limit=PEOPLE + 1)
    people = [
        Protected(id=row["id"], username=row["username"], own=row["id"] == admin.id) for row in rows[:PEOPLE]
    ]
    page = SignInPage(
        fields=[Field.of(each, values, typed or {}, errors.get(each.key, "")) for each in FIELDS],
        redirect_uri=redirect_uri(request),
        has_secret=await service.has_secret(resources, terms),
        ready=terms.is_set,
        people=people,
        more=people[-1].id if len(rows) > PEOPLE else 0,
        saved=saved,
        refused=bool(errors),
        secret_error=errors.get("secret", ""),
    )
    return render(request, page, status=400 if errors else 200)
