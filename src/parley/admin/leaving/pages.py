"""What the pages about deleting accounts show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from parley.accounts.actor import Actor
from parley.accounts.pages import Proof
from parley.accounts.proving import proof_of
from parley.admin.leaving import queries
from parley.web.i18n import ngettext
from parley.web.render import Page

if TYPE_CHECKING:
    from parley.resources import Resources

OWN = "/account/deletion"


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


async def own_page(
    resources: Resources, actor: Actor, *, error: str = "", errors: dict[str, str] | None = None
) -> OwnDeletionPage:
    """What would go, and how the actor shows that it is them."""
    chats, files = counted(*await queries.holdings(resources.db, [actor.id]))
    proof = await proof_of(resources, actor, OWN)
    return OwnDeletionPage(chats=chats, files=files, proof=proof, error=error, errors=errors or {})


def counted(chats: int, files: int) -> tuple[str, str]:
    """Both in words."""
    return ngettext("%(n)s chat", "%(n)s chats", chats), ngettext("%(n)s file", "%(n)s files", files)
