"""Every refusal and failure, rendered once: a page, a fragment for htmx, or the JSON envelope."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from urllib.parse import quote

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from litestar.response import Redirect
from litestar.types import ExceptionHandlersMap

from parley.lib.errors import AppError, Invalid, NotSignedIn, Waiting
from parley.lib.logging import request_id
from parley.web.i18n import COOKIE, N_, _, pick_language, use_language
from parley.web.perimeter import perimeter_of
from parley.web.render import Page, render

AnyRequest = Request[Any, Any, Any]
log = structlog.get_logger("errors")

BROKEN = N_("Something broke on the server. Nothing you wrote on this page is lost; reload it.")
REFUSED = N_("This request cannot be answered.")
# What the framework refuses by itself; its own words are for programmers.
FRAMEWORK = {
    400: ("invalid", N_("The request is incomplete or malformed.")),
    401: ("not_signed_in", N_("Sign in to go on.")),
    403: ("not_allowed", N_("You may not do this.")),
    404: ("not_found", N_("There is nothing here, or it is not yours.")),
    405: ("method_not_allowed", N_("This address does not answer this kind of request.")),
    413: ("too_large", N_("This is too large to send at once.")),
    415: ("not_json", N_("Send the body as application/json.")),
}
TITLES = {
    401: N_("Sign in again"),
    403: N_("Not allowed"),
    404: N_("Not found"),
    409: N_("Not possible now"),
    423: N_("Waiting for approval"),
    429: N_("Too many tries"),
    503: N_("Not available right now"),
    507: N_("The disk is full"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in the words every form of answer uses."""

    status: int
    code: str
    message: str
    fields: dict[str, str]
    headers: dict[str, str]
    reference: str = ""  # for failures: what to look for in the log
    more: Mapping[str, Any] = field(default_factory=dict)  # further fields of the JSON form
    action: tuple[str, str] | None = None  # what to do next, where the error knows


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage(Page):
    """A whole page that says what happened and what to do next."""

    template: ClassVar[str] = "error.html"
    title: str
    message: str
    action_href: str
    action_text: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorFragment(Page):
    """The same as a notice inside a page."""

    template: ClassVar[str] = "_error.html"
    message: str
    action_href: str = ""
    action_text: str = ""
    reference: str = ""


def answer_error(request: AnyRequest, error: Exception) -> Response[Any]:
    """The answer to a request that ended in `error`, in the form and language its sender understands."""
    actor = request.scope.get("state", {}).get("actor")
    setting = getattr(actor, "language", None)
    lang = pick_language(request.cookies.get(COOKIE), request.headers.get("accept-language"), setting)
    with use_language(lang):
        problem = problem_of(error)
        if problem.reference:
            log.error("request_failed", reference=problem.reference, path=request.url.path, exc_info=error)
        form = answer_form(request)
        if form == "json":
            return Response(envelope(problem), status_code=problem.status, headers=problem.headers)
        if form == "fragment":
            return _fragment(request, problem)
        if isinstance(error, (NotSignedIn, Waiting)):
            return Redirect(_entry(request, error), status_code=303)
        return _page(request, problem)


EXCEPTION_HANDLERS: ExceptionHandlersMap = {Exception: answer_error}


def is_json_route(request: AnyRequest) -> bool:
    """Whether programs are the callers: under /api/, or marked with `opt={"json_only": True}`."""
    handler = request.scope.get("route_handler")
    marked = handler is not None and bool(handler.opt.get("json_only"))
    return marked or perimeter_of(request).path(request.scope).startswith("/api/")


def answer_form(request: AnyRequest) -> Literal["json", "fragment", "page"]:
    """What the sender can use: programs JSON, htmx a fragment when it asked for a part, people a page."""
    accept = request.headers.get("accept", "")
    if is_json_route(request) or ("application/json" in accept and "text/html" not in accept):
        return "json"
    asked_part = request.headers.get("hx-request-type", "partial") == "partial"
    return "fragment" if "hx-request" in request.headers and asked_part else "page"


def envelope(problem: Problem) -> dict[str, Any]:
    """The JSON form: `error` is a sentence, `code` a stable word, `fields` what is wrong with each field."""
    body: dict[str, Any] = {
        "success": False,
        "data": None,
        "error": problem.message,
        "code": problem.code,
    }
    if problem.fields:
        body["fields"] = problem.fields
    if problem.reference:
        body["reference"] = problem.reference
    return body | dict(problem.more)


def problem_of(error: Exception) -> Problem:
    """`error` in words for a person; what nobody foresaw gets an opaque reference and no detail."""
    if isinstance(error, AppError):
        fields = error.fields if isinstance(error, Invalid) else {}
        return Problem(
            error.status,
            error.code,
            _(error.message),
            fields,
            _retry_after(error),
            more=error.more,
            action=error.action,
        )
    # msgspec says this about a body that is nested too deeply.
    if isinstance(error, RecursionError) and "deserializing" in str(error):
        error = HTTPException(status_code=400)
    if isinstance(error, HTTPException) and error.status_code < 500:
        code, sentence = FRAMEWORK.get(error.status_code, ("refused", REFUSED))
        headers = {str(name): str(value) for name, value in (error.headers or {}).items()}
        return Problem(error.status_code, code, _(sentence), _faulty_fields(error), headers)
    return Problem(500, "internal", _(BROKEN), {}, {}, request_id() or secrets.token_hex(8))


def _retry_after(error: AppError) -> dict[str, str]:
    if error.retry_after is None:
        return {}
    return {"Retry-After": str(max(1, round(error.retry_after)))}


def _faulty_fields(error: HTTPException) -> dict[str, str]:
    if not isinstance(error, ValidationException) or not isinstance(error.extra, list):
        return {}
    names = [each.get("key") for each in error.extra if isinstance(each, dict)]
    return {name: _("This is missing or of the wrong kind.") for name in names if name}


def _entry(request: AnyRequest, error: AppError) -> str:
    """Where a person goes who is not signed in, with the way back, or who waits."""
    root = perimeter_of(request).root_path
    if isinstance(error, Waiting):
        return f"{root}/pending"
    if request.method not in ("GET", "HEAD"):
        return f"{root}/login"
    query = request.scope["query_string"].decode("latin-1")
    wanted = request.scope["path"] + (f"?{query}" if query else "")
    return f"{root}/login?next={quote(wanted, safe='/')}"


def _action(request: AnyRequest, problem: Problem) -> tuple[str, str]:
    """The one thing to do next: address and words."""
    root = perimeter_of(request).root_path
    if problem.action is not None:
        return root + problem.action[0], _(problem.action[1])
    if problem.status == 401:
        return f"{root}/login", _("Sign in")
    if problem.status == 423:
        return f"{root}/pending", _("See the status")
    if problem.status >= 500 and request.method == "GET":
        return request.scope["path"], _("Reload")
    return f"{root}/", _("Go to the start page")


def _fragment(request: AnyRequest, problem: Problem) -> Response[Any]:
    href, text = _action(request, problem)
    fragment = ErrorFragment(
        message=problem.message,
        action_href=href if problem.action or problem.status in (401, 423) else "",
        action_text=text,
        reference=problem.reference,
    )
    return render(request, fragment, status=problem.status, headers=problem.headers)


def _page(request: AnyRequest, problem: Problem) -> Response[Any]:
    href, text = _action(request, problem)
    title = TITLES.get(409 if problem.action else problem.status, N_("This did not work"))
    page = ErrorPage(
        title=_(title),
        message=problem.message,
        action_href=href,
        action_text=text,
        reference=problem.reference,
    )
    return render(request, page, status=problem.status, headers=problem.headers)
