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


def is_mark(text: str) -> bool:
    """Whether it could be the id of a picture (files/sitemarks.py), or "" for none."""
    return not text or re.fullmatch("[0-9a-f]{16}(-light|-dark)?", text) is not None


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
MARK = declared(
    text(
        "branding.mark",
        N_("Picture as mark"),
        N_(
            "In place of the letters, and as icon of the browser and of the installed app. PNG, JPEG or WebP"
            " of at most 1 MB, its middle is cut to a square. It is used as soon as it is chosen."
        ),
        24,
        kind="picture",
        rule=(is_mark, N_("The id of a picture that was uploaded here.")),
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
