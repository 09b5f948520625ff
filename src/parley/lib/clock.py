"""The only reader of the wall clock."""

import time
from datetime import datetime


def now_ms() -> int:
    """Milliseconds since the epoch, UTC: the unit of every time in the database."""
    return time.time_ns() // 1_000_000


def now_us() -> int:
    """Microseconds since the epoch, UTC: for what is too short for milliseconds."""
    return time.time_ns() // 1000


def local_now() -> datetime:
    """Now in the time zone of this machine (the environment's TZ), for sentences only."""
    return datetime.now().astimezone()
