"""What the page about groups shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from parley.web.render import Page


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group with how many people are in it."""

    id: int
    name: str
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupsPage(Page):
    """All groups. `faulty` is the one whose new name does not do (0: the new group)."""

    template: ClassVar[str] = "accounts/groups.html"
    groups: list[GroupRow]
    typed: str = ""
    error: str = ""
    faulty: int = 0
