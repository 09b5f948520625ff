"""What the page of invitations shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.accounts.pages import Moment
from parley.lib.db import Row
from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationRow:
    """One link, without its token."""

    id: int
    admin: bool
    note: str
    used: int
    uses: int
    maker: str
    made: Moment
    expires: Moment
    state: str  # "usable", "spent", "expired" or "revoked"

    @classmethod
    def of(cls, row: Row, now: int) -> InvitationRow:
        """A row of `queries.page`."""
        state = "spent" if row["used"] >= row["uses"] else "usable"
        if row["expires_at"] <= now:
            state = "expired"
        if row["revoked_at"] is not None:
            state = "revoked"
        return cls(
            id=row["id"],
            admin=row["role"] == "admin",
            note=row["note"],
            used=row["used"],
            uses=row["uses"],
            maker=row["maker"] or "",
            made=Moment.of(row["created_at"]),
            expires=Moment.of(row["expires_at"]),
            state=state,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A new link, shown once: the address, and the same as a picture for a camera (a data: URL)."""

    address: str
    picture: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsPage(Page):
    """All links, and a form for another."""

    template: ClassVar[str] = "accounts/invitations.html"
    invitations: list[InvitationRow]
    before: int = 0  # where the next page begins, 0 on the last
    sentence: str = ""  # why a link would not help now
    link: Link | None = None
    typed: dict[str, str] = field(default_factory=dict)
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
