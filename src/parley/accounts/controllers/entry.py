"""The front door, waiting, and going out."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from parley.accounts import entering, queries, service
from parley.accounts.doors import place_of
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.guards import signed_in
from parley.accounts.pages import PendingPage
from parley.resources import Resources
from parley.web.forms import read_form
from parley.web.i18n import SUPPORTED, _
from parley.web.render import THEMES, render
from parley.web.targets import safe_target


class CredentialsForm(msgspec.Struct):
    """Name and password, and where to go after."""

    username: str
    password: str
    next: str = ""
    visit: str = ""  # whether what one has as a visitor comes along, see entering.note_wish
    take: str = ""


class PreferencesForm(msgspec.Struct):
    """One choice of the account menu or the account page; the language "auto" takes the browser's."""

    theme: str = ""
    lang: str = ""
    next: str = ""


class HomeController(Controller):
    """The front door."""

    @get("/")
    async def show(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """On to first run, signing in, or the chat."""
        return see_other(request, await place_of(request, resources))


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
        sentence = sentences.get(actor.status, service.disabled_sentence(reason))
        page = PendingPage(
            username=actor.username,
            waiting=actor.status == "pending",
            disabled=actor.status == "disabled",
            sentence=sentence,
        )
        return render(request, page)


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
    """How pages look and speak in this browser, and for a user in every browser they sign in with later."""

    path = "/preferences"

    @post()
    async def update(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """Keep the choice and return to the page it was made on."""
        typed = (await read_form(request, PreferencesForm)).typed
        theme, language = typed.get("theme", ""), typed.get("lang", "")
        cookies = entering.chosen_cookies(request, language=language, theme=theme)
        if cookies and (actor := await signed_in(request)):
            if theme in THEMES:
                await service.set_theme(resources, actor, theme)
            if language in (*SUPPORTED, "auto"):
                await service.set_language(resources, actor, language.removeprefix("auto"))
        target = safe_target(typed.get("next"), "/")
        return see_other(request, entering.below_root(request, target), cookies)
