"""Streams of chat over HTTP: from where, for whom, and how the bytes leave."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Any

from litestar import Request
from litestar.response import Stream

from parley.accounts.actor import Actor
from parley.accounts.guards import cut_off
from parley.chat import wire
from parley.chat.access import GenerationRow
from parley.chat.answers import SHORT_LOG
from parley.generations.follow import Follower
from parley.lib.waiting import within
from parley.resources import Resources
from parley.traces.service import following
from parley.web.lifecycle import shutting_down
from parley.web.look import look

TICK = 1.0  # seconds after which a silent stream looks whether it is over

Over = Callable[[], bool]  # the actor lost the right to listen, or the process drains


def last_seen(request: Request[Any, Any, Any], after: int) -> int:
    """The seq a client already has: `Last-Event-ID` of a reconnect wins over `?after=` of the page."""
    header = request.headers.get("last-event-id", "")
    return int(header) if re.fullmatch("[0-9]{1,9}", header) else max(0, after)


def stream_response(chunks: AsyncIterator[bytes]) -> Stream:
    """Server-sent events that no proxy buffers, compresses or caches."""
    return Stream(
        chunks,
        status_code=200,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"},
    )


async def while_allowed(
    make: Callable[[Over], AsyncIterator[bytes]], actor: Actor, resources: Resources
) -> AsyncIterator[bytes]:
    """What `make` streams; it is told, and ends, when the actor's rights end or the process drains."""
    async with cut_off(actor, resources) as revoked:
        async for chunk in make(lambda: revoked.is_set() or shutting_down.is_set()):
            yield chunk


def watched(chunks: AsyncIterator[bytes], row: GenerationRow, resources: Resources) -> AsyncIterator[bytes]:
    """`chunks`; of an answer that is traced its readers are noted, when they come and when they are gone."""
    return following(resources, row.id, chunks) if row.traced else chunks


async def api_events(follower: Follower, row: GenerationRow, after: int, over: Over) -> AsyncIterator[bytes]:
    """The events of one generation for outside programs: `start`, then each fact once, in order.

    A reader that knows a seq of a log that is gone gets all of the answer again, under ids that go on from
    there and behind another `start`: nobody can tell any more how much of it that reader had.
    """
    silent, shift = 0.0, 0
    async with follower.watch(row.id) as live:
        if live.done and after and (after > len(live.facts) or (row.pruned and len(live.facts) <= SHORT_LOG)):
            shift, after = after, 0
        if after == 0:
            yield wire.start(shift, question=row.question, answer=row.message, generation=row.id)
        while not over():
            change = live.change  # taken before looking: news during the look is not missed
            news = live.facts[after:]
            if news:
                after += len(news)
                silent = 0.0
                yield b"".join(filter(None, (wire.fact(shift + seq, *fact) for seq, *fact in news)))
            elif live.done:
                return
            elif not await within(change, TICK):
                silent += TICK
                if silent >= look().heartbeat:
                    silent = 0.0
                    yield wire.keep_alive(shift + after)


async def news_for(resources: Resources, actor: Actor, over: Over) -> AsyncIterator[bytes]:
    """News of the actor's conversations as named `changed` events; hints only, the database has the facts."""
    news: deque[bytes] = deque(maxlen=100)
    arrived = asyncio.Event()

    def hear(payload: bytes | None) -> None:
        news.append(payload or b'{"kind":"resync"}')
        arrived.set()

    channel = f"user:{actor.id}"
    await resources.hub.subscribe(channel, hear)
    try:
        yield b": open\n\n"
        silent = 0.0
        while not over():
            if news:
                arrived.clear()
                yield b"".join(b"event: changed\ndata: %b\n\n" % news.popleft() for _n in range(len(news)))
                silent = 0.0
            elif not await within(arrived, TICK):
                silent += TICK
                if silent >= look().heartbeat:
                    silent = 0.0
                    yield b": keep-alive\n\n"
    finally:
        resources.hub.unsubscribe(channel, hear)
