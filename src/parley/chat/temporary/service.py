"""The verbs of temporary chats.

A page that goes says so, and so does a page that is loaded again: nobody can tell a reload from a farewell
before the next page is there. So a chat is put out of sight at once and deleted a moment later.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from parley.accounts.actor import Actor
from parley.chat.temporary import scripts
from parley.chat.temporary.queries import chats_over, running_in
from parley.files.content import Content
from parley.files.service import remove_unnamed
from parley.generations.service import request_stop
from parley.lib.clock import now_ms
from parley.lib.errors import NotFound
from parley.settings.keeping import TEMPORARY_MINUTES
from parley.settings.queries import load
from parley.web.i18n import _

if TYPE_CHECKING:
    from parley.resources import Resources

GRACE = 10.0  # seconds a page has to come back
MINUTE_MS = 60_000


async def leave(resources: Resources, actor: Actor, conversation: int) -> None:
    """Its page was closed: out of sight now, deleted in `GRACE` seconds unless somebody comes back."""
    if not await resources.db.write(scripts.leave, conversation, actor.id, now_ms()):
        raise NotFound(_("This chat does not exist or is not yours."))
    resources.background.start(_forget_soon(resources), f"forgetting chat {conversation}")


async def stay(resources: Resources, actor: Actor, conversation: int) -> None:
    """Its page is (still, again) open. Raises NotFound."""
    if not await resources.db.write(scripts.stay, conversation, actor.id, now_ms()):
        raise NotFound(_("This chat does not exist or is not yours."))


async def keep(resources: Resources, actor: Actor, conversation: int) -> None:
    """Make it an ordinary chat. Raises NotFound."""
    if not await resources.db.write(scripts.keep, conversation, actor.id):
        raise NotFound(_("This chat does not exist or is not yours."))


async def forget_left(resources: Resources) -> int:
    """Delete for good what was left or lay idle; how many chats."""
    idle = (await load(resources.db))[TEMPORARY_MINUTES] * MINUTE_MS
    left_before, idle_before = now_ms() - int(GRACE * 1000), now_ms() - idle
    due = await chats_over(resources.db, left_before, idle_before)
    if not due:
        return 0
    for generation in await running_in(resources.db, due):
        await request_stop(resources, generation)
    forgotten = await resources.db.write(scripts.forget, due, left_before, idle_before)
    if forgotten.contents:
        await remove_unnamed(resources, Content.of(resources.config), forgotten.contents)
    return forgotten.conversations


async def _forget_soon(resources: Resources) -> None:
    """Without waiting for the next round of chores."""
    await asyncio.sleep(GRACE + 0.1)
    await forget_left(resources)
