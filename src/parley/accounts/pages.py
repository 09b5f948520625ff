"""What each account page and fragment shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from parley.accounts.devices import device_name
from parley.accounts.habits import Habits
from parley.lib.db import Row
from parley.web.render import Page

DATE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Moment:
    """A time for machines and, until the browser writes it its own way, for people (UTC)."""

    iso: str
    text: str

    @classmethod
    def of(cls, ms: int) -> Moment:
        """The moment `ms` milliseconds after the epoch."""
        at = datetime.fromtimestamp(ms / 1000, UTC)
        return cls(at.isoformat(timespec="seconds"), at.strftime(DATE))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage(Page):
    """Signing in."""

    template: ClassVar[str] = "accounts/login.html"
    visits: bool = False  # one can try it without an account
    provider: str = ""  # what the button says that leads to the provider
    way: str = ""  # what its address carries beside `next`, as a query
    reopen: bool = False  # an invitation that is only in its link: the button would leave it behind
    passwords: bool = True  # whether the form is shown
    glass: bool = False  # passwords are turned off: the form is the administrators'
    registers: bool = True  # whether one can ask for an account with a password
    takes: bool = True  # a visitor has not said that what they have stays behind
    username: str = ""
    next: str = ""
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingPage(Page):
    """Waiting for an administrator, or what they decided."""

    template: ClassVar[str] = "accounts/pending.html"
    username: str
    waiting: bool
    disabled: bool
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupAccountPage(Page):
    """First run, step 1: the first account."""

    template: ClassVar[str] = "accounts/setup_account.html"
    language: str
    username: str = ""
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupTryPage(Page):
    """First run, step 2: a first answer from the demo."""

    template: ClassVar[str] = "accounts/setup_try.html"
    client_message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupConnectPage(Page):
    """First run, step 3: connect a model, or later."""

    template: ClassVar[str] = "accounts/setup_connect.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One place where a user is signed in."""

    id: int
    device: str
    address: str
    since: Moment
    seen: Moment
    current: bool

    @classmethod
    def of(cls, row: Row, current: int | None) -> SessionRow:
        """A row of `queries.live_sessions`; `current` is the login session that asks."""
        return cls(
            id=row["id"],
            device=device_name(row["agent"]),
            address=row["address"],
            since=Moment.of(row["created_at"]),
            seen=Moment.of(row["seen_at"]),
            current=row["id"] == current,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsPage(Page):
    """Where a user is signed in."""

    template: ClassVar[str] = "accounts/sessions.html"
    sessions: list[SessionRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What is asked before an act that needs it: the password, or, `stale`, to sign in again.

    Then `provider` is what the button says that leads there, "" where that is no way in; `target` is where
    one comes back to.
    """

    target: str = ""
    password: bool = True
    stale: bool = False
    provider: str = ""
    passkeys: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityPage(Page):
    """What an account signs in with."""

    template: ClassVar[str] = "accounts/security/overview.html"
    two_factor: bool
    proof: Proof
    passkeys: list[Credential]
    identities: list[Credential]
    provider: str  # its name on buttons; "" without one
    done: str = ""  # what just happened
    error: str = ""  # why it did not
    removing: str = ""  # the address of what was to go, where `error` is about the password given for it


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A passkey or an identity somebody signs in with."""

    id: int
    name: str
    since: Moment
    used: Moment | None

    @classmethod
    def of(cls, row: Row) -> Credential:
        """A row of a list of keys or identities."""
        used = row["used_at"]
        return cls(
            id=row["id"],
            name=row["name"],
            since=Moment.of(row["created_at"]),
            used=Moment.of(used) if used is not None else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfilePage(Page):
    """One's own account at a glance. `time_zone` "" means `site_zone`, `language` "" the browser's."""

    template: ClassVar[str] = "accounts/profile.html"
    username: str
    admin: bool
    group: str
    since: Moment
    language: str
    time_zone: str
    site_zone: str
    zones: tuple[str, ...]
    saved: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage(Page):
    """Changing one's password."""

    template: ClassVar[str] = "accounts/password.html"
    has_password: bool = True
    done: bool = False
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HabitsPage(Page):
    """How the pages behave for this person. The choices are (value, label, explanation)."""

    template: ClassVar[str] = "accounts/preferences.html"
    habits: Habits
    enter: list[tuple[str, str, str]]
    density: list[tuple[str, str, str]]
    saved: bool = False
    error: str = ""
