"""The first run: an account, a first answer, a model."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts import entering, queries
from parley.accounts.entering import AnyRequest, refusal_headers, see_other
from parley.accounts.guards import signed_in
from parley.accounts.pages import SetupAccountPage, SetupConnectPage, SetupTryPage
from parley.accounts.registering.service import register
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.web.forms import Form, read_form
from parley.web.i18n import SUPPORTED, _, language
from parley.web.render import render


class FirstAccountForm(msgspec.Struct):
    """The first account and the language its owner reads."""

    username: str
    password: str
    language: str = ""


class SetupController(Controller):
    """Step 1 until an administrator exists, steps 2 and 3 for that administrator."""

    path = "/setup"

    @get()
    async def show(
        self, request: AnyRequest, resources: NamedDependency[Resources], step: FromQuery[int] = 2
    ) -> Response[Any]:
        """The step this person is at."""
        if not await queries.has_admin(resources.db):
            return render(request, SetupAccountPage(language=language()))
        actor = await signed_in(request)
        if actor is None or not actor.is_admin:
            return see_other(request, "/")
        if step == 3:
            return render(request, SetupConnectPage())
        return render(request, SetupTryPage(client_message_id=str(uuid.uuid4())))

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """The first account, signed in; who comes second waits for approval like everybody after."""
        if await queries.has_admin(resources.db):
            return see_other(request, "/register")
        form = await read_form(request, FirstAccountForm)
        if form.value is None:
            return render(request, _page(form), status=400)
        chosen = form.value.language if form.value.language in SUPPORTED else ""
        try:
            user = await register(
                resources,
                entering.caller_of(request),
                username=form.value.username,
                password=form.value.password,
                language=chosen,
            )
        except Invalid as error:
            return render(request, _page(form.refused(error)), status=error.status)
        except AppError as error:
            page = _page(form, _(error.message))
            return render(request, page, status=error.status, headers=refusal_headers(error))
        return await entering.enter(request, resources, user, "/setup?step=2", language=chosen)


def _page(form: Form[FirstAccountForm], error: str = "") -> SetupAccountPage:
    return SetupAccountPage(
        language=form.typed.get("language") or language(),
        username=form.typed.get("username", ""),
        error=error,
        errors=form.errors,
    )
