"""Whether a trace is taken of a question, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from parley.settings.catalogue import Values
from parley.settings.tracing import BY_DEFAULT, CAPTURE, WHO

EXPLICIT, STANDARD = "explicit", "standard"


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and the word for why.

    `reason` of a yes: always, asked, default; of a no: disabled, not_allowed, opted_out, not_asked.
    """

    taken: bool
    reason: str
    level: str = STANDARD


def decide(values: Values, *, admin: bool, wanted: bool | None) -> Decision:
    """Whether somebody's question is traced; `wanted` None is a question that does not say."""
    if values[CAPTURE] == "off":
        return Decision(False, "disabled")
    if not admin and values[WHO] == "admins":
        return Decision(False, "not_allowed")
    level = EXPLICIT if wanted else STANDARD
    if values[CAPTURE] == "always":
        return Decision(True, "always", level)
    if wanted is None:
        return Decision(True, "default") if values[BY_DEFAULT] else Decision(False, "not_asked")
    return Decision(True, "asked", EXPLICIT) if wanted else Decision(False, "opted_out")


def may_choose(values: Values, *, admin: bool) -> bool:
    """Whether somebody is offered the switch."""
    return values[CAPTURE] == "request" and (admin or values[WHO] == "everybody")
