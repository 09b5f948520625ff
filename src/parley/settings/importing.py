"""The settings about imports. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, declared, number
from parley.web.i18n import N_

CARDS["imports"] = N_("Imports")

LARGEST_MB = declared(
    number(
        "imports.largest", 2_048, 1, 100_000, whole=True,
        words=(N_("Largest export"), N_("Of one file that is brought from another service."), N_("MB")),
    )
)  # fmt: skip
