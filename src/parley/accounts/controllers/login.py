"""Signing in with name and password."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts import entering, service
from parley.accounts.controllers.entry import CredentialsForm
from parley.accounts.doors import away_from, visitor_of
from parley.accounts.entering import AnyRequest, refusal_headers, see_other
from parley.accounts.oidc.service import button, refuse_password
from parley.accounts.oidc.terms import Terms
from parley.accounts.pages import LoginPage
from parley.accounts.registering.service import is_shut
from parley.accounts.twofactor.stepping import proceed
from parley.accounts.visiting.service import is_open
from parley.lib.errors import AppError
from parley.resources import Resources
from parley.settings.queries import load
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.render import render
from parley.web.targets import safe_target


async def login_page(
    request: AnyRequest,
    resources: Resources,
    *,
    local: bool = False,
    error: AppError | None = None,
    **more: Any,
) -> Response[Any]:
    """The page with the ways in there are now, `more` of its fields, and what went wrong."""
    values = await load(resources.db)
    terms = Terms.of(values)
    page = LoginPage(
        visits=not await visitor_of(request) and await is_open(resources),
        provider=button(terms),
        passwords=terms.passwords or local,
        glass=not terms.passwords,
        registers=not is_shut(values),
        takes=not entering.leaves_visit(request),
        error=_(error.message) if error else "",
        **more,
    )
    status = error.status if error else 400 if page.errors else 200
    return render(request, page, status=status, headers=refusal_headers(error) if error else None)


class LoginController(Controller):
    """Signing in."""

    path = "/login"

    @get()
    async def new(
        self,
        request: AnyRequest,
        resources: NamedDependency[Resources],
        next: FromQuery[str] = "",
        local: FromQuery[str] = "",
    ) -> Response[Any]:
        """The form; whoever is signed in already is sent on.

        `local` shows the form where it is hidden: the way in for administrators while the provider is down.
        """
        if place := await away_from(request, resources):
            return see_other(request, place)
        return await login_page(request, resources, local=bool(local), next=safe_target(next, ""))

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """A login session for a right password; the form with one sentence otherwise."""
        form = await read_form(request, CredentialsForm)
        entering.note_wish(request, form.typed)
        username, target = form.typed.get("username", ""), safe_target(form.typed.get("next"), "")
        shown: dict[str, Any] = {"local": True, "username": username, "next": target}
        if form.value is None:
            return await login_page(request, resources, errors=form.errors, **shown)
        try:
            user = await service.sign_in(
                resources, entering.caller_of(request), username=username, password=form.value.password
            )
            await refuse_password(resources, user)
        except AppError as error:
            return await login_page(request, resources, error=error, **shown)
        target = entering.below_root(request, target or "/chat")
        return await proceed(request, resources, user, target, via="password")
