"""Waiting times as a histogram whose buckets grow by a third: percentiles over months are sums of it.

A percentile read from it is a few per cent beside the true one. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, log

STEP = 1.35
LAST = 63  # the bucket of 45 hours, and of all that is longer
COLUMNS = tuple(f"b{bucket:02}" for bucket in range(LAST + 1))  # of `usage_first`, a bucket each
_LOG = log(STEP)


def bucket_of(ms: int) -> int:
    """The bucket of a waiting time in ms; what is below 1 ms is in the first."""
    return min(LAST, floor(log(max(ms, 1)) / _LOG))


def percentile(buckets: Mapping[int, int], share: float) -> int | None:
    """About the time in ms that `share` (0 to 1) of all do not exceed; None without any."""
    total = sum(buckets.values())
    seen = 0
    for bucket in sorted(buckets):
        here = buckets[bucket]
        seen += here
        if here and seen >= share * total:
            part = 1 - (seen - share * total) / here  # times are taken to lie evenly in a bucket
            return round(float(STEP ** (bucket + part)))
    return None
