"""Cutting what is open: streams and sockets learn within two seconds that their actor's rights are gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from parley.accounts import queries
from parley.accounts.actor import Actor
from parley.lib.clock import now_ms
from parley.lib.errors import AppError
from parley.lib.waiting import within
from parley.settings.queries import load
from parley.settings.service import NEWS
from parley.settings.visiting import VISITORS

if TYPE_CHECKING:
    from parley.resources import Resources

CHANNEL = "revoked"
CHECK_S = 15.0
CHECK_WITHOUT_HUB_S = 0.9  # streams look at the verdict once a second: together less than two


def announce(resources: Resources, *, user: int | None = None, session: int | None = None) -> None:
    """Say, after the commit, that a user's or one login session's rights changed."""
    news = {"user": user} if session is None else {"session": session}
    resources.hub.publish([(CHANNEL, msgspec.json.encode(news))])


def concerns(actor: Actor, payload: bytes | None) -> bool:
    """Whether this news may be about `actor`; None ("something was missed") may be about anybody."""
    if payload is None:
        return True
    try:
        news = msgspec.json.decode(payload, type=dict[str, int])
    except msgspec.DecodeError:
        return True
    return news.get("user") == actor.id or (
        actor.session is not None and news.get("session") == actor.session
    )


@contextlib.asynccontextmanager
async def cut_off(actor: Actor, resources: Resources) -> AsyncIterator[asyncio.Event]:
    """An event that is set once `actor` may no longer be served; for the life of a stream or socket.

    The hub only says when to look, the database decides. Without the hub it looks about every second.
    """
    cut = asyncio.Event()
    look = asyncio.Event()

    def listen(payload: bytes | None) -> None:
        if concerns(actor, payload):
            look.set()

    def listen_to_settings(_payload: bytes | None) -> None:
        look.set()

    await resources.hub.subscribe(CHANNEL, listen)
    if actor.is_visitor:  # whether there are any is a setting
        await resources.hub.subscribe(NEWS, listen_to_settings)
    watching = asyncio.create_task(_watch(actor, resources, look, cut), name="cut-off")
    try:
        yield cut
    finally:
        resources.hub.unsubscribe(CHANNEL, listen)
        if actor.is_visitor:
            resources.hub.unsubscribe(NEWS, listen_to_settings)
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _watch(actor: Actor, resources: Resources, look: asyncio.Event, cut: asyncio.Event) -> None:
    while not cut.is_set():
        # Looked at first: rights may have gone between the request's own check and the subscription.
        look.clear()
        # A database that cannot answer now says nothing about rights; ask again.
        with contextlib.suppress(AppError):
            if not await _stands(actor, resources):
                cut.set()
                return
        await _next_look(resources, look)


async def _stands(actor: Actor, resources: Resources) -> bool:
    if not await queries.still_stands(resources.db, actor, now_ms()):
        return False
    return not actor.is_visitor or (await load(resources.db))[VISITORS] == "on"


async def _next_look(resources: Resources, look: asyncio.Event) -> None:
    """Return on news, else after the pause that fits; a hub that goes away is noticed within a second."""
    waited = 0.0
    while waited < CHECK_S:
        if await within(look, CHECK_WITHOUT_HUB_S):
            return
        waited += CHECK_WITHOUT_HUB_S
        if not resources.hub.connected:
            return
