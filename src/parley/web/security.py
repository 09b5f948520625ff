"""The rules of every request and answer: security headers, no forged requests, JSON where JSON is meant."""

from __future__ import annotations

from typing import Any

from litestar.config.app import AppConfig
from litestar.connection import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import HTTPException, NotFoundException
from litestar.middleware import ASGIMiddleware
from litestar.plugins import InitPlugin
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from parley.lib.config import Config
from parley.lib.db import LARGEST_ID
from parley.lib.errors import AppError, NotAllowed
from parley.web.errors import answer_error, is_json_route
from parley.web.i18n import N_
from parley.web.peeking import Peeking
from parley.web.perimeter import Perimeter, perimeter_of

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}
PRIVATE = ("text/html", "application/json")
CSRF_HEADER = "x-csrf-token"
CSRF_FIELD = "_csrf"
FORGED = N_("This page is too old or the request came from another site. Reload the page and try again.")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Security(InitPlugin):
    """Puts the rules of this module into an application, and its `Perimeter` into `app.state`."""

    def __init__(self, config: Config) -> None:
        self._perimeter = Perimeter(config)

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Headers dress all that is sent, unmatched addresses too; the gate stands before each handler."""
        app_config.state.perimeter = self._perimeter
        app_config.before_send = [*app_config.before_send, self._dress]
        app_config.middleware = [*app_config.middleware, RequestGate()]
        return app_config

    async def _dress(self, message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = MutableScopeHeaders.from_message(message)
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        kind = headers.get("content-type", "").partition(";")[0]
        if kind in PRIVATE and not self._perimeter.path(scope).startswith("/static/"):
            headers.setdefault("cache-control", "no-store")
        if visit := self._perimeter.new_visit(scope):
            headers.add("set-cookie", visit.to_header(header=""))


class RequestGate(ASGIMiddleware):
    """Refuses forged requests, and bodies that are not JSON on programs' routes.

    A route with `opt={"uploads": True}` takes multipart bodies as well; no route is exempt from the token.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request pass, or answer 403, 404 or 415 without calling its handler."""
        body = Peeking(receive)
        request: Request[Any, Any, Any] = Request(scope, body)
        try:
            _require_possible_ids(request)
            if request.method not in SAFE_METHODS:
                await check_request(request, body)
        except (AppError, HTTPException) as error:
            # Answered here and not raised, so that the middlewares around see an answer and not a crash.
            refusal = answer_error(request, error).to_asgi_response(app=None, request=request)
            await refusal(scope, body, send)
            return
        await next_app(scope, body, send)


async def check_request(request: Request[Any, Any, Any], body: Peeking) -> None:
    """Raise NotAllowed (403) or HTTPException (415) for a writing request that must not reach its handler."""
    for_programs = is_json_route(request)
    if for_programs:
        _require_json(request, uploads=bool(request.scope["route_handler"].opt.get("uploads")))
    await _require_own_page(request, body, for_programs=for_programs)


def bearer_token(request: Request[Any, Any, Any] | Any) -> str | None:
    """What stands behind `Authorization: Bearer`, None without one.

    Another scheme says nothing to us: browsers repeat Basic credentials of a proxy in front by themselves.
    """
    scheme, _sep, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _require_possible_ids(request: Request[Any, Any, Any]) -> None:
    """Nothing has an id that no database can hold; asked for it, one would raise."""
    if any(isinstance(each, int) and abs(each) > LARGEST_ID for each in request.path_params.values()):
        raise NotFoundException


def _require_json(request: Request[Any, Any, Any], *, uploads: bool) -> None:
    """A text/plain form can imitate JSON and needs no permission from another site's browser; refuse it."""
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    taken = {RequestEncodingType.JSON, *([RequestEncodingType.MULTI_PART] if uploads else [])}
    if has_body and request.content_type[0] not in taken:
        raise HTTPException(status_code=415)


async def _require_own_page(request: Request[Any, Any, Any], body: Peeking, *, for_programs: bool) -> None:
    """The token and the origin of everything that a cookie could vouch for.

    Without a token pass: a request with a Bearer token (a browser never adds one by itself, and the guards
    then ignore cookies), and programs' routes without a login cookie (the request stands for nobody).
    """
    if bearer_token(request) is not None:
        return
    perimeter = perimeter_of(request)
    if for_programs and not perimeter.login_secret(request):
        return
    # One after the other: of a foreign page's body nothing is read.
    if not perimeter.from_own_page(request) or not perimeter.carries_token(
        request, await _token_of(request, body)
    ):
        raise NotAllowed(FORGED, code="forged_request")


async def _token_of(request: Request[Any, Any, Any], body: Peeking) -> str:
    if token := request.headers.get(CSRF_HEADER):
        return token
    if request.content_type[0] == RequestEncodingType.URL_ENCODED:
        field = (await request.form()).get(CSRF_FIELD)
        return field if isinstance(field, str) else ""
    # A file is taken off the wire by its handler, who must not begin before the token is known.
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        return await body.first_field(request.headers.get("content-type", ""), CSRF_FIELD)
    return ""
