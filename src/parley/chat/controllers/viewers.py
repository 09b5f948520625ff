"""The two dialogs that show something of an answer in full, asked for with the first press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency

from parley.accounts.actor import Actor
from parley.accounts.guards import FOR_VISITORS
from parley.web.render import Page, render


@dataclass(frozen=True, kw_only=True)
class PreviewFragment(Page):
    """Around the sandboxed frame in which HTML and SVG of an answer run."""

    template: ClassVar[str] = "chat/_preview.html"


@dataclass(frozen=True, kw_only=True)
class PicturesFragment(Page):
    """Around one picture of the chat."""

    template: ClassVar[str] = "chat/_lightbox.html"


class ViewerController(Controller):
    """`/f/viewer`; what is shown is already on the page, so nothing is named here.

    For people who are signed in like every page of the chat: shared pages have no dialogs.
    """

    path = "/f/viewer"
    opt = FOR_VISITORS

    @get("/preview")
    async def preview(self, request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[str]:
        """The dialog of js/features/preview.js."""
        return render(request, PreviewFragment())

    @get("/pictures")
    async def pictures(self, request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[str]:
        """The dialog of js/features/lightbox.js."""
        return render(request, PicturesFragment())
