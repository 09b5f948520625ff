"""The settings about logs. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, choice, declared
from parley.web.i18n import N_

CARDS["logging"] = N_("Logging")
LEVELS = (
    ("", N_("As PARLEY_LOG_LEVEL says")),
    ("debug", N_("Everything")),
    ("info", N_("What happens")),
    ("warning", N_("What is odd")),
    ("error", N_("What failed")),
)

LEVEL = declared(
    choice(
        "logging.level",
        "",
        N_("Level"),
        N_("What the logs hold, within 30 seconds in every process."),
        LEVELS,
    )
)
