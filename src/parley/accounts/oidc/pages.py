"""What the pages about the provider show."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from parley.settings import signing
from parley.settings.catalogue import Setting, Values
from parley.web.i18n import _
from parley.web.render import Page

FIELDS: tuple[Setting[str], ...] = (
    signing.ISSUER,
    signing.CLIENT_ID,
    signing.SCOPES,
    signing.LABEL,
    signing.USERNAME_CLAIM,
    signing.ADMIN_RULE,
    signing.DOMAINS,
    signing.ACCOUNTS,
    signing.PASSWORDS,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting as it is drawn."""

    key: str
    label: str
    hint: str
    value: str
    error: str
    choices: list[tuple[str, str]]
    pinned: bool

    @classmethod
    def of(cls, setting: Setting[str], values: Values, typed: dict[str, str], error: str) -> Field:
        """A setting with what was typed, else what holds."""
        return cls(
            key=setting.key,
            label=_(setting.label),
            hint=_(setting.help),
            value=typed.get(setting.key, values[setting]),
            error=error,
            choices=[(value, _(label)) for value, label in setting.choices],
            pinned=values.is_pinned(setting.key),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """Somebody with a second factor."""

    id: int
    username: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage(Page):
    """How people sign in here, for administrators."""

    template: ClassVar[str] = "accounts/security/admin.html"
    fields: list[Field]
    redirect_uri: str
    has_secret: bool
    ready: bool
    people: list[Protected]
    more: int = 0  # people behind this one have a second factor too
    saved: bool = False
    refused: bool = False
    secret_error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPage(Page):
    """What the provider said about the administrator who tried, and what it would mean."""

    template: ClassVar[str] = "accounts/security/test.html"
    error: str = ""
    username: str = ""
    role: str = ""
    outcome: str = ""
    claims: list[tuple[str, str]] = field(default_factory=list)


def listed(claims: dict[str, Any]) -> list[tuple[str, str]]:
    """Claims as words, in their order; what is no text as the provider wrote it, in JSON."""
    return [
        (name[:100], value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for name, value in claims.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePage(Page):
    """On to the provider: a link, because forms may lead to no other site."""

    template: ClassVar[str] = "accounts/security/leave.html"
    address: str
    label: str
