"""What the worker does about titles: looks every two seconds for chats that wait for one."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from parley.chat.titling import service

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

LOOK_EVERY = 2.0  # seconds
TIDY_EVERY = 60.0  # seconds


async def make_titles(resources: Resources) -> None:
    """Make titles as they become due; cancel to stop. The database says what is to do."""
    tidied = float("-inf")
    while True:
        try:
            await service.make_due(resources)
            if time.monotonic() - tidied >= TIDY_EVERY:
                tidied = time.monotonic()
                await service.tidy(resources)
        except Exception as error:  # the database may be away for a while
            log.warning("titles not looked for", error=type(error).__name__)
        await asyncio.sleep(LOOK_EVERY)
