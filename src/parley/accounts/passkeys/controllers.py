"""Addresses of passkeys. The browser asks for options, makes or uses a key, and sends an ordinary form."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, MediaType, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from parley.accounts import challenges, entering
from parley.accounts.actor import Actor
from parley.accounts.controllers.login import login_page
from parley.accounts.controllers.security import security_page
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.passkeys import ceremony, service
from parley.accounts.passkeys.ceremony import NotGenuine, Site
from parley.accounts.reassuring import reassure
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, Conflict, Invalid, TooMany
from parley.resources import Resources
from parley.web.addresses import address_range
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of
from parley.web.targets import safe_target

PAGE = "/account/security"


class Ceremony(msgspec.Struct):
    """What the browser was asked to sign, and where."""

    challenge: str
    id: str
    origin: str


class PasskeyForm(msgspec.Struct):
    """What the browser made or signed, as JSON."""

    credential: str
    name: str = ""
    next: str = ""
    visit: str = ""  # as with the form of names, see entering.note_wish
    take: str = ""


class PasswordForm(msgspec.Struct):
    """The password before a key is made or removed."""

    password: str = ""


class PasskeyController(Controller):
    """One's own passkeys; the page that lists them is /account/security."""

    path = "/account/security/passkeys"

    @post("/options", status_code=200)
    async def options(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """What the browser needs to make a key, once it was asked who is there."""
        password = (await read_form(request, PasswordForm)).typed.get("password", "")
        await reassure(resources, entering.caller_of(request), actor, password)
        site, challenge = _site(request), ceremony.new_challenge()
        body = await service.options_for(resources, site, actor, challenge)
        return await _begun(request, resources, body, (challenges.NEW_PASSKEY, actor.id, site, challenge))

    @post()
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """Keep the key that was made; back on the page, which says so or what was wrong."""
        typed = (await read_form(request, PasskeyForm)).typed
        try:
            found = await challenges.take(request, resources, challenges.NEW_PASSKEY, Ceremony)
            if found is None or found[1] != actor.id:
                raise NotGenuine
            begun = found[0]
            key = ceremony.made_key(
                Site(begun.id, begun.origin), begun.challenge, typed.get("credential", "")
            )
        except NotGenuine:
            refusal = Invalid(_("No passkey was made. Try again."))
            return await security_page(request, resources, actor, error=refusal)
        secret = await service.add(
            resources,
            entering.caller_of(request),
            actor,
            typed.get("name", ""),
            key,
            replaces=perimeter_of(request).login_secret(request),
        )
        return see_other(request, f"{PAGE}?done=passkey", entering.login_cookies(request, secret))

    @post("/{id:int}/removal")
    async def remove(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Forget a key, once it was asked who is there."""
        password = (await read_form(request, PasswordForm)).typed.get("password", "")
        try:
            await service.remove(resources, entering.caller_of(request), actor, id, password)
        except AppError as error:
            way = f"{PasskeyController.path}/{id}"
            return await security_page(request, resources, actor, error=error, removing=way)
        return see_other(request, f"{PAGE}?done=removed")


class PasskeyLoginController(Controller):
    """Signing in without a name."""

    path = "/login/passkey"

    @post("/options", status_code=200)
    async def options(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """What the browser needs to sign."""
        area = address_range(perimeter_of(request).address(request.scope))
        if wait := resources.strangers.wait_for(f"passkey {area}", now_ms()):
            raise TooMany(_("Too many tries. Wait a moment."), retry_after=wait / 1000)
        site, challenge = _site(request), ceremony.new_challenge()
        body = ceremony.request_options(site, challenge)
        return await _begun(request, resources, body, (challenges.PASSKEY, None, site, challenge))

    @post()
    async def create(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """In with a signature by a key we know; the form of names otherwise, with one sentence."""
        typed = (await read_form(request, PasskeyForm)).typed
        entering.note_wish(request, typed)
        target = safe_target(typed.get("next"), "")
        try:
            found = await challenges.take(request, resources, challenges.PASSKEY, Ceremony)
            begun = found[0] if found else Ceremony("", "", "")
            site = Site(begun.id, begun.origin)
            user = await service.sign_in(resources, site, begun.challenge, typed.get("credential", ""))
        except AppError as error:
            return await login_page(request, resources, error=error, next=target)
        target = entering.below_root(request, target or "/chat")
        return await entering.enter(request, resources, user, target, via="passkey")


def _site(request: AnyRequest) -> Site:
    site = Site.at(perimeter_of(request).origin(request.scope))
    if site is None:
        raise Conflict(_("Passkeys need a host name. This page was opened by an IP address."))
    return site


async def _begun(
    request: AnyRequest,
    resources: Resources,
    body: str,
    what: tuple[challenges.Purpose, int | None, Site, str],
) -> Response[Any]:
    purpose, owner, site, challenge = what
    data = Ceremony(challenge, site.id, site.origin)
    cookie = await challenges.begin(request, resources, purpose, data, owner)
    return Response(body, media_type=MediaType.JSON, cookies=[cookie])


ROUTES: tuple[ControllerRouterHandler, ...] = (PasskeyController, PasskeyLoginController)
