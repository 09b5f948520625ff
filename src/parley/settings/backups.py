"""The settings about backups. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, declared, number
from parley.web.i18n import N_

CARDS["backups"] = N_("Backups")

EVERY_HOURS = declared(
    number(
        "backups.every_hours", 0, 0, 720, whole=True,
        words=(N_("Back up every"), N_("By itself, in the background. 0 turns it off."), N_("hours")),
    )
)  # fmt: skip
KEEP = declared(
    number(
        "backups.keep", 7, 1, 365, whole=True,
        words=(N_("Backups kept"), N_("Of those made by themselves; the oldest make room."), ""),
    )
)  # fmt: skip
