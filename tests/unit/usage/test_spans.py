"""Days of a calendar and the times they stand for."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from parley.usage.spans import DAY, HOUR, LONGEST, Span, span_of, whole_days, zone_of
from parley.usage.waits import bucket_of, percentile

NOW = 1_761_300_000_000  # 24 October 2025, 10:00 UTC


def test_a_range_without_dates_ends_today_where_the_reader_is() -> None:
    assert span_of(zone_of("UTC"), NOW, days=7).first == date(2025, 10, 18)
    assert span_of(zone_of("Pacific/Kiritimati"), NOW, days=1).last == date(2025, 10, 25)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [("2025-10-03", "2025-10-01", 3), ("", "x", 30), ("2025-10-24", "2025-10-24", 1), ("1900-01-01", "", 30)],
)
def test_odd_dates_make_a_range_all_the_same(first: str, last: str, days: int) -> None:
    assert len(span_of(zone_of("UTC"), NOW, first=first, last=last).days) == days


def test_a_range_is_never_longer_than_a_year() -> None:
    span = span_of(zone_of("UTC"), NOW, first="1999-01-01", last="2025-10-24")
    assert (len(span.days), span.last) == (LONGEST, date(2025, 10, 24))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", date(2025, 10, 26), 25), ("Europe/Berlin", date(2025, 3, 30), 23),
     ("Asia/Kathmandu", date(2025, 10, 26), 24), ("nowhere", date(2025, 10, 26), 24)],
)  # fmt: skip
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, day: date, hours: int) -> None:
    span = Span(day, day, zone_of(zone))
    assert span.high - span.low == hours * HOUR
    assert len(span.offsets) == (1 if hours == 24 else 2)
    for at in range(span.low, span.high, HOUR // 4):
        ahead = next(ahead for since, ahead in reversed(span.offsets) if at >= since)
        local = datetime.fromtimestamp(at / 1000, UTC).astimezone(span.zone)
        assert datetime.fromtimestamp((at + ahead) / 1000, UTC).date() == local.date() == day


def test_the_whole_days_between_two_times() -> None:
    assert whole_days(DAY - 1, 3 * DAY + 1) == (DAY, 3 * DAY)
    assert whole_days(DAY + 1, 2 * DAY - 1) == (DAY + 1, DAY + 1)


def test_a_percentile_is_near_the_true_one() -> None:
    chance = random.Random(3)
    times = sorted(round(chance.lognormvariate(7, 1)) for _ in range(2_000))
    buckets: dict[int, int] = {}
    for time in times:
        buckets[bucket_of(time)] = buckets.get(bucket_of(time), 0) + 1
    for share in (0.5, 0.95):
        about = percentile(buckets, share)
        assert about is not None
        assert about == pytest.approx(times[int(share * len(times)) - 1], rel=0.05)
    assert percentile({}, 0.5) is None
    assert percentile({bucket_of(0): 1}, 0.5) == 1
