"""The settings about the way between browsers and this site. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, declared, number
from parley.web.i18n import N_

CARDS["network"] = N_("Network")

HEARTBEAT_SECONDS = declared(
    number(
        "network.heartbeat", 15, 1, 120, whole=True,
        words=(
            N_("Sign of life"),
            N_("How often a silent stream says that it lives. Proxies end silent ones, often after 60 s."),
            N_("seconds"),
        ),
    )
)  # fmt: skip
