"""What a request says about its browser: address, scheme, cookies, and the form token that fits them."""

from __future__ import annotations

import secrets
from typing import Any, Literal

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, Headers
from litestar.types import Scope

from parley.lib.config import Config
from parley.lib.keys import derive_key
from parley.web.addresses import client_address, is_trusted
from parley.web.csrf import is_own_origin, make_token, token_matches
from parley.web.look import look

Connection = ASGIConnection[Any, Any, Any, Any]
LOGIN = "sid"
VISIT = "visit"
VISIT_AGE_S = 86_400
_NEW_VISIT = "parley.new_visit"


class Perimeter:
    """Reads requests by the rules of one configuration. Stateless; one per application."""

    def __init__(self, config: Config) -> None:
        self.root_path = config.root_path
        self._trusted = config.trusted_proxies
        self._key = derive_key(config.secret, "csrf")

    def address(self, scope: Scope) -> str:
        """The address of the client, "" when unknown; see `client_address`."""
        forwarded = Headers.from_scope(scope).getall("x-forwarded-for", [])
        return client_address(_peer(scope), forwarded, self._trusted)

    def is_https(self, scope: Scope) -> bool:
        """Whether the browser speaks https, to us or to a trusted proxy in front."""
        if scope["scheme"] == "https":
            return True
        if not is_trusted(_peer(scope), self._trusted):
            return False
        said = Headers.from_scope(scope).get("x-forwarded-proto", "")
        return said.rpartition(",")[2].strip().lower() == "https"

    def hosts(self, scope: Scope) -> frozenset[str]:
        """The names under which this browser may know us."""
        headers = Headers.from_scope(scope)
        names = {headers.get("host", "").lower()}
        if is_trusted(_peer(scope), self._trusted):
            names.add(headers.get("x-forwarded-host", "").rpartition(",")[2].strip().lower())
        return frozenset(names - {""})

    def origin(self, scope: Scope) -> str:
        """Where people reach us, the path we live under included: for links that are passed on.

        As an administrator said it, else as this browser reaches us.
        """
        if said := look().origin:
            return said
        headers = Headers.from_scope(scope)
        host = headers.get("host", "")
        if is_trusted(_peer(scope), self._trusted):
            host = headers.get("x-forwarded-host", "").rpartition(",")[2].strip() or host
        return f"{'https' if self.is_https(scope) else 'http'}://{host}{self.root_path}"

    def path(self, scope: Scope) -> str:
        """The path below the root path, also where routing found nothing."""
        path = scope["path"]
        root = self.root_path
        return path[len(root) :] or "/" if root and path.startswith(root + "/") else path

    def cookie_name(self, scope: Scope, name: str) -> str:
        """The name in the jar: `__Host-` keeps neighbouring hosts from planting it (RFC 6265bis 4.1.3.2)."""
        return f"__Host-{name}" if self.is_https(scope) and not self.root_path else name

    def cookie(
        self,
        scope: Scope,
        name: str,
        value: str,
        *,
        max_age: int,
        same_site: Literal["lax", "strict"] = "lax",
    ) -> Cookie:
        """A private cookie for this browser; `max_age` in seconds, 0 removes it."""
        return Cookie(
            key=self.cookie_name(scope, name),
            value=value,
            path=self.root_path or "/",
            max_age=max_age,
            httponly=True,
            secure=self.is_https(scope),
            samesite=same_site,
        )

    def login_secret(self, connection: Connection) -> str:
        """What the login cookie holds, "" without one."""
        return connection.cookies.get(self.cookie_name(connection.scope, LOGIN), "")

    def csrf_token(self, connection: Connection) -> str:
        """The token for forms in this answer; a browser without cookies gets a visit cookie with it."""
        anchor = self._anchor(connection)
        if not anchor:
            anchor = connection.scope["state"].setdefault(_NEW_VISIT, secrets.token_urlsafe(32))
        return make_token(self._key, anchor)

    def carries_token(self, connection: Connection, token: str) -> bool:
        """Whether `token` belongs to the cookie this request came with."""
        return token_matches(self._key, self._anchor(connection), token)

    def from_own_page(self, connection: Connection) -> bool:
        """Whether Origin and Sec-Fetch-Site allow that one of our pages sent this."""
        headers = connection.headers
        return is_own_origin(
            headers.get("origin"), headers.get("sec-fetch-site"), self.hosts(connection.scope)
        )

    def new_visit(self, scope: Scope) -> Cookie | None:
        """The visit cookie to set with this answer, if one was begun while it was made."""
        visit = scope.get("state", {}).get(_NEW_VISIT)
        return self.cookie(scope, VISIT, visit, max_age=VISIT_AGE_S) if visit else None

    def _anchor(self, connection: Connection) -> str:
        visit = self.cookie_name(connection.scope, VISIT)
        return self.login_secret(connection) or connection.cookies.get(visit, "")


def perimeter_of(connection: Connection) -> Perimeter:
    """The perimeter of the application that serves `connection`."""
    perimeter: Perimeter = connection.app.state.perimeter
    return perimeter


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else ""
