"""The words of the pages about people, in the reader's language."""

from __future__ import annotations

import re

from parley.web.i18n import N_, _, ngettext

_STATUSES = (
    ("pending", N_("Waiting")),
    ("active", N_("Active")),
    ("disabled", N_("Disabled")),
    ("rejected", N_("Declined")),
)
_ROLES = (("user", N_("User")), ("admin", N_("Administrator")))
# What a person's page says after a verb.
_DONE = {
    "approval": N_("Approved. They can sign in now."),
    "rejection": N_("Declined."),
    "disabling": N_("Disabled. What they had open has ended."),
    "enabling": N_("Enabled. They have to sign in again."),
    "promotion": N_("They administer this site now."),
    "demotion": N_("They are an ordinary user now."),
    "sign-out": N_("Signed out everywhere."),
    "group": N_("Moved."),
    "created": N_("The account is made."),
}


def statuses() -> list[tuple[str, str]]:
    """Value and label of each status."""
    return [(value, _(label)) for value, label in _STATUSES]


def roles() -> list[tuple[str, str]]:
    """Value and label of each role."""
    return [(value, _(label)) for value, label in _ROLES]


def done(verb: str) -> str:
    """What is said after a verb; "" for none."""
    return _(_DONE[verb]) if verb in _DONE else ""


def bulk_done(told: str) -> str:
    """What is said after a decision about several, told as "verb-done-left" in the address."""
    found = re.fullmatch(r"[a-z]+-([0-9]{1,4})-([0-9]{1,4})", told)
    if not found:
        return ""
    n, left = int(found[1]), int(found[2])
    said = ngettext("Done for %(n)s person.", "Done for %(n)s people.", n)
    if not left:
        return said
    rest = ngettext(
        "For %(n)s it could not be done: their status does not allow it, or it is you.",
        "For %(n)s it could not be done: their status does not allow it, or it is you.",
        left,
    )
    return f"{said} {rest}"
