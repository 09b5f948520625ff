"""Percentiles, budgets and the printed table. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of `values` do not exceed; nan without values."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1 if share else 0)]


def p50(values: Sequence[float]) -> float:
    """The median."""
    return percentile(values, 0.5)


def p99(values: Sequence[float]) -> float:
    """The 99th percentile."""
    return percentile(values, 0.99)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; all numbers in `unit`."""

    what: str
    unit: str
    measured: float
    budget: float | None = None
    bare: float | None = None  # the upstream asked without us, in the same run
    note: str = ""
    at_least: bool = False  # the budget is a floor

    @property
    def verdict(self) -> str:
        """Whether the budget was met, and how much of it was used."""
        if self.budget is None or math.isnan(self.measured):
            return ""
        kept = self.measured >= self.budget if self.at_least else self.measured <= self.budget
        return f"{'ok' if kept else 'MISSED'} {self.measured / self.budget:.0%}"


def table(rows: Sequence[Row]) -> str:
    """The rows for a terminal."""
    lines = [("what", "measured", "budget", "", "bare upstream", "ratio", "note")]
    for row in rows:
        ratio = row.measured / row.bare if row.bare else math.nan
        lines.append(
            (
                row.what,
                f"{_short(row.measured)} {row.unit}",
                "" if row.budget is None else f"{'>=' if row.at_least else '<='} {_short(row.budget)}",
                row.verdict,
                "" if row.bare is None else f"{_short(row.bare)} {row.unit}",
                "" if math.isnan(ratio) else f"x{_short(ratio)}",
                row.note,
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(7)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _short(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
