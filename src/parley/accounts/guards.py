"""Who is asking, as Litestar dependencies: `actor` (an approved account) and `admin`."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import cache
from typing import Any

from litestar import Request
from litestar.di import Provide

from parley.accounts import queries
from parley.accounts.actor import Actor
from parley.accounts.revocation import cut_off as cut_off  # what streams need beside their actor
from parley.accounts.scripts import touch_session
from parley.accounts.service import declined_sentence, disabled_sentence
from parley.accounts.tokens import Keyring, secret_hash, verify
from parley.audit.acting import Acting, act_as
from parley.lib.clock import now_ms
from parley.lib.db import Database, Row
from parley.lib.errors import AppError, NotAllowed, NotFound, NotSignedIn, Waiting
from parley.settings.queries import load
from parley.settings.visiting import RETENTION, VISITORS
from parley.web.i18n import _
from parley.web.perimeter import perimeter_of
from parley.web.security import bearer_token

AnyRequest = Request[Any, Any, Any]

keyring = cache(Keyring.of)
FOR_VISITORS = {"visitors": True}  # the `opt` of a controller or handler that lets them in; no other does


async def provide_actor(request: AnyRequest) -> Actor:
    """The approved account, or the visitor, behind this request; visitors only at doors marked FOR_VISITORS.

    Raises NotSignedIn, Waiting (not yet approved) or NotAllowed (disabled or declined, or a visitor).
    """
    actor = await signed_in(request)
    if actor is None:
        raise NotSignedIn(_("Sign in to go on."))
    if actor.status == "pending":
        raise Waiting(_("An administrator has not approved this account yet."))
    if not actor.can_use:
        raise await _standing_refused(request, actor)
    if actor.is_visitor and not request.route_handler.opt.get("visitors"):
        raise NotAllowed(_("This is for people with an account."), code="visitor")
    return actor


async def _standing_refused(request: AnyRequest, actor: Actor) -> NotAllowed:
    """With the reason an administrator gave, as signing in tells it."""
    row = await queries.user_by_id(request.app.state.resources.db, actor.id)
    reason = row["status_reason"] if row else ""
    sentence = declined_sentence if actor.status == "rejected" else disabled_sentence
    return NotAllowed(sentence(reason), code="disabled")


async def provide_admin(request: AnyRequest) -> Actor:
    """The administrator behind this request; for everybody else the address does not exist (NotFound)."""
    actor = await signed_in(request)
    if actor is None or not actor.is_visitor:
        actor = await provide_actor(request)
    if not actor.is_admin:
        raise NotFound(_("There is nothing here."))
    return actor


DEPENDENCIES = {"actor": Provide(provide_actor), "admin": Provide(provide_admin)}


async def signed_in(request: AnyRequest) -> Actor | None:
    """The account or visitor behind this request, whatever its status; None for nobody. Asked once."""
    state = request.scope["state"]
    if "actor" not in state:
        state["actor"] = await _resolve(request)
        who, address = state["actor"], perimeter_of(request).address(request.scope)
        act_as(Acting(who.id, who.username, address) if who else Acting(address=address))
    actor: Actor | None = state["actor"]
    return actor


async def _resolve(request: AnyRequest) -> Actor | None:
    """A Bearer token alone decides when there is one: a cookie never fills in for it."""
    db = request.app.state.resources.db
    now = now_ms()
    token = bearer_token(request)
    if token is not None:
        row = await _bearer_row(request, token, now)
    else:
        secret = perimeter_of(request).login_secret(request)
        row = await queries.session_row(db, secret_hash(secret)) if secret else None
    if row is None or not queries.is_live(row, now):
        return None
    if now - row["seen_at"] >= queries.TOUCH_MS:
        # What it buys is a fresher "last used"; a full disk or a busy writer must not refuse a page for it.
        with contextlib.suppress(AppError):
            await db.write_relaxed(touch_session, row["session"], now)
    actor = queries.actor_of(row)
    return await _visiting(db, actor) if actor.is_visitor else actor


async def _visiting(db: Database, actor: Actor) -> Actor | None:
    """A visitor, as long as visits are possible."""
    values = await load(db)
    return replace(actor, kept_days=values[RETENTION]) if values[VISITORS] == "on" else None


async def _bearer_row(request: AnyRequest, token: str, now: int) -> Row | None:
    resources = request.app.state.resources
    claims = verify(keyring(resources.config.secret), token, now_s=now // 1000)
    if claims is None:
        return None
    row = await queries.session_row(resources.db, secret_hash(claims.session_secret))
    if row is None or row["id"] != claims.user:
        return None
    # A disabled account moved its version on; its holder is told so, other old versions are out.
    return row if row["ver"] == claims.ver or row["status"] == "disabled" else None
