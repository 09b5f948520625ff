"""The rules of every request and answer: security headers, no forged requests, JSON where JSON is meant."""

from __future__ import annotations

from typing import Any

from litestar.config.app import AppConfig
from litestar.connection import Request
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import HTTPException
from litestar.middleware import ASGIMiddleware
from litestar.plugins import InitPlugin
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from parley.lib.config import Config
from parley.lib.errors import NotAllowed
from parley.web.i18n import N_
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
        app_config.middleware = [RequestGate(), *app_config.middleware]
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
    """Refuses forged requests, and bodies that are not JSON on JSON routes.

    A route under /api/, or with `opt={"json_only": True}`, takes only application/json when it takes a body.
    A route with `opt={"uploads": True}` is exempt from that, never from the token.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request pass, or raise NotAllowed (403) or HTTPException (415)."""
        request: Request[Any, Any, Any] = Request(scope, receive)
        if request.method not in SAFE_METHODS:
            opt = scope["route_handler"].opt
            is_json = is_json_route(scope["path"], opt)
            if is_json and not opt.get("uploads"):
                _require_json(request)
            await _require_own_page(request, is_json=is_json)
        await next_app(scope, receive, send)


def is_json_route(path: str, opt: dict[str, Any]) -> bool:
    """Whether programs are the callers of this route."""
    return path.startswith("/api/") or bool(opt.get("json_only"))


def bearer_token(request: Request[Any, Any, Any] | Any) -> str | None:
    """What stands behind `Authorization: Bearer`, "" for another scheme, None without the header."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _sep, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _require_json(request: Request[Any, Any, Any]) -> None:
    """A text/plain form can imitate JSON and needs no permission from another site's browser; refuse it."""
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if has_body and request.content_type[0] != RequestEncodingType.JSON:
        raise HTTPException(status_code=415, detail="Send the body as application/json.")


async def _require_own_page(request: Request[Any, Any, Any], *, is_json: bool) -> None:
    """The token and the origin of everything that a cookie could vouch for.

    Without a token pass: a request with an Authorization header (a browser never adds it by itself, and the
    guards then ignore cookies), and programs' routes without a login cookie (the request stands for nobody).
    """
    if bearer_token(request) is not None:
        return
    perimeter = perimeter_of(request)
    if is_json and not perimeter.login_secret(request):
        return
    if not perimeter.from_own_page(request) or not perimeter.carries_token(request, await _token_of(request)):
        raise NotAllowed(FORGED, code="forged_request")


async def _token_of(request: Request[Any, Any, Any]) -> str:
    if token := request.headers.get(CSRF_HEADER):
        return token
    if request.content_type[0] == RequestEncodingType.URL_ENCODED:
        field = (await request.form()).get(CSRF_FIELD)
        return field if isinstance(field, str) else ""
    return ""
