"""Coming in and going out: sign in, register, wait, sign out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from parley.accounts import entering, queries, service
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.guards import signed_in
from parley.accounts.pages import LoginPage, PendingPage, RegisterPage
from parley.lib.errors import AppError, Invalid
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import COOKIE, SUPPORTED, _
from parley.web.render import THEMES, render
from parley.web.targets import safe_target


class CredentialsForm(msgspec.Struct):
    """Name and password, and where to go after."""

    username: str
    password: str
    next: str = ""


class PreferencesForm(msgspec.Struct):
    """One choice of the account menu."""

    theme: str = ""
    lang: str = ""
    next: str = ""


async def place_of(request: AnyRequest, resources: Resources) -> str:
    """Where somebody belongs who has not said where they want to go."""
    actor = await signed_in(request)
    if actor is not None and actor.can_use:
        return "/chat"
    if actor is not None:
        return "/pending"
    return "/login" if await queries.has_admin(resources.db) else "/setup"


def refusal_headers(error: AppError) -> dict[str, str]:
    """When to try again, for a form that comes back."""
    return {"Retry-After": str(round(error.retry_after))} if error.retry_after else {}


class HomeController(Controller):
    """The front door."""

    @get("/")
    async def show(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """On to first run, signing in, or the chat."""
        return see_other(request, await place_of(request, resources))


class LoginController(Controller):
    """Signing in."""

    path = "/login"

    @get()
    async def new(
        self, request: AnyRequest, resources: NamedDependency[Resources], next: FromQuery[str] = ""
    ) -> Response[Any]:
        """The form; whoever is signed in already is sent on."""
        place = await place_of(request, resources)
        if place != "/login":
            return see_other(request, place)
        return render(request, LoginPage(next=safe_target(next, "")))

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """A login session for a right password; the form with one sentence otherwise."""
        form = await read_form(request, CredentialsForm)
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
        return await entering.enter(request, resources, user, entering.below_root(request, target or "/chat"))


class RegisterController(Controller):
    """Asking for an account."""

    path = "/register"

    @get()
    async def new(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """The form; before the first account it is the first run's."""
        place = await place_of(request, resources)
        return see_other(request, place) if place != "/login" else render(request, RegisterPage())

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """A new account, signed in here; the form with what is wrong otherwise."""
        form = await read_form(request, CredentialsForm)
        username = form.typed.get("username", "")
        if form.value is None:
            return render(request, RegisterPage(username=username, errors=form.errors), status=400)
        try:
            user = await service.register(
                resources, entering.caller_of(request), username=username, password=form.value.password
            )
        except Invalid as error:
            page = RegisterPage(username=username, errors=error.fields)
            return render(request, page, status=error.status)
        except AppError as error:
            page = RegisterPage(username=username, error=_(error.message))
            return render(request, page, status=error.status, headers=refusal_headers(error))
        return await entering.enter(request, resources, user, "/chat")


class PendingController(Controller):
    """Waiting for approval."""

    path = "/pending"

    @get()
    async def show(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """How it stands; the page asks again by itself and leaves once the account is approved."""
        actor = await signed_in(request)
        if actor is None or actor.can_use:
            return see_other(request, await place_of(request, resources))
        row = await queries.user_by_id(resources.db, actor.id)
        reason = row["status_reason"] if row else ""
        sentences = {
            "pending": _("An administrator has to approve your account. This page notices when it happens."),
            "rejected": service.declined_sentence(reason),
        }
        sentence = sentences.get(actor.status, _("This account is disabled. Ask an administrator."))
        waiting = actor.status == "pending"
        return render(request, PendingPage(username=actor.username, waiting=waiting, sentence=sentence))


class LogoutController(Controller):
    """Signing out."""

    path = "/logout"

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """End this browser's login session, whatever the account's status."""
        if actor := await signed_in(request):
            await service.sign_out(resources, actor)
        return see_other(request, "/login", entering.forgotten_login(request))


class PreferenceController(Controller):
    """How pages look and speak in this browser, and for a user everywhere."""

    path = "/preferences"

    @post()
    async def update(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """Keep the choice and return to the page it was made on."""
        typed = (await read_form(request, PreferencesForm)).typed
        cookies = []
        if typed.get("theme") in THEMES:
            cookies.append(entering.preference_cookie(request, "theme", typed["theme"]))
        if typed.get("lang") in SUPPORTED:
            cookies.append(entering.preference_cookie(request, COOKIE, typed["lang"]))
            if actor := await signed_in(request):
                await service.set_language(resources, actor, typed["lang"])
        target = safe_target(typed.get("next"), "/")
        return see_other(request, entering.below_root(request, target), cookies)
