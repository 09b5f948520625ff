"""What the settings about keeping would delete."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.clock import now_ms
from parley.lib.db import Database
from parley.settings.catalogue import Values
from parley.settings.keeping import ARCHIVED_DAYS, DELETED_HOURS, IDLE_DAYS

DAY_MS = 86_400_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Chats from before these times go, ms; None keeps them."""

    idle: int | None
    archived: int | None
    deleted: int


@dataclass(frozen=True, slots=True)
class Due:
    """How many chats the next round of the chores would delete."""

    idle: int
    archived: int
    deleted: int


def limits_of(values: Values, now: int) -> Limits:
    """What the settings mean at `now`; 0 days is for ever."""
    idle, archived = values[IDLE_DAYS], values[ARCHIVED_DAYS]
    return Limits(
        now - idle * DAY_MS if idle else None,
        now - archived * DAY_MS if archived else None,
        now - values[DELETED_HOURS] * HOUR_MS,
    )


async def due(db: Database, values: Values) -> Due:
    """How much would go if the chores ran now; nothing is changed."""
    limits = limits_of(values, now_ms())
    rows = await db.fetch(
        "SELECT (SELECT COUNT(*) FROM conversation WHERE deleted_at IS NULL AND pinned_at IS NULL"
        " AND archived_at IS NULL AND temporary = FALSE AND updated_at < ?) AS idle,"
        " (SELECT COUNT(*) FROM conversation WHERE deleted_at IS NULL AND pinned_at IS NULL"
        " AND archived_at IS NOT NULL AND archived_at < ?) AS archived,"
        " (SELECT COUNT(*) FROM conversation WHERE deleted_at IS NOT NULL AND deleted_at < ?) AS deleted",
        limits.idle or 0,
        limits.archived or 0,
        limits.deleted,
    )
    return Due(**rows[0])
