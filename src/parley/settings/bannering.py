"""The settings of the notice on every page. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, choice, declared, text
from parley.web.i18n import N_

CARDS["banner"] = N_("Notice on every page")

TEXT = declared(
    text(
        "banner.text",
        N_("Text"),
        N_("“Tonight from 22:00 this site is away for an hour.” Everybody sees it until they close it."),
        300,
        kind="long",
    )
)
LEVEL = declared(
    choice(
        "banner.level",
        "info",
        N_("Kind"),
        N_("How it is drawn."),
        (("info", N_("Information")), ("warn", N_("Warning")), ("bad", N_("Trouble"))),
    )
)
