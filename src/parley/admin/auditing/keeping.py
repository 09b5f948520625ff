"""The chore that removes old entries of the audit log, where somebody decided so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from parley.audit.scripts import shorten
from parley.lib.clock import now_ms
from parley.settings.keeping import AUDIT_DAYS
from parley.settings.queries import load

if TYPE_CHECKING:
    from parley.resources import Resources

DAY_MS = 86_400_000

log = structlog.get_logger("audit")


async def remove_old(resources: Resources) -> int:
    """Remove entries that are older than the setting says; how many. 0 days keeps all."""
    days = (await load(resources.db))[AUDIT_DAYS]
    if not days:
        return 0
    now = now_ms()
    removed: int = await resources.db.write(shorten, now - days * DAY_MS, now)
    if removed:
        log.info("audit_shortened", count=removed)
    return removed
