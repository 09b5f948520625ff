"""Addresses of signing in at the provider: there and back, linking, and the administrators' page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from parley.accounts import challenges, entering
from parley.accounts.actor import Actor
from parley.accounts.controllers.login import login_page
from parley.accounts.controllers.security import security_page
from parley.accounts.entering import AnyRequest, see_other
from parley.accounts.guards import provide_actor, provide_admin, signed_in
from parley.accounts.oidc import service
from parley.accounts.oidc.pages import LeavePage, TrialPage, listed
from parley.accounts.oidc.service import Back, Trip
from parley.accounts.oidc.terms import Terms, username_from
from parley.accounts.reassuring import FRESH_MS, reassure
from parley.accounts.service import SILENT
from parley.accounts.tokens import secret_hash
from parley.accounts.twofactor.stepping import proceed
from parley.lib.clock import now_ms
from parley.lib.errors import AppError, NotAllowed, TooMany
from parley.resources import Resources
from parley.web.addresses import address_range
from parley.web.forms import read_form
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of
from parley.web.render import render
from parley.web.targets import safe_target

RETURN = "/login/oidc/callback"
SECURITY = "/account/security"
USELESS = ("invitation_spent", "registration_closed")  # refusals of invitations that no other try changes


class PasswordForm(msgspec.Struct):
    """The password before an identity is linked or taken away."""

    password: str = ""


def redirect_uri(request: AnyRequest) -> str:
    """Where the provider sends the browser back to: as this browser reaches us."""
    return perimeter_of(request).origin(request.scope) + RETURN


class ProviderController(Controller):
    """There and back."""

    path = "/login/oidc"

    @get()
    async def leave(
        self,
        request: AnyRequest,
        resources: NamedDependency[Resources],
        next: FromQuery[str] = "",
        left: FromQuery[str] = "",
        invite: FromQuery[str] = "",
        again: FromQuery[str] = "",
    ) -> Response[Any]:
        """On to the provider. A link, because a form may lead to no other site.

        With `left` a visitor does not take along what they have; `invite` is the token of an invitation;
        `again` is for somebody who is in and has to show that it is still them.
        """
        entering.note_wish(request, {"visit": left})
        way = urlencode({name: each for name, each in (("again", again), ("invite", invite)) if each})
        area = address_range(perimeter_of(request).address(request.scope))
        try:
            if wait := resources.strangers.wait_for(f"provider {area}", now_ms()):
                raise TooMany(_("Too many tries. Wait a moment."), retry_after=wait / 1000)
            actor = await signed_in(request) if again else None
            errand, owner = ("again", actor.id) if actor and not actor.is_visitor else ("sign-in", None)
            return await _leave(request, resources, errand, safe_target(next, ""), owner, invite=invite)
        except AppError as error:
            return await login_page(request, resources, error=error, next=safe_target(next, ""), way=way)

    @get("/callback")
    async def come_back(self, request: AnyRequest, resources: NamedDependency[Resources]) -> Response[Any]:
        """In, linked, or shown what the provider said: whatever this browser set out for."""
        found = await challenges.take(request, resources, challenges.PROVIDER, Trip)
        trip, owner = found or (None, None)
        entering.note_wish(request, {"visit": "1"} if trip and trip.left else {})
        # Taken from the address by hand: Litestar keeps the name `state` for itself.
        back = Back(*(request.query_params.get(name, "") for name in ("code", "state", "error", "iss")))
        try:
            claims = await service.come_back(resources, trip, back)
            assert trip is not None
            answer = await _arrive(request, resources, trip, owner, claims)
        except AppError as refusal:
            answer = await _turned_away(request, resources, trip, refusal)
        answer.set_cookie(challenges.forgotten(request, challenges.PROVIDER))
        return answer


class IdentityController(Controller):
    """The identities of one's own account."""

    path = "/account/security/identities"

    @post()
    async def create(
        self, request: AnyRequest, actor: NamedDependency[Actor], resources: NamedDependency[Resources]
    ) -> Response[Any]:
        """A link on to the provider, once it was asked who is there."""
        password = (await read_form(request, PasswordForm)).typed.get("password", "")
        try:
            await reassure(resources, entering.caller_of(request), actor, password)
            trip, address = await service.set_out(resources, "link", redirect_uri(request))
        except AppError as error:
            return await security_page(request, resources, actor, error=error)
        cookie = await challenges.begin(request, resources, challenges.PROVIDER, trip, actor.id)
        label = (await service.terms_of(resources)).label
        answer = render(
            request, LeavePage(address=address, label=label or _("Sign in with your organisation"))
        )
        answer.set_cookie(cookie)
        return answer

    @post("/{id:int}/removal")
    async def remove(
        self,
        request: AnyRequest,
        id: FromPath[int],
        actor: NamedDependency[Actor],
        resources: NamedDependency[Resources],
    ) -> Response[Any]:
        """Sign in with it no more, once it was asked who is there."""
        password = (await read_form(request, PasswordForm)).typed.get("password", "")
        try:
            await service.unlink(resources, entering.caller_of(request), actor, id, password)
        except AppError as error:
            way = f"{IdentityController.path}/{id}"
            return await security_page(request, resources, actor, error=error, removing=way)
        return see_other(request, f"{SECURITY}?done=removed")


