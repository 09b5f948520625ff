"""The settings about how long things are kept. Pure."""

from __future__ import annotations

from dataclasses import replace

from parley.settings.catalogue import CARDS, declared, number
from parley.web.i18n import N_

CARDS["retention"] = N_("Data and retention")
DAYS = N_("days")

DELETED_HOURS = declared(
    number(
        "retention.deleted", 1, 1, 8_760, whole=True,
        words=(
            N_("Deleted chats"), N_("How long they are kept out of sight before they are gone."), N_("hours"),
        ),
    )
)  # fmt: skip
TEMPORARY_MINUTES = declared(
    number(
        "retention.temporary", 30, 1, 1_440, whole=True,
        words=(
            N_("Temporary chats"),
            N_("How long one lives without a question or an open page."),
            N_("minutes"),
        ),
    )
)  # fmt: skip
IDLE_DAYS = declared(
    number(
        "retention.idle", 0, 0, 36_500, whole=True,
        words=(
            N_("Unused chats"),
            N_("Deleted when nothing was said for so long. Pinned chats stay. 0 keeps them for ever."),
            DAYS,
        ),
    )
)  # fmt: skip
ARCHIVED_DAYS = declared(
    number(
        "retention.archived", 0, 0, 36_500, whole=True,
        words=(
            N_("Archived chats"),
            N_("Deleted so long after they were archived. Pinned chats stay. 0 keeps them for ever."),
            DAYS,
        ),
    )
)  # fmt: skip
HISTORY_DAYS = declared(
    number(
        "retention.settings", 365, 1, 36_500, whole=True,
        words=(N_("History of settings"), N_("How long changes of settings can be undone."), DAYS),
    )
)  # fmt: skip
SHORTEST_AUDIT = 90  # days


def is_audit_time(days: int) -> bool:
    """Whether so many days leave enough of a log to find out what somebody did."""
    return not days or days >= SHORTEST_AUDIT


AUDIT_DAYS = declared(
    replace(
        number(
            "retention.audit", 0, 0, 36_500, whole=True,
            words=(
                N_("Audit log"),
                N_("How long entries are kept. The rest can still be checked. 0 keeps them for ever."),
                DAYS,
            ),
        ),
        fits=is_audit_time,
        advice=N_("0, or at least 90 days."),
    )
)  # fmt: skip
