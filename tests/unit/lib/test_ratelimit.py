"""How often something may be asked for."""

from parley.lib import ratelimit
from parley.lib.ratelimit import Pace


def test_a_burst_passes_then_one_for_each_interval() -> None:
    pace = Pace(burst=3, interval_ms=1000)
    assert [pace.wait_for("a", 0) for _n in range(5)] == [0, 0, 0, 1000, 1000]
    assert pace.wait_for("a", 999) == 1
    assert pace.wait_for("a", 1000) == 0
    assert pace.wait_for("a", 1000) == 1000


def test_one_key_does_not_slow_another_and_rest_gives_all_back() -> None:
    pace = Pace(burst=2, interval_ms=1000)
    assert [pace.wait_for("a", 0) for _n in range(3)] == [0, 0, 1000]
    assert pace.wait_for("b", 0) == 0
    assert [pace.wait_for("a", 10_000) for _n in range(3)] == [0, 0, 1000]


def test_its_memory_is_bounded() -> None:
    pace = Pace(burst=1, interval_ms=1000)
    for n in range(ratelimit.MOST_KEYS * 2 + 5):
        assert pace.wait_for(str(n), 0) == 0
    assert len(pace._paid_until) <= ratelimit.MOST_KEYS