@get("/admin/sign-in/test")
async def try_provider(
    request: AnyRequest, admin: NamedDependency[Actor], resources: NamedDependency[Resources]
) -> Response[Any]:
    """Sign in at the provider only to see what it says."""
    try:
        return await _leave(request, resources, "test", "", admin.id)
    except AppError as error:
        return render(request, TrialPage(error=_(error.message)), status=error.status)


async def _leave(
    request: AnyRequest,
    resources: Resources,
    errand: str,
    target: str,
    owner: int | None = None,
    *,
    invite: str = "",
) -> Response[Any]:
    trip, address = await service.set_out(resources, errand, redirect_uri(request), target)
    invitation = secret_hash(invite) if invite else ""
    trip = msgspec.structs.replace(trip, left=entering.leaves_visit(request), invitation=invitation)
    cookie = await challenges.begin(request, resources, challenges.PROVIDER, trip, owner)
    return Redirect(address, status_code=303, cookies=[cookie])


async def _arrive(
    request: AnyRequest, resources: Resources, trip: Trip, owner: int | None, claims: dict[str, Any]
) -> Response[Any]:
    caller = entering.caller_of(request)
    if trip.errand == "again":
        _refuse_old(claims)
        if await service.owner_of(resources, claims) != owner:  # before they get an account by it
            raise NotAllowed(_("Somebody else signed in at the provider. Begin again."))
    if trip.errand in ("sign-in", "again"):
        user = await service.account_for(resources, caller, claims, trip.invitation)
        target = entering.below_root(request, trip.target or "/chat")
        return await proceed(
            request, resources, user, target, via=SILENT if trip.errand == "sign-in" else "provider again"
        )
    actor = await (provide_admin if trip.errand == "test" else provide_actor)(request)
    if actor.id != owner:
        raise NotAllowed(_("Somebody else is signed in by now. Begin again."))
    if trip.errand == "test":
        return render(request, _trial(await service.terms_of(resources), claims))
    await service.link(resources, caller, actor, claims)
    return see_other(request, f"{SECURITY}?done=identity")


def _refuse_old(claims: dict[str, Any]) -> None:
    """Where the provider says when it last asked somebody (`auth_time`), it must have been just now."""
    asked_at = claims.get("auth_time")
    if isinstance(asked_at, int) and asked_at * 1000 < now_ms() - FRESH_MS:
        raise NotAllowed(_("The provider did not ask you to sign in again. Sign out there first."))


async def _turned_away(
    request: AnyRequest, resources: Resources, trip: Trip | None, error: AppError
) -> Response[Any]:
    if trip is None:
        return await login_page(request, resources, error=error)
    if trip.errand in ("sign-in", "again"):
        way = "again=1" if trip.errand == "again" else ""  # else it would not count
        reopen = trip.invitation != "" and error.code not in USELESS
        return await login_page(request, resources, error=error, next=trip.target, way=way, reopen=reopen)
    if trip.errand == "test":
        await provide_admin(request)
        return render(request, TrialPage(error=_(error.message)), status=error.status)
    return await security_page(request, resources, await provide_actor(request), error=error)


def _trial(terms: Terms, claims: dict[str, Any]) -> TrialPage:
    outcomes = {
        "auto": _("Comes in at once."),
        "approval": _("Waits for an administrator, the first time."),
        "no": _("Is turned away unless an account is linked."),
    }
    refused = _("Is turned away: the e-mail address is not verified or of another domain.")
    return TrialPage(
        username=username_from(claims, terms.username_claim),
        role=_("Administrator") if terms.role(claims) == "admin" else _("User"),
        outcome=outcomes[terms.accounts] if terms.allows(claims) else refused,
        claims=listed(claims),
    )


ROUTES: tuple[ControllerRouterHandler, ...] = (ProviderController, IdentityController, try_provider)
