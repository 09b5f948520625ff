"""The settings about how the site looks and greets. Pure; settings/look.py puts them in force."""

from __future__ import annotations

import re

from parley.settings.catalogue import CARDS, declared, text
from parley.web.i18n import N_

CARDS["branding"] = N_("Branding")
MOST_STARTERS = 4


def is_colour(text: str) -> bool:
    """Whether it is a colour as we store it: "#2266aa", or "" for our own."""
    return not text or re.fullmatch("#[0-9A-Fa-f]{6}", text) is not None


def starters_of(text: str) -> tuple[str, ...]:
    """The questions of a setting, one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


NAME = declared(
    text(
        "branding.name",
        N_("Name"),
        N_("In the sidebar, in titles of pages and of the installed app."),
        40,
        default="Parley",
    )
)
LETTER = declared(
    text(
        "branding.letter", N_("Mark"), N_("One or two characters instead of the drawing before the name."), 2
    )
)
ACCENT = declared(
    text(
        "branding.accent",
        N_("Accent colour"),
        N_("Like #2266aa, for buttons and links. It is made darker or lighter where it could not be read."),
        7,
        kind="colour",
        rule=(is_colour, N_("Six digits behind a #, like #2266aa.")),
    )
)
GREETING = declared(
    text(
        "branding.greeting",
        N_("Greeting"),
        N_("Above a new chat. {user} is the name of whoever reads it."),
        200,
    )
)
STARTERS = declared(
    text(
        "branding.starters",
        N_("Starters"),
        N_("First questions offered in a new chat: one a line, at most four."),
        800,
        kind="long",
        rule=(lambda text: len(starters_of(text)) <= MOST_STARTERS, N_("At most four lines.")),
    )
)
LOGIN_TEXT = declared(
    text("branding.login_text", N_("Text of the sign-in page"), N_("Above the fields."), 500, kind="long")
)
FOOTER = declared(text("branding.footer", N_("Footer"), N_("Below the sign-in page and shared pages."), 300))
