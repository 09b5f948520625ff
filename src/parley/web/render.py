"""A page is a dataclass; here it becomes HTML. The only place that builds a Jinja environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import urlsplit

import jinja2
from litestar import Request, Response
from markupsafe import Markup

from parley.web import i18n
from parley.web.look import look
from parley.web.perimeter import perimeter_of
from parley.web.places import places

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
CLOSED = "notice"  # the cookie with the id of the notice that was closed
THEME = "theme"  # the cookie with what this browser shows; an account keeps the choice for other browsers
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Page:
    """What a template may use; subclasses name the template and declare its fields."""

    template: ClassVar[str]


class Behaviour(Protocol):
    """What somebody chose for all their browsers; templates read more of it."""

    @property
    def theme(self) -> str: ...


class SignedIn(Protocol):
    """What the frame of a page shows of the actor."""

    @property
    def id(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def is_admin(self) -> bool: ...
    @property
    def is_visitor(self) -> bool: ...
    @property
    def kept_days(self) -> int: ...
    @property
    def habits(self) -> Behaviour: ...


@dataclass(frozen=True, slots=True)
class Ui:
    """What every template gets beside its page's fields."""

    lang: str
    html_lang: str
    theme: str
    csrf: str
    actor: SignedIn | None
    root: str
    path: str
    version: str
    side: str = ""  # "off": this browser keeps the sidebar away on wide windows
    closed: str = ""  # the id of the notice that was closed in this browser
    here: str = "/"  # where a form of the frame comes back to


class Renderer:
    """Templates with our globals; one per application."""

    def __init__(
        self,
        *,
        root: str,
        version: str,
        asset: Callable[[str], str],
        globals: Mapping[str, Any] | None = None,
    ) -> None:
        self.root = root
        self.version = version
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            _=i18n._,
            ngettext=i18n.ngettext,
            html_lang=i18n.html_lang,
            asset=asset,
            url=lambda path: root + path,
            places=places,
            look=look,
            **(globals or {}),
        )
        self.environment.filters["titled"] = lambda title: look().titled(Markup(title))  # noqa: S704 escaped already

    def html(self, page: Page, ui: Ui, *, block: str | None = None) -> Markup:
        """The page as HTML, or only one of its blocks."""
        template = self.environment.get_template(page.template)
        values = values_of(page)
        if block is None:
            return Markup(template.render(values, ui=ui))  # noqa: S704 autoescape is on
        context = template.new_context({**values, "ui": ui})
        return Markup("".join(template.blocks[block](context)))  # noqa: S704


def values_of(page: Page) -> dict[str, Any]:
    """The fields and properties a template may use, by name."""
    names = {field.name for field in fields(page)}
    for cls in type(page).__mro__:
        names |= {name for name, value in vars(cls).items() if isinstance(value, property)}
    return {name: getattr(page, name) for name in names}


def ui_of(request: Request[Any, Any, Any]) -> Ui:
    """What the frame of a page needs to know about this request."""
    renderer: Renderer = request.app.state.renderer
    lang = i18n.language()
    actor: SignedIn | None = request.scope.get("state", {}).get("actor")
    theme = request.cookies.get(THEME) or (actor.habits.theme if actor else "")
    return Ui(
        lang=lang,
        html_lang=i18n.html_lang(lang),
        theme=theme if theme in THEMES else "auto",
        csrf=perimeter_of(request).csrf_token(request),
        actor=actor,
        root=renderer.root,
        path=request.scope["path"],
        version=renderer.version,
        side="off" if request.cookies.get("side") == "off" else "",
        closed=request.cookies.get(CLOSED, ""),
        here=_here(request),
    )


def _here(request: Request[Any, Any, Any]) -> str:
    """This page's address with its query; of an answer to a form the page the form was on.

    Some addresses only take forms: nobody can come back to them.
    """
    if request.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        return f"{request.scope['path']}?{query}" if query else request.scope["path"]
    try:
        page = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return "/"
    return f"{page.path or '/'}?{page.query}" if page.query else page.path or "/"


def render(
    request: Request[Any, Any, Any],
    page: Page,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """The answer with this page; a whole page asked for by htmx comes as its title and main part only.

    htmx 4 says `HX-Request-Type: partial` when it wants a part; `Vary` keeps caches honest.
    """
    renderer: Renderer = request.app.state.renderer
    ui = ui_of(request)
    fragment = Path(page.template).name.startswith("_")
    if not fragment and request.headers.get("hx-request-type") == "partial":
        title = look().titled(renderer.html(page, ui, block="title"))
        html = Markup("<title>{}</title>").format(title) + renderer.html(page, ui, block="main")
    else:
        html = renderer.html(page, ui)
    return Response(
        content=str(html),
        status_code=status,
        media_type="text/html",
        headers={"Vary": "HX-Request-Type", **(headers or {})},
    )


def fragment(request: Request[Any, Any, Any], page: Page) -> Markup:
    """A fragment to put into another answer."""
    renderer: Renderer = request.app.state.renderer
    return renderer.html(page, ui_of(request))
