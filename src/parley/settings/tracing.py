"""The settings about traces: when they are taken, by whom, how long they are kept. Pure."""

from __future__ import annotations

from parley.settings.catalogue import CARDS, choice, declared, flag, number
from parley.web.i18n import N_

CARDS["traces"] = N_("Traces")

CAPTURE = declared(
    choice(
        "traces.capture",
        "request",
        N_("Take traces"),
        N_("A trace tells step by step how an answer came about. It keeps the beginnings of messages."),
        (
            ("off", N_("Never")),
            ("request", N_("When the person who asks wants one")),
            ("always", N_("Always")),
        ),
    )
)
WHO = declared(
    choice(
        "traces.who",
        "admins",
        N_("Whose questions"),
        N_("Who may have traces taken of their questions. Everybody sees only their own."),
        (("admins", N_("Administrators")), ("everybody", N_("Everybody"))),
    )
)
BY_DEFAULT = declared(
    flag(
        "traces.default",
        False,
        N_("Switched on in a new message"),
        N_("The state of the switch beside the message, and of questions of programs that do not say."),
    )
)
RETENTION = declared(
    number(
        "traces.retention", 7, 1, 365, whole=True,
        words=(N_("Kept for"), N_("Older traces are deleted by themselves."), N_("days")),
    )
)  # fmt: skip
MOST_EVENTS = declared(
    number(
        "traces.events", 2000, 100, 200_000, whole=True,
        words=(N_("Steps kept"), N_("Of one trace. What happens after that is not noted."), ""),
    )
)  # fmt: skip
