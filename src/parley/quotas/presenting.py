"""What the chat says about allowances."""

from __future__ import annotations

from parley.lib.clock import now_ms
from parley.lib.db import Database
from parley.quotas.pages import MeterLine
from parley.quotas.queries import warning_of


async def allowance_left(db: Database, user: int) -> str:
    """A sentence when four fifths of an allowance or more are used, else ""."""
    meter = await warning_of(db, user, now_ms())
    return MeterLine.of(meter).says if meter is not None else ""
