"""The filter of the list as an address carries it, there and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from parley.lib.errors import Invalid
from parley.traces.queries import Filter
from parley.traces.story import STATUSES
from parley.web.i18n import N_, _

HOUR = 60 * 60 * 1000  # ms
LONGEST = 100  # characters of a word that is looked for
PERIODS = (
    ("", N_("Any time")),
    ("1", N_("Last hour")),
    ("24", N_("Last 24 hours")),
    ("168", N_("Last 7 days")),
)
LENGTHS = (
    ("", N_("Any length")),
    ("2", N_("Over 2 s")),
    ("10", N_("Over 10 s")),
    ("60", N_("Over a minute")),
)
NAMES = ("status", "q", "user", "model", "connection", "chat", "hours", "slower")


def typed(query: Mapping[str, str]) -> dict[str, str]:
    """What the form holds, by its names."""
    return {name: query.get(name, "").replace("\0", "").strip()[:LONGEST] for name in NAMES}


def filter_of(given: Mapping[str, str], now: int) -> Filter:
    """What the list shows; raises Invalid for a number that is none."""
    status = given.get("status", "")
    if status and status not in STATUSES:
        raise Invalid(_("There is no status “%(status)s”.", status=status[:20]))
    hours, slower = _number(given, "hours"), _number(given, "slower")
    return Filter(
        status=status,
        user=given.get("user", ""),
        model=given.get("model", ""),
        connection=given.get("connection", ""),
        conversation=_number(given, "chat"),
        since=None if hours is None else max(0, now - hours * HOUR),
        slower=None if slower is None else slower * 1000,
        text=given.get("q", ""),
    )


def as_query(given: Mapping[str, str], **more: object) -> str:
    """The same as the end of an address, "?" with it; "" for nothing."""
    pairs = {**given, **{name: str(value) for name, value in more.items()}}
    text = urlencode({name: value for name, value in pairs.items() if value})
    return f"?{text}" if text else ""


def _number(given: Mapping[str, str], name: str) -> int | None:
    value = given.get(name, "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise Invalid(_("“%(value)s” is not a number.", value=value[:20]))
    return int(value)
