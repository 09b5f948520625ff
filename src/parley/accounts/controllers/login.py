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
from parley.accounts.pages import LoginPage
from parley.accounts.twofactor.stepping import proceed
from parley.accounts.visiting.service import is_open
from parley.lib.errors import AppError
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.render import render
from parley.web.targets import safe_target


class LoginController(Controller):
    """Signing in."""

    path = "/login"

    @get()
    async def new(
        self, request: AnyRequest, resources: NamedDependency[Resources], next: FromQuery[str] = ""
    ) -> Response[Any]:
        """The form; whoever is signed in already is sent on."""
        if place := await away_from(request, resources):
            return see_other(request, place)
        visits = not await visitor_of(request) and await is_open(resources)
        return render(request, LoginPage(next=safe_target(next, ""), visits=visits))

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """A login session for a right password; the form with one sentence otherwise."""
        form = await read_form(request, CredentialsForm)
        entering.note_wish(request, form.typed)
        username, target = form.typed.get("username", ""), safe_target(form.typed.get("next"), "")
        if form.value is None:
            page = LoginPage(username=username, next=target, errors=form.errors)
            return render(request, page, status=400)
        try:
            user = await service.sign_in(
                resources, entering.caller_of(request), username=username, password=form.value.password
            )
        except AppError as error:
            page = LoginPage(username=username, next=target, error=_(error.message))
            return render(request, page, status=error.status, headers=refusal_headers(error))
        target = entering.below_root(request, target or "/chat")
        return await proceed(request, resources, user, target, via="password")
