"""What the pages about second factors show."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.accounts.pages import Proof
from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage(Page):
    """The second step of signing in."""

    template: ClassVar[str] = "accounts/security/code.html"
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoFactorPage(Page):
    """Turning it on and off. `secret` waits for its first code; `recovery` are shown this once."""

    template: ClassVar[str] = "accounts/security/twofactor.html"
    on: bool = False
    codes_left: int = 0
    proof: Proof = Proof()  # noqa: RUF009  frozen
    secret: str = ""
    picture: str = ""
    recovery: list[str] = field(default_factory=list)
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
