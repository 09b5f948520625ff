"""Asking for an account."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts import entering
from parley.accounts.doors import away_from, visitor_of
from parley.accounts.entering import AnyRequest, refusal_headers, see_other
from parley.accounts.inviting.queries import usable
from parley.accounts.oidc.service import button
from parley.accounts.oidc.terms import Terms
from parley.accounts.registering.pages import RegisterPage
from parley.accounts.registering.scripts import NEEDED, SHUT, SPENT
from parley.accounts.registering.service import is_shut, register
from parley.accounts.tokens import secret_hash
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.settings.entering import APPROVAL, CLOSED, INVITATION, MODE, OPEN, USERNAME
from parley.settings.queries import load
from parley.web.forms import read_form
from parley.web.i18n import N_, _
from parley.web.render import render


class RegistrationForm(msgspec.Struct):
    """Name and password, and the token of an invitation link."""

    username: str
    password: str
    invite: str = ""


class RegisterController(Controller):
    """`/register`; before the first account it is the first run's."""

    path = "/register"

    @get()
    async def new(
        self, request: AnyRequest, resources: NamedDependency[Resources], invite: FromQuery[str] = ""
    ) -> Response[Any]:
        """The form, or why there is none."""
        if place := await away_from(request, resources):
            return see_other(request, place)
        return await _page(request, resources, {"invite": invite})

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """A new account, signed in here; the form with what is wrong otherwise."""
        form = await read_form(request, RegistrationForm)
        if form.value is None:
            return await _page(request, resources, form.typed, errors=form.errors, status=400)
        visitor = await visitor_of(request)
        try:
            user = await register(
                resources,
                entering.caller_of(request),
                username=form.value.username,
                password=form.value.password,
                invitation=form.value.invite,
                visitor=visitor.id if visitor else 0,
            )
        except Invalid as error:
            return await _page(request, resources, form.typed, errors=error.fields, status=error.status)
        except AppError as error:
            return await _page(request, resources, form.typed, refusal=error, status=error.status)
        return await entering.enter(request, resources, user, "/chat", via="registration")


async def _page(
    request: AnyRequest,
    resources: Resources,
    typed: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    refusal: AppError | None = None,
    status: int = 200,
) -> Response[Any]:
    values = await load(resources.db)
    mode, invite = CLOSED if is_shut(values) else values[MODE], typed.get("invite", "")
    provider = ""
    if values[MODE] == CLOSED or not invite:
        sentence, shut = _(_SENTENCES[mode]), mode in (CLOSED, INVITATION)
    elif await usable(resources.db, secret_hash(invite), now_ms()) is None:
        sentence, shut = _(SPENT), True
    else:  # also where passwords are turned off: then at the provider
        sentence, shut = _("You are invited: your account can be used at once."), mode == CLOSED
        provider = button(Terms.of(values))
    page = RegisterPage(
        sentence=sentence,
        shut=shut,
        provider=provider,
        pattern=values[USERNAME],
        invite=invite,
        kept=await visitor_of(request) is not None,
        username=typed.get("username", ""),
        error=_(refusal.message) if refusal and not shut else "",
        errors=errors or {},
    )
    return render(request, page, status=status, headers=refusal_headers(refusal) if refusal else None)


_SENTENCES = {
    OPEN: N_("Your account can be used at once."),
    APPROVAL: N_("An administrator approves new accounts before they can be used."),
    INVITATION: NEEDED,
    CLOSED: SHUT,
}
