"""Accounts for programs: register, sign in, who am I, and the administrators' decisions."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from parley.accounts import entering, queries, service
from parley.accounts.entering import AnyRequest
from parley.accounts.guards import keyring, provide_actor, signed_in
from parley.accounts.oidc.service import refuse_password
from parley.accounts.registering.service import register
from parley.accounts.tokens import Claims, sign
from parley.accounts.twofactor import service as twofactor
from parley.lib.clock import now_ms
from parley.lib.db import Row
from parley.lib.errors import NotFound, Waiting
from parley.resources import Resources
from parley.web.envelope import ok
from parley.web.i18n import _


class Credentials(msgspec.Struct):
    """Body of register and login."""

    username: str
    password: str


class Login(Credentials):
    """Body of login; `code` is for accounts with a second factor."""

    code: str = ""


class Registration(Credentials):
    """Body of register; `invite` is the token of an invitation link."""

    invite: str = ""


async def token_for(request: AnyRequest, resources: Resources, user: Row) -> str:
    """A JWT that rests on a login session of its own, so that it is listed and can be revoked."""
    secret = await service.begin_session(
        resources, entering.caller_of(request), user, life_ms=service.API_LIFE_MS
    )
    claims = Claims(user["id"], user["ver"], secret)
    return sign(keyring(resources.config.secret), claims, now_s=now_ms() // 1000)


class AuthApiController(Controller):
    """`/api/auth`."""

    path = "/api/auth"

    @post("/register", status_code=201)
    async def register(
        self, request: AnyRequest, data: JSONBody[Registration], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """A new account; a token only when it may act at once. 403 when the rules do not let them in."""
        user = await register(
            resources,
            entering.caller_of(request),
            username=data.username,
            password=data.password,
            invitation=data.invite,
        )
        token = {"token": await token_for(request, resources, user)} if user["status"] == "active" else {}
        return ok({**token, "user": queries.public(user)})

    @post("/login", status_code=200)
    async def login(
        self, request: AnyRequest, data: JSONBody[Login], resources: NamedDependency[Resources]
    ) -> dict[str, Any]:
        """A token; 401 for wrong credentials, 423 while waiting, 403 when disabled or declined.

        401 with the code "second_factor" asks for the same again with `code`, a code of the person's app.
        """
        caller = entering.caller_of(request)
        user = await service.sign_in(resources, caller, username=data.username, password=data.password)
        await refuse_password(resources, user)
        await twofactor.require(resources, caller, user, data.code)
        if user["status"] == "pending":
            raise Waiting(_("An administrator has not approved this account yet."))
        return ok({"token": await token_for(request, resources, user), "user": queries.public(user)})

    @get("/me")
    async def show(self, request: AnyRequest, resources: NamedDependency[Resources]) -> dict[str, Any]:
        """The account behind the token or cookie; who waits may ask too."""
        actor = await signed_in(request)
        if actor is None or actor.status != "pending":
            actor = await provide_actor(request)
        row = await queries.user_by_id(resources.db, actor.id)
        if row is None:
            raise NotFound(_("There is no such account."))
        return ok({"user": queries.public(row)})

    @post("/logout", status_code=200)
    async def logout(
        self, request: AnyRequest, resources: NamedDependency[Resources]
    ) -> Response[dict[str, Any]]:
        """End the login session behind the token or cookie."""
        actor = await signed_in(request) or await provide_actor(request)
        await service.sign_out(resources, actor)
        return Response(ok(), cookies=entering.forgotten_login(request))
