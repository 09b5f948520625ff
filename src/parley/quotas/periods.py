"""Days, weeks and months in a person's time zone, as stretches of milliseconds. Pure.

A day begins with the first instant of its date, wherever clocks are put forward over midnight (PEP 495,
`fold=0`: the offset from before the change). Weeks begin on Mondays (ISO 8601), months on the first.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from parley.web.i18n import N_

PERIODS = (("day", N_("Day")), ("week", N_("Week")), ("month", N_("Month")))


class Stretch(NamedTuple):
    """From `start` on and before `end`; milliseconds since the epoch."""

    start: int
    end: int


def period_of(period: str, now: int, zone: str) -> Stretch:
    """The day, week or month `now` lies in, in the IANA zone `zone` (UTC where nobody knows that name)."""
    known = _zone(zone)
    first = _first_day(period, _local(now, known).date())
    return Stretch(_beginning(first, known), _beginning(_next(period, first), known))


def clock_of(moment: int, zone: str) -> str:
    """The time of a moment on the clocks of `zone`: 00:00."""
    return f"{_local(moment, _zone(zone)):%H:%M}"


def date_of(moment: int, zone: str) -> str:
    """The date of a moment in `zone` (ISO 8601)."""
    return f"{_local(moment, _zone(zone)):%Y-%m-%d}"


def _local(moment: int, zone: ZoneInfo) -> datetime:
    # Whole seconds: a float of milliseconds may round into the next day.
    return datetime.fromtimestamp(moment // 1000, zone)


def _first_day(period: str, day: date) -> date:
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def _next(period: str, first: date) -> date:
    if period == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if period == "week" else 1)


def _beginning(day: date, zone: ZoneInfo) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int(midnight.astimezone(UTC).timestamp()) * 1000


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, OSError, LookupError):  # no such zone, or no name of one
        return ZoneInfo("UTC")
