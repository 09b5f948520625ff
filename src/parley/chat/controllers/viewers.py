"""The two dialogs that show something of an answer in full, asked for with the first press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from litestar import Controller, Request, Response, get

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
    """`/f/viewer`; what is shown is already on the page, so nothing is named here."""

    path = "/f/viewer"

    @get("/preview", sync_to_thread=False)
    def preview(self, request: Request[Any, Any, Any]) -> Response[str]:
        """The dialog of js/features/preview.js."""
        return render(request, PreviewFragment())

    @get("/pictures", sync_to_thread=False)
    def pictures(self, request: Request[Any, Any, Any]) -> Response[str]:
        """The dialog of js/features/lightbox.js."""
        return render(request, PicturesFragment())
