"""The only reader of the wall clock."""

import time


def now_ms() -> int:
    """Milliseconds since the epoch, UTC: the unit of every time in the database."""
    return time.time_ns() // 1_000_000
