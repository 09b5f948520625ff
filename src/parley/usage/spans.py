"""Days as the reader's calendar has them, and what they are in the database's milliseconds. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

SLOT = 15 * 60 * 1000  # ms; every zone's offset is a multiple of it
HOUR = 4 * SLOT
DAY = 24 * HOUR
LONGEST = 366  # days
RANGES = (7, 30, 90)
_FIRST = date(1970, 1, 1).toordinal()

Offsets = tuple[tuple[int, int], ...]  # (from when on, ms that local time is ahead), both ms


@dataclass(frozen=True, slots=True)
class Span:
    """Some whole days in a time zone; `first` and `last` are both part of it."""

    first: date
    last: date
    zone: tzinfo

    @property
    def low(self) -> int:
        """When the first day begins, ms."""
        return _midnight(self.first, self.zone)

    @property
    def high(self) -> int:
        """When the last day is over, ms; not part of it."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(count)]

    @property
    def offsets(self) -> Offsets:
        """How local time stands to UTC within it, from its beginning on; more than one when clocks change."""
        return _offsets(self)

    @property
    def by_the_hour(self) -> bool:
        """Whether all its days begin on an hour of UTC."""
        return all(ahead % HOUR == 0 for _since, ahead in self.offsets)

    @property
    def parted_hours(self) -> list[int]:
        """The hours of UTC, as their beginnings, in which one day ends and another begins."""
        days = [*self.days, self.last + timedelta(days=1)] if not self.by_the_hour else []
        begun = (_midnight(day, self.zone) for day in days)
        return sorted({at - at % HOUR for at in begun if at % HOUR})

    @property
    def zone_name(self) -> str:
        """Its IANA name."""
        return str(self.zone)


def span_of(zone: tzinfo, now: int, *, days: int = 30, first: str = "", last: str = "") -> Span:
    """The days from `first` to `last` (YYYY-MM-DD), or the last `days` up to today.

    What is no date counts as not given; a range is turned round, cut to LONGEST days, and never empty.
    """
    today = datetime.fromtimestamp(now / 1000, zone).date()
    end = _date(last) or today
    begin = _date(first) or end - timedelta(days=max(1, min(days, LONGEST)) - 1)
    begin, end = min(begin, end), max(begin, end)
    return Span(max(begin, end - timedelta(days=LONGEST - 1)), end, zone)


def day_of(number: int) -> date:
    """The date of a number of days since 1970."""
    return date.fromordinal(_FIRST + number)


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """The time zone of that IANA name; UTC when there is none."""
    try:
        return ZoneInfo(name or "UTC")
    except (OSError, ValueError, LookupError):
        return ZoneInfo("UTC")


def whole_days(low: int, high: int) -> tuple[int, int]:
    """The days in UTC that lie wholly between two times; both equal when there is none."""
    first, last = -(-low // DAY) * DAY, high // DAY * DAY
    return (first, last) if first < last else (low, low)


@lru_cache(maxsize=64)
def _offsets(span: Span) -> Offsets:
    found = [(span.low, _ahead(span.low, span.zone))]
    for day in span.days:
        if _ahead(_midnight(day + timedelta(days=1), span.zone), span.zone) != found[-1][1]:
            found += _changes(_midnight(day, span.zone), found[-1][1], span.zone)
    return tuple(found)


def _midnight(day: date, zone: tzinfo) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)


def _ahead(at: int, zone: tzinfo) -> int:
    offset = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone).utcoffset()
    return round(offset.total_seconds() * 1000) if offset else 0


def _changes(begin: int, ahead: int, zone: tzinfo) -> list[tuple[int, int]]:
    """When clocks change in the 25 hours from `begin` on."""
    found = []
    for at in range(begin, begin + DAY + HOUR + SLOT, SLOT):
        if (now := _ahead(at, zone)) != ahead:
            found.append((at, now))
            ahead = now
    return found


def _date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1971 <= day.year <= 9000 else None
