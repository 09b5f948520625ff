"""One's own account: where it is signed in, and its password."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from parley.accounts import entering, queries, service
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, refusal_headers, see_other
from parley.accounts.pages import PasswordPage, SessionRow, SessionsPage
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.render import render


class PasswordForm(msgspec.Struct):
    """The password that is and the one to be."""

    current: str
    new: str


class SessionController(Controller):
    """Where a user is signed in."""

    path = "/account/sessions"

    @get()
    async def index(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """All living login sessions, the last used first."""
        rows = await queries.live_sessions(resources.db, actor.id, now_ms())
        return render(request, SessionsPage(sessions=[SessionRow.of(row, actor.session) for row in rows]))

    @post("/{id:int}/revocation")
    async def revoke(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Sign one of them out; what it holds open ends within two seconds."""
        await service.revoke_session(resources, actor, id)
        return see_other(request, "/account/sessions")

    @post("/revocation")
    async def revoke_others(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Sign out everywhere else."""
        await service.revoke_other_sessions(resources, actor)
        return see_other(request, "/account/sessions")


class PasswordController(Controller):
    """Changing one's password."""

    path = "/account/password"

    @get()
    async def edit(
        self,
        request: AnyRequest,
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
        changed: FromQuery[bool] = False,
    ) -> Response[Any]:
        """The form; no form for an account without a password."""
        user = await queries.user_by_id(resources.db, actor.id)
        has_password = bool(user and user["password_hash"])
        return render(request, PasswordPage(has_password=has_password, done=changed))

    @post()
    async def update(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """A new password; every login session ends and this browser gets a new one."""
        form = await read_form(request, PasswordForm)
        if form.value is None:
            return render(request, PasswordPage(errors=form.errors), status=400)
        caller = entering.caller_of(request)
        try:
            secret = await service.change_password(
                resources, caller, actor, current=form.value.current, new=form.value.new
            )
        except Invalid as error:
            return render(request, PasswordPage(errors=error.fields), status=error.status)
        except AppError as error:
            page = PasswordPage(error=_(error.message))
            return render(request, page, status=error.status, headers=refusal_headers(error))
        cookies = entering.login_cookies(request, secret)
        return see_other(request, "/account/password?changed=true", cookies)
