"""What the pages about deleting accounts show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.accounts.pages import Proof
from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionPage(Page):
    """Whose accounts are about to be deleted, and what is to become of their things."""

    template: ClassVar[str] = "admin/leaving/delete.html"
    ids: str
    names: list[str]
    chats: str
    files: str
    word: str  # what to type: the name, or how many
    typed: str = ""
    hand_over: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDeletionPage(Page):
    """Deleting one's own account."""

    template: ClassVar[str] = "admin/leaving/own.html"
    chats: str
    files: str
    proof: Proof
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
