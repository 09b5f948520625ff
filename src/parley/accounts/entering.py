"""What the doors of entry share: who calls, and the cookies a browser leaves with."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.response import Redirect

from parley.accounts import service
from parley.accounts.guards import signed_in
from parley.accounts.habits import stored_habits
from parley.accounts.service import Caller
from parley.lib.db import Row
from parley.lib.errors import AppError
from parley.resources import Resources
from parley.web.i18n import COOKIE, SUPPORTED
from parley.web.perimeter import LOGIN, VISIT, perimeter_of
from parley.web.render import THEME, THEMES

AnyRequest = Request[Any, Any, Any]
YEAR_S = 365 * 86_400
_LEFT = "parley.left"
AS_IT_IS = "/#%[]=:;$&()+,!?*@'~"  # what `Redirect` leaves alone too; a header holds ASCII only


def caller_of(request: AnyRequest) -> Caller:
    """Where this request comes from."""
    agent = request.headers.get("user-agent", "")
    return Caller(perimeter_of(request).address(request.scope), agent)


def see_other(request: AnyRequest, path: str, cookies: list[Cookie] | None = None) -> Response[Any]:
    """On to `path` (below the root path) with GET. htmx is told to load the page, not to swap it in."""
    target = perimeter_of(request).root_path + path
    if "hx-request" in request.headers:
        headers = {"HX-Redirect": quote(target, safe=AS_IT_IS)}
        return Response(None, status_code=204, headers=headers, cookies=cookies)
    return Redirect(target, status_code=303, cookies=cookies)


def refusal_headers(error: AppError) -> dict[str, str]:
    """When to try again, for a form that comes back."""
    return {"Retry-After": str(round(error.retry_after))} if error.retry_after else {}


async def enter(
    request: AnyRequest,
    resources: Resources,
    user: Row,
    target: str,
    *,
    language: str = "",
    via: str = "password",
) -> Response[Any]:
    """Open a login session for `user` in this browser, end the one it had, and go on to `target`.

    Who still waits goes to /pending. What a visitor had comes along unless they said no. The cookies of
    language and theme follow what the account chose.
    """
    secret = await service.begin_session(
        resources,
        caller_of(request),
        user,
        replaces=perimeter_of(request).login_secret(request),
        via=via,
        visitor=await _comes_along(request),
    )
    theme = stored_habits(user["preferences"]).theme
    cookies = login_cookies(request, secret)
    cookies += chosen_cookies(request, language=language or user["language"], theme=theme)
    return see_other(request, target if user["status"] == "active" else "/pending", cookies)


def note_wish(request: AnyRequest, typed: dict[str, str]) -> None:
    """Remember that a visitor who signs in does not want to take along what they have."""
    request.scope["state"][_LEFT] = bool(typed.get("visit")) and not typed.get("take")


def leaves_visit(request: AnyRequest) -> bool:
    """Whether `note_wish` noted it."""
    return bool(request.scope["state"].get(_LEFT))


async def _comes_along(request: AnyRequest) -> int:
    actor = await signed_in(request)
    taken = actor is not None and actor.is_visitor and not leaves_visit(request)
    return actor.id if actor is not None and taken else 0


def login_cookies(request: AnyRequest, secret: str) -> list[Cookie]:
    """The cookie of a login session; the visit it grew out of ends."""
    perimeter = perimeter_of(request)
    life = service.BROWSER_LIFE_MS // 1000
    return [
        perimeter.cookie(request.scope, LOGIN, secret, max_age=life),
        perimeter.cookie(request.scope, VISIT, "", max_age=0),
    ]


def forgotten_login(request: AnyRequest) -> list[Cookie]:
    """Take the login cookie away."""
    return [perimeter_of(request).cookie(request.scope, LOGIN, "", max_age=0)]


def chosen_cookies(request: AnyRequest, *, language: str = "", theme: str = "") -> list[Cookie]:
    """What makes this browser speak and look as chosen from the next page on; "" leaves a thing as it is.

    The language "auto" forgets the choice: the browser's wishes count again.
    """
    cookies = []
    if language in SUPPORTED:
        cookies.append(preference_cookie(request, COOKIE, language))
    elif language == "auto":
        cookies.append(preference_cookie(request, COOKIE, "", max_age=0))
    if theme in THEMES:
        cookies.append(preference_cookie(request, THEME, theme))
    return cookies


def preference_cookie(request: AnyRequest, name: str, value: str, *, max_age: int = YEAR_S) -> Cookie:
    """A choice of how pages look; scripts may read it and it tells nothing."""
    perimeter = perimeter_of(request)
    return Cookie(
        key=name,
        value=value,
        path=perimeter.root_path or "/",
        max_age=max_age,
        secure=perimeter.is_https(request.scope),
        samesite="lax",
    )


def below_root(request: AnyRequest, target: str) -> str:
    """A checked `next` without our root path, which `see_other` puts before it again."""
    root = perimeter_of(request).root_path
    return target[len(root) :] or "/" if root and (target + "/").startswith(root + "/") else target
