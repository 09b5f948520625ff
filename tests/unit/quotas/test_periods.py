"""Where days, weeks and months begin, wherever clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parley.quotas.periods import clock_of, date_of, period_of

ZONES = (
    "UTC", "Europe/Vienna", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Beirut",
    "America/Havana", "Pacific/Apia", "Africa/Cairo", "America/Asuncion", "Europe/Berlin",
    "America/Santiago", "Asia/Kathmandu",
)  # fmt: skip
moments = st.integers(946_684_800_000, 4_102_444_800_000)  # the years 2000 to 2099
DAY = 86_400_000


def at(text: str, zone: str = "UTC") -> int:
    """Milliseconds of a local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000


def local(moment: int, zone: str) -> date:
    return datetime.fromtimestamp(moment // 1000, UTC).astimezone(ZoneInfo(zone)).date()


@settings(max_examples=300, deadline=None)
@given(moments, st.sampled_from(ZONES), st.sampled_from(["day", "week", "month"]))
def test_periods_follow_each_other_without_gap_or_overlap(now: int, zone: str, period: str) -> None:
    start, end = period_of(period, now, zone)
    assert start <= now < end
    assert period_of(period, start, zone) == (start, end) == period_of(period, end - 1, zone)
    assert period_of(period, end, zone).start == end
    assert period_of(period, start - 1, zone).end == start


@settings(max_examples=300, deadline=None)
@given(moments, st.sampled_from(ZONES))
def test_a_period_is_one_date_one_week_one_month_of_its_zone(now: int, zone: str) -> None:
    day, week, month = (period_of(period, now, zone) for period in ("day", "week", "month"))
    today = local(now, zone)
    assert local(day.start, zone) == local(day.end - 1, zone) == today
    assert local(week.start, zone).isocalendar()[:2] == today.isocalendar()[:2]
    assert local(week.start - 1, zone).isocalendar()[:2] != today.isocalendar()[:2]
    first, last = local(month.start, zone), local(month.end - 1, zone)
    assert (first.year, first.month) == (last.year, last.month) == (today.year, today.month)
    assert local(month.end, zone).day == 1 == first.day


@pytest.mark.parametrize(
    ("now", "zone", "hours"),
    [
        ("2026-03-29 12:00", "Europe/Vienna", 23),  # clocks are put forward
        ("2026-10-25 12:00", "Europe/Vienna", 25),  # and back
        ("2026-11-21 12:00", "Europe/Vienna", 24),
        ("2026-03-29 00:00", "Europe/Berlin", 23),
        ("2026-03-29 23:59", "Europe/Berlin", 23),
        ("2026-10-25 00:00", "Europe/Berlin", 25),
        ("2026-10-25 23:59", "Europe/Berlin", 25),
        ("2026-09-06 12:00", "America/Santiago", 23),  # its midnight does not exist: it begins at one
        ("2026-09-05 23:59", "America/Santiago", 24),  # and the day before ends where that hour was left out
        ("2026-04-04 12:00", "America/Santiago", 25),  # 23:00 to midnight comes twice
        ("2026-10-04 12:00", "Australia/Lord_Howe", 23.5),  # half an hour
        ("2024-02-29 12:00", "Europe/Berlin", 24),
        ("2026-03-29 12:00", "Asia/Beirut", 23),  # at midnight: the day begins at one
        ("2026-11-01 12:00", "America/Havana", 25),  # midnight comes twice: the first counts
        ("2011-12-29 12:00", "Pacific/Apia", 24),  # the next date was left out
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(now: str, zone: str, hours: float) -> None:
    start, end = period_of("day", at(now, zone), zone)
    assert end - start == hours * 3_600_000


@pytest.mark.parametrize(
    ("now", "days"),
    [("2024-02-29 23:59", 29), ("2026-02-01 00:00", 28), ("2026-12-31 23:59", 31), ("2026-04-30 12:00", 30)],
)
def test_months_end_when_they_end(now: str, days: int) -> None:
    start, end = period_of("month", at(now), "UTC")
    assert end - start == days * DAY
    assert date_of(end, "UTC").endswith("-01")


@pytest.mark.parametrize(
    ("period", "now", "zone", "first", "after"),
    [
        ("month", "2026-01-31 23:59:59", "Europe/Berlin", "2026-01-01", "2026-02-01"),
        ("month", "2026-02-01 00:00:00", "Europe/Berlin", "2026-02-01", "2026-03-01"),
        ("month", "2024-02-29 23:59:59", "Europe/Berlin", "2024-02-01", "2024-03-01"),
        ("month", "2026-03-31 23:59:59", "Europe/Berlin", "2026-03-01", "2026-04-01"),  # clocks change in it
        ("month", "2026-12-31 23:59:59", "America/Santiago", "2026-12-01", "2027-01-01"),
        ("week", "2026-03-29 23:59:59", "Europe/Berlin", "2026-03-23", "2026-03-30"),  # Sunday is the last
        ("week", "2026-03-30 00:00:00", "Europe/Berlin", "2026-03-30", "2026-04-06"),  # Monday the first
        ("week", "2026-10-25 02:30:00", "Europe/Berlin", "2026-10-19", "2026-10-26"),
        ("week", "2024-03-01 12:00:00", "Europe/Berlin", "2024-02-26", "2024-03-04"),  # over the leap day
        ("week", "2027-01-01 12:00:00", "Europe/Berlin", "2026-12-28", "2027-01-04"),
        ("week", "2026-09-06 12:00:00", "America/Santiago", "2026-08-31", "2026-09-07"),
    ],
)
def test_weeks_and_months_begin_and_end_on_their_own_dates(
    period: str, now: str, zone: str, first: str, after: str
) -> None:
    start, end = period_of(period, at(now, zone), zone)
    assert (date_of(start, zone), date_of(start - 1, zone) < first) == (first, True)
    assert (date_of(end, zone), date_of(end - 1, zone) < after) == (after, True)
    assert clock_of(start, zone) == clock_of(end, zone) == "00:00"


def test_a_day_whose_midnight_does_not_exist_begins_at_one() -> None:
    start, end = period_of("day", at("2026-09-06 12:00", "America/Santiago"), "America/Santiago")
    assert start == at("2026-09-06 04:00") == period_of("day", start - 1, "America/Santiago").end
    assert (clock_of(start, "America/Santiago"), clock_of(end, "America/Santiago")) == ("01:00", "00:00")


def test_what_is_read_is_the_persons_own_clock() -> None:
    now = at("2026-11-21 23:30")  # half past midnight in Vienna
    assert date_of(period_of("day", now, "Europe/Vienna").end, "Europe/Vienna") == "2026-11-23"
    assert clock_of(period_of("day", now, "Europe/Vienna").end, "Europe/Vienna") == "00:00"
    assert clock_of(period_of("day", at("2026-03-28 12:00"), "Asia/Beirut").end, "Asia/Beirut") == "01:00"


@pytest.mark.parametrize("zone", ["", "Mars/Base", "../etc/passwd", "/etc", "Europe"])
def test_a_zone_nobody_knows_is_utc(zone: str) -> None:
    now = at("2026-11-21 12:00")
    assert period_of("day", now, zone) == period_of("day", now, "UTC")
