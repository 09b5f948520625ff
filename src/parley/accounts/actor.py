"""Who makes a request, and what that alone allows."""

from __future__ import annotations

from dataclasses import dataclass

from parley.accounts.habits import DEFAULTS, Habits


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user, as the database knew them when the request began."""

    id: int
    username: str
    role: str  # "admin", "user" or "visitor"
    status: str  # "pending", "active", "disabled" or "rejected"
    session: int | None  # the login session row this request rests on
    ver: int
    language: str  # "" follows the browser
    habits: Habits = DEFAULTS
    time_zone: str = ""  # IANA name, "" takes the site's
    avatar: int | None = None  # the picture of their face
    assistant_avatar: int | None = None  # the picture beside answers, the same for everybody
    kept_days: int = 0  # of a visitor: how long after the last visit their things stay

    @property
    def is_admin(self) -> bool:
        """Whether this is an administrator who may act."""
        return self.role == "admin" and self.can_use

    @property
    def can_use(self) -> bool:
        """Whether the account is approved and not disabled."""
        return self.status == "active"

    @property
    def is_visitor(self) -> bool:
        """Whether this is somebody without an account, who has no name either."""
        return self.role == "visitor"
