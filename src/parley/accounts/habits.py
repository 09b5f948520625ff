"""How the pages behave for one person, as they chose it; kept in `user_account.preferences`. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from parley.lib.errors import Invalid
from parley.web.i18n import N_, _


class Habits(msgspec.Struct, frozen=True, omit_defaults=True):
    """The choices of a person; the defaults are what most people expect."""

    enter: Literal["send", "ctrl"] = "send"  # what sends: Enter, or Ctrl+Enter
    density: Literal["comfortable", "snug"] = "comfortable"
    reasoning: Literal["open", "closed"] = "open"  # the fold while a model thinks
    notify: bool = False  # tell me when an answer ends in a hidden tab
    aloud: bool = False  # finished sentences are said to screen readers
    theme: Literal["", "auto", "light", "dark"] = ""  # of browsers that chose none, "" as the system


DEFAULTS = Habits()
ENTER = (
    ("send", N_("Enter sends"), N_("Shift+Enter begins a new line.")),
    ("ctrl", N_("Ctrl+Enter sends"), N_("Enter begins a new line. On a Mac it is ⌘+Enter.")),
)
DENSITY = (("comfortable", N_("Comfortable"), ""), ("snug", N_("Snug"), N_("Smaller text, wider lines.")))


def stored_habits(text: str) -> Habits:
    """What is kept in the column; anything that is no such thing (a newer version's) means the defaults."""
    try:
        return msgspec.json.decode(text or "{}", type=Habits)
    except msgspec.DecodeError:
        return Habits()


def to_store(habits: Habits) -> str:
    """For the column."""
    return msgspec.json.encode(habits).decode()


def typed_habits(typed: dict[str, str]) -> Habits:
    """The choices of the form, where an unticked switch is absent; raises Invalid for what nobody offers."""
    fields: dict[str, object] = {name: typed[name] for name in ("enter", "density") if name in typed}
    fields |= {name: name in typed for name in ("notify", "aloud")}
    fields["reasoning"] = "open" if "reasoning" in typed else "closed"
    try:
        return msgspec.convert(fields, Habits)
    except msgspec.ValidationError:
        raise Invalid(_("Choose one of the offered values.")) from None
