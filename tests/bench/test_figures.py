"""What the table says is what was measured."""

from __future__ import annotations

import math

from tests.bench.figures import Row, p50, p99, percentile, table
from tests.bench.streams import Seen, microseconds


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(100, 0, -1)]
    assert (p50(values), p99(values), percentile(values, 1), percentile(values, 0)) == (50, 99, 100, 1)
    assert math.isnan(p50([]))


def test_a_budget_that_was_missed_is_said_in_the_table() -> None:
    shown = table([Row("idle", "MB", 200, 180), Row("start", "s", 1.5, 3, bare=0.5), Row("free", "ms", 7)])
    assert "MISSED 111%" in shown
    assert "ok 50%" in shown
    assert "x3" in shown


def test_a_block_that_comes_again_counts_only_its_new_tokens() -> None:
    seen, now = Seen(), microseconds()
    stamps = [f"{(now - 1000 * age) % 1_000_000_000:09d} ".encode() for age in (5, 4, 3)]
    seen.ask()
    seen.take(b"<p>" + stamps[0] + b"</p>")
    seen.take(b"<p>" + b"".join(stamps) + b"</p>")
    seen.take(b"<p>" + b"".join(stamps) + b"</p>")
    assert len(seen.delays) == 3
    assert len(seen.gaps) == 1
    assert all(3 <= delay < 1000 for delay in seen.delays)
