"""What the administrators' pages about people show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.accounts.pages import Moment
from parley.accounts.people.queries import Search
from parley.lib.db import Row
from parley.web.render import Page

Choice = tuple[str, str]  # value, label


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """One account in the list."""

    id: int
    username: str
    role: str
    status: str
    reason: str
    group: str
    since: Moment
    seen: Moment | None
    own: bool
    avatar: int | None

    @classmethod
    def of(cls, row: Row, own: int) -> UserRow:
        """A row of `queries.person`; `own` is the administrator who looks."""
        seen = row["last_seen_at"]
        return cls(
            id=row["id"],
            username=row["username"],
            role=row["role"],
            status=row["status"],
            reason=row["status_reason"],
            group=row["group_name"] or "",
            since=Moment.of(row["created_at"]),
            seen=Moment.of(seen) if seen is not None else None,
            own=row["id"] == own,
            avatar=row["avatar"],
        )

    @property
    def admin(self) -> bool:
        """Whether they administer."""
        return self.role == "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersPage(Page):
    """All accounts: those who wait, then the others, or those that were looked for."""

    template: ClassVar[str] = "accounts/users.html"
    waiting: list[UserRow]
    others: list[UserRow]
    search: Search
    statuses: list[Choice]
    roles: list[Choice]
    groups: list[Choice]
    more_waiting: bool
    next_href: str
    said: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFragment(Page):
    """One account after a decision."""

    template: ClassVar[str] = "accounts/_user.html"
    user: UserRow


@dataclass(frozen=True, slots=True, kw_only=True)
class UserPage(Page):
    """One account and all that can be decided about it."""

    template: ClassVar[str] = "accounts/user.html"
    user: UserRow
    group_id: str
    groups: list[Choice]
    devices: int
    said: str = ""
    link: str = ""  # to set a password, shown this once
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUserPage(Page):
    """Making an account for somebody."""

    template: ClassVar[str] = "accounts/user_new.html"
    roles: list[Choice]
    statuses: list[Choice]
    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPage(Page):
    """Setting a new password by a link."""

    template: ClassVar[str] = "accounts/reset.html"
    username: str = ""
    token: str = ""
    done: bool = False
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
