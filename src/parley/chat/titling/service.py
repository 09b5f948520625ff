"""Titles by a model: asked for in the background, stored unless the owner was faster."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from parley.accounts.actor import Actor
from parley.chat.organising.service import tell_of
from parley.chat.titling import queries, scripts
from parley.chat.titling.asking import WITHIN, NoTitle, title_for
from parley.lib.clock import now_ms
from parley.lib.errors import AppError
from parley.settings.catalogue import Values
from parley.settings.queries import load

if TYPE_CHECKING:
    from parley.resources import Resources

log = structlog.get_logger()

LEASE = 90_000  # ms; longer than all keys of a connection together may take
AGAIN_AFTER = 5_000  # ms


async def ask_for(resources: Resources, actor: Actor, conversation: int) -> None:
    """Have a new title made soon. Raises NotFound."""
    await resources.db.write(scripts.ask_for, conversation, actor.id, now_ms())


async def make_due(resources: Resources) -> int:
    """Make the titles that are due, a few at a time; how many chats were looked at."""
    waiting = await queries.due(resources.db, now_ms())
    if not waiting:
        return 0
    values = await load(resources.db)
    async with asyncio.TaskGroup() as group:
        for each in waiting[:4]:
            group.create_task(_make(resources, each, values))
    return len(waiting)


async def tidy(resources: Resources) -> None:
    """Stop waiting where nothing will come."""
    await resources.db.write_relaxed(scripts.tidy, now_ms())


async def _make(resources: Resources, due: queries.Due, values: Values) -> None:
    """One title from claim to news. Never raises: a title is not worth more than the answers."""
    lease = now_ms() + LEASE
    try:
        attempt = await resources.db.write_relaxed(scripts.claim, due.id, due.due, lease)
        if attempt is None:
            return
        try:
            async with asyncio.timeout(WITHIN):
                owner, title = await title_for(resources, due.id, values)
        except (NoTitle, AppError, TimeoutError) as error:
            last = isinstance(error, NoTitle) or attempt >= scripts.MOST_TRIES
            again = None if last else now_ms() + AGAIN_AFTER
            await resources.db.write_relaxed(scripts.let_go, due.id, lease, again)
            code = getattr(error, "code", type(error).__name__)
            log.info("no title made", conversation=due.id, attempt=attempt, code=code)
            return
        if await resources.db.write_relaxed(scripts.store, due.id, lease, title):
            tell_of(resources, owner, "titled", [due.id], title)
    except Exception as error:  # the database may be away; the lease runs out and it is due again
        log.warning("title not made", conversation=due.id, error=type(error).__name__)
