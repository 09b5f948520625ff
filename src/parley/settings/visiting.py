"""The settings about people without an account. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, choice, declared, number
from parley.web.i18n import N_

CARDS["visitors"] = N_("Visitors")

VISITORS = declared(
    choice(
        "visitors.mode",
        "off",
        N_("Trying it without an account"),
        N_(
            "Visitors chat with the models they may use and see nothing but their own chats. Turned off, they"
            " are out at once; turned on again, they find their chats, as long as those are kept."
        ),
        (("off", N_("Not possible")), ("on", N_("Possible for everybody"))),
    )
)
RETENTION = declared(
    number(
        "visitors.retention_days", 15, 1, 365, whole=True,
        words=(
            N_("Visitors' chats are kept"),
            N_("After the last visit. Then the visitor is deleted with everything of theirs."),
            N_("days"),
        ),
    )
)  # fmt: skip
