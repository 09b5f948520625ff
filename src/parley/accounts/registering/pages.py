"""What the page of registration shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from parley.web.render import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage(Page):
    """Asking for an account; `sentence` says what the rules of the site make of it."""

    template: ClassVar[str] = "accounts/register.html"
    sentence: str
    shut: bool = False  # nothing that could be typed would help
    provider: str = ""  # what the button says with which an invited person signs in at the provider
    pattern: str = ""  # the site's own rule of names, "" the usual one
    invite: str = ""
    kept: bool = False  # a visitor whose chats stay
    username: str = ""
    error: str = ""
    errors: dict[str, str] = field(default_factory=dict)
