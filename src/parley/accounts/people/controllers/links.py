"""The page behind a link for a new password: whoever holds it may set one, once."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from parley.accounts.entering import AnyRequest, caller_of
from parley.accounts.people import service
from parley.accounts.people.pages import ResetPage
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.render import render

# Not "no-referrer": browsers then say "Origin: null" with the form, which counts as another site's
# (https://fetch.spec.whatwg.org/#append-a-request-origin-header).
_SECRET = {"Referrer-Policy": "same-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class PasswordForm(msgspec.Struct):
    """The password to be."""

    password: str


class ResetController(Controller):
    """`/reset/{token}`. The token is 256 random bits, so the address is the right to use it."""

    path = "/reset"

    @get("/{token:str}")
    async def edit(
        self, request: AnyRequest, token: FromPath[str], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """The form, with the name of the account."""
        return await _page(request, resources, token)

    @post("/{token:str}")
    async def update(
        self, request: AnyRequest, token: FromPath[str], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Set the password; every login session of the account ends, and this browser has to sign in too."""
        caller = caller_of(request)
        form = await read_form(request, PasswordForm)
        if form.value is None:
            return await _page(request, resources, token, errors=form.errors)
        try:
            await service.reset_password(resources, caller, token, form.value.password)
        except Invalid as error:
            return await _page(request, resources, token, errors=error.fields)
        except AppError as error:
            page = ResetPage(error=_(error.message))
            return render(request, page, status=error.status, headers=_SECRET)
        return render(request, ResetPage(done=True), headers=_SECRET)


async def _page(
    request: AnyRequest, resources: Resources, token: str, *, errors: dict[str, str] | None = None
) -> Response[Any]:
    try:
        owner = await service.reset_owner(resources, token)
    except AppError as error:
        return render(request, ResetPage(error=_(error.message)), status=error.status, headers=_SECRET)
    page = ResetPage(username=owner["username"], token=token, errors=errors or {})
    return render(request, page, status=400 if errors else 200, headers=_SECRET)
