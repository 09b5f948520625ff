"""Addresses of second factors: the second step of signing in, one's own, and somebody's who lost it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from parley.accounts import challenges, entering
from parley.accounts.actor import Actor
from parley.accounts.entering import AnyRequest, refusal_headers, see_other
from parley.accounts.proving import proof_of
from parley.accounts.twofactor import codes, queries, service, stepping
from parley.accounts.twofactor.pages import CodePage, TwoFactorPage
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.perimeter import LOGIN, perimeter_of
from parley.web.render import render

PAGE = "/account/security/two-factor"


class CodeForm(msgspec.Struct):
    """A code of the app, or a recovery code."""

    code: str


class PasswordForm(msgspec.Struct):
    """The password again; "" of an account without one."""

    password: str = ""


class BothForm(msgspec.Struct):
    """Both, for what weakens the account."""

    code: str
    password: str = ""


class CodeController(Controller):
    """The second step of signing in."""

    path = "/login/code"

    @get()
    async def new(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """The field for the code; whoever has not taken the first step goes to it."""
        found = await challenges.look(request, resources.db, challenges.SECOND_STEP, stepping.Step)
        return render(request, CodePage()) if found else see_other(request, "/login")

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """In, or the field again with one sentence."""
        form = await read_form(request, CodeForm)
        if form.value is None:
            return render(request, CodePage(errors=form.errors), status=400)
        try:
            return await stepping.finish(request, resources, form.value.code)
        except AppError as error:
            page = CodePage(error=_(error.message))
            return render(request, page, status=error.status, headers=refusal_headers(error))


class TwoFactorController(Controller):
    """One's own second factor."""

    path = PAGE

    @get()
    async def show(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """How it stands; the QR code while a secret waits for its first code."""
        return render(request, await _page(resources, actor))

    @post("/setup")
    async def set_up(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """A new secret, once the password was right."""
        password = (await read_form(request, PasswordForm)).typed.get("password", "")
        try:
            await service.set_up(resources, entering.caller_of(request), actor, password)
        except AppError as error:
            return await _refused(request, resources, actor, error)
        return see_other(request, PAGE)

    @post("/confirmation")
    async def confirm(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """On with the first code; everything else that was signed in is out, and the recovery codes show."""
        code = (await read_form(request, CodeForm)).typed.get("code", "")
        try:
            secret, recovery = await service.confirm(resources, entering.caller_of(request), actor, code)
        except AppError as error:
            return await _refused(request, resources, actor, error)
        _take_over(request, secret)
        answer: Response[Any] = render(request, replace(await _page(resources, actor), recovery=recovery))
        return _with_login(request, answer, secret)

    @post("/codes")
    async def renew(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Ten other recovery codes."""
        typed = (await read_form(request, BothForm)).typed
        password, code = typed.get("password", ""), typed.get("code", "")
        try:
            recovery = await service.renew(resources, entering.caller_of(request), actor, password, code)
        except AppError as error:
            return await _refused(request, resources, actor, error)
        return render(request, replace(await _page(resources, actor), recovery=recovery))

    @post("/removal")
    async def turn_off(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Off, with password and code."""
        typed = (await read_form(request, BothForm)).typed
        given = typed.get("password", ""), typed.get("code", "")
        old = perimeter_of(request).login_secret(request)
        try:
            secret = await service.turn_off(
                resources, entering.caller_of(request), actor, given, replaces=old
            )
        except AppError as error:
            return await _refused(request, resources, actor, error)
        return see_other(request, "/account/security", entering.login_cookies(request, secret))


@post("/admin/users/{id:int}/second-factor/removal")
async def remove_factor(
    request: AnyRequest,
    id: FromPath[int],
    admin: NamedDependency[Actor],
    resources: NamedDependency[Resources],
) -> Response[Any]:
    """Take the second factor of somebody away who has lost it."""
    await service.remove(resources, entering.caller_of(request), admin, id)
    return see_other(request, "/admin/sign-in#second-factors")


async def _page(resources: Resources, actor: Actor) -> TwoFactorPage:
    row = await queries.factor(resources.db, actor.id)
    on = row is not None and row["confirmed_at"] is not None
    waiting = None if on else await service.waiting_secret(resources, actor)
    secret = waiting[1] if waiting else ""
    return TwoFactorPage(
        on=on,
        codes_left=row["codes_left"] if row else 0,
        proof=await proof_of(resources, actor, PAGE),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        picture=codes.picture(codes.address(secret, actor.username, "Parley")) if secret else "",
    )


async def _refused(request: AnyRequest, resources: Resources, actor: Actor, error: AppError) -> Response[Any]:
    fields = error.fields if isinstance(error, Invalid) else {}
    page = replace(await _page(resources, actor), errors=fields, error="" if fields else _(error.message))
    return render(request, page, status=error.status, headers=refusal_headers(error))


def _take_over(request: AnyRequest, secret: str) -> None:
    """The page that answers belongs to the new login session: so must the token in its forms."""
    request.cookies[perimeter_of(request).cookie_name(request.scope, LOGIN)] = secret


def _with_login(request: AnyRequest, answer: Response[Any], secret: str) -> Response[Any]:
    for cookie in entering.login_cookies(request, secret):
        answer.set_cookie(cookie)
    return answer


ROUTES: tuple[ControllerRouterHandler, ...] = (CodeController, TwoFactorController, remove_factor)
