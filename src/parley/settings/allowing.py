"""The settings about how fast somebody may ask. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, declared, number
from parley.web.i18n import N_

CARDS["limits"] = N_("Limits")

PER_MINUTE = declared(
    number(
        "limits.per_minute", 20, 0, 10_000, whole=True,
        words=(
            N_("Questions per minute"),
            N_("Of one person. Retries and continuations count too. 0 is without limit."),
            "",
        ),
    )
)  # fmt: skip
CONCURRENT = declared(
    number(
        "limits.concurrent", 3, 0, 1000, whole=True,
        words=(N_("Answers at the same time"), N_("Of one person. 0 is without limit."), ""),
    )
)  # fmt: skip
SET_ASIDE = declared(
    number(
        "limits.set_aside", 4_000, 1, 1_000_000, whole=True,
        words=(
            N_("Tokens set aside for an answer"),
            N_(
                "Held back from allowances in tokens and money while it is written, or what its model can"
                " write at most where that is less; what it did not take is given back at its end."
            ),
            "",
        ),
    )
)  # fmt: skip
