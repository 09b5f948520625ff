"""The chore that lets go of old chats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parley.chat.keeping import scripts
from parley.chat.keeping.queries import limits_of
from parley.lib.clock import now_ms
from parley.settings.queries import load

if TYPE_CHECKING:
    from parley.resources import Resources


async def put_away_old(resources: Resources) -> int:
    """Delete unused and archived chats as the settings say; how many."""
    now = now_ms()
    limits = limits_of(await load(resources.db), now)
    if limits.idle is None and limits.archived is None:
        return 0
    return await resources.db.write(scripts.put_away, limits.idle, limits.archived, now)
