"""What the pages of files show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class FacePage(Page):
    """`/account/avatar` and `/admin/assistant`: a picture to show, change or take off."""

    template: ClassVar[str] = "files/face.html"
    title: str
    lead: str
    path: str
    face: int | None
    initial: str  # shown where there is no picture; "" shows our mark
    error: str = ""
    saved: bool = False
