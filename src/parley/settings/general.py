"""The settings about the whole site: where it is reached, its language, its time. Pure."""

from __future__ import annotations

import re
from zoneinfo import available_timezones

from parley.settings.catalogue import CARDS, choice, declared, text
from parley.web.i18n import N_

CARDS["general"] = N_("General")
LANGUAGES = (("", N_("As the browser asks")), ("en", "English"), ("zh", "简体中文"))

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~-]+)*")


def is_origin(text: str) -> bool:
    """Whether links can begin with it."""
    return not text or _ORIGIN.fullmatch(text) is not None


def is_zone(text: str) -> bool:
    """Whether it is a name of the IANA time zone database; "" is none of one's own."""
    return not text or text in available_timezones()


ORIGIN = declared(
    text(
        "general.origin",
        N_("Public address"),
        N_("What links to shared pages begin with, like https://chat.example.org. Empty: as it is reached."),
        200,
        kind="origin",
        rule=(is_origin, N_("It begins with https:// or http:// and has no slash at its end.")),
    )
)
LANGUAGE = declared(
    choice(
        "general.language",
        "",
        N_("Language"),
        N_("For everybody who chose none."),
        LANGUAGES,
    )
)
TIME_ZONE = declared(
    text(
        "general.time_zone",
        N_("Time zone"),
        N_("Days of quotas and figures begin there at midnight for people who chose none. Europe/Vienna."),
        64,
        default="UTC",
        rule=(is_zone, N_("A name like Europe/Vienna or Asia/Shanghai.")),
    )
)
