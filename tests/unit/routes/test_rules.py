"""Which rule of a route wins, at every edge of its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from parley.catalogue.models import ModelRow
from parley.providers.base import Prices
from parley.routes.rules import Rule, in_window, judged, next_change, zone_is_known

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NIGHT = Rule(target="1:cheap", zone="Asia/Shanghai", start="00:30", end="08:30")
NOTHING: frozenset[str] = frozenset()


def model(id: str = "1:m", **more: object) -> ModelRow:
    fields = {"name": id, "connection_id": 1, "connection_name": "C", "provider": "openai", "raw_id": id[2:]}
    return ModelRow(**{"id": id, "available": True, **fields, **more})  # type: ignore[arg-type]


def against(rule: Rule, target: ModelRow | None, needs: frozenset[str] = NOTHING) -> str:
    models = {} if target is None else {rule.target: target}
    return judged([rule], models, now=datetime(2026, 11, 21, 12, tzinfo=UTC), needs=needs)[0].against


@pytest.mark.parametrize(
    ("clock", "inside"),
    [("00:29", False), ("00:30", True), ("08:29", True), ("08:30", False), ("20:00", False)],
)
def test_the_edges_of_a_window_in_shanghai(clock: str, inside: bool) -> None:
    hour, minute = map(int, clock.split(":"))
    now = datetime(2026, 11, 21, hour, minute, 59, tzinfo=SHANGHAI)
    assert in_window(NIGHT, now) is inside
    assert in_window(NIGHT, now.astimezone(UTC)) is inside  # whatever zone the asker counts in


@pytest.mark.parametrize(
    ("clock", "inside"), [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False)]
)
def test_a_window_over_midnight(clock: str, inside: bool) -> None:
    hour, minute = map(int, clock.split(":"))
    rule = Rule(target="1:m", zone="Asia/Shanghai", start="22:00", end="06:00")
    assert in_window(rule, datetime(2026, 11, 21, hour, minute, tzinfo=SHANGHAI)) is inside


def test_a_window_over_midnight_belongs_to_the_day_it_began() -> None:
    rule = Rule(target="1:m", zone="Asia/Shanghai", start="22:00", end="06:00", weekdays=("fri",))
    friday = datetime(2026, 11, 20, 23, tzinfo=SHANGHAI)
    assert in_window(rule, friday)
    assert in_window(rule, friday + timedelta(hours=6))  # Saturday, five in the morning
    assert not in_window(rule, friday - timedelta(hours=20))  # Friday, three in the morning


def test_the_hour_that_summer_time_skips_and_repeats() -> None:
    rule = Rule(target="1:m", zone="Europe/Berlin", start="01:30", end="03:30")

    def minutes_inside(day: datetime) -> int:
        first = day.astimezone(UTC)
        return sum(in_window(rule, first + timedelta(minutes=n)) for n in range(6 * 60))

    assert minutes_inside(datetime(2026, 3, 29, tzinfo=BERLIN)) == 60  # 02:00 is 03:00
    assert minutes_inside(datetime(2026, 10, 25, tzinfo=BERLIN)) == 180  # 02:00 to 03:00 comes twice
    assert minutes_inside(datetime(2026, 6, 1, tzinfo=BERLIN)) == 120


def test_the_zone_decides_the_weekday() -> None:
    rule = Rule(target="1:m", zone="Asia/Shanghai", weekdays=("sun",))
    assert in_window(rule, datetime(2026, 11, 21, 17, tzinfo=UTC))  # Sunday there already
    assert not in_window(rule, datetime(2026, 11, 21, 15, tzinfo=UTC))


def test_the_first_rule_that_applies_wins() -> None:
    day = Rule(target="1:good")
    models = {"1:cheap": model("1:cheap"), "1:good": model("1:good")}

    def winner(hour: int) -> str:
        now = datetime(2026, 11, 21, hour, tzinfo=SHANGHAI)
        verdicts = judged([NIGHT, day], models, now=now, needs=NOTHING)
        return next(verdict.rule.target for verdict in verdicts if verdict.applies)

    assert (winner(3), winner(12)) == ("1:cheap", "1:good")


@pytest.mark.parametrize(
    ("rule", "target", "why"),
    [
        (Rule(target="1:m"), model(), ""),
        (Rule(target="1:m"), None, "gone"),
        (Rule(target="1:m"), model(gone_at=5), "gone"),
        (Rule(target="1:m"), model(available=False), "off"),
        (Rule(target="1:m"), model(failing_since=5), "failing"),
        (Rule(target="1:m", healthy=False), model(failing_since=5), ""),
        (Rule(target="1:m", maxPriceInput=10), model(), "unknown_price"),
        (Rule(target="1:m", maxPriceInput=10), model(prices=Prices(11, 1)), "price"),
        (Rule(target="1:m", maxPriceInput=11, maxPriceOutput=1), model(prices=Prices(11, 1)), ""),
        (Rule(target="1:m", needs=("vision",)), model(), "not_needed"),
    ],
)
def test_what_speaks_against_a_rule(rule: Rule, target: ModelRow | None, why: str) -> None:
    assert against(rule, target) == why


def test_a_question_with_a_picture_goes_to_who_can_see() -> None:
    seeing = frozenset({"vision"})
    assert against(Rule(target="1:m"), model(), seeing) == "capability"
    assert against(Rule(target="1:m", needs=("vision",)), model(capabilities=("vision",)), seeing) == ""


def test_the_next_change_is_told_to_the_minute() -> None:
    now = datetime(2026, 11, 21, 3, 7, 30, tzinfo=SHANGHAI)
    assert next_change(NIGHT, now) == datetime(2026, 11, 21, 8, 30, tzinfo=SHANGHAI)
    assert next_change(Rule(target="1:m"), now) is None
    sundays = Rule(target="1:m", zone="Asia/Shanghai", weekdays=("sun",))
    assert next_change(sundays, now) == datetime(2026, 11, 22, 0, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "bad", [{"start": "24:00"}, {"start": "7:00"}, {"weekdays": ["monday"]}, {"target": ""}]
)
def test_nonsense_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"target": "1:m", **bad}, Rule)


def test_zones_are_known_by_their_names() -> None:
    assert zone_is_known("Asia/Shanghai")
    assert not any(map(zone_is_known, ["", "Mars/Olympus", "../../etc/passwd", "/etc/localtime"]))
