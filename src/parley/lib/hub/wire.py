"""One connection that speaks RESP2 (redis.io/docs/latest/develop/reference/protocol-spec) and never waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import hiredis

from parley.lib.hub.address import RedisAddress

Command = tuple[str | bytes, ...]
# hiredis annotates the parameter as a tuple of one
pack = cast(Callable[[Command], bytes], hiredis.pack_command)


class RedisRefused(ConnectionError):
    """The server answered with an error: wrong password, missing right, no such database."""


class Wire(asyncio.Protocol):
    """Commands out, replies in order to `on_reply`; `lost` is set once when the connection ends."""

    def __init__(self) -> None:
        self.on_reply: Callable[[object], None] = lambda _: None
        self.lost = asyncio.Event()
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                self.on_reply(reply)
        except hiredis.ProtocolError:  # not a Redis server: leave
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.lost.set()

    def send(self, *commands: Command) -> None:
        """Hand the commands to the kernel or a buffer in one write; nothing is said on a lost connection."""
        if self._transport is not None and not self.lost.is_set():
            self._transport.write(b"".join([pack(command) for command in commands]))

    @property
    def unsent(self) -> int:
        """Bytes waiting because the server does not read."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def abort(self) -> None:
        """Drop the connection and whatever is unsent."""
        if self._transport is not None:
            self._transport.abort()


async def connect(address: RedisAddress) -> Wire:
    """A connection that is signed in and has its database selected.

    Raises OSError when the server cannot be reached, `RedisRefused` when it does not let us in. Put
    a time-out around it.
    """
    loop = asyncio.get_running_loop()
    if address.path:
        _, wire = await loop.create_unix_connection(Wire, address.path)
    else:
        _, wire = await loop.create_connection(Wire, address.host, address.port, ssl=address.tls_context())
    try:
        await _greet(wire, address)
    except BaseException:
        wire.abort()
        raise
    return wire


async def _greet(wire: Wire, address: RedisAddress) -> None:
    commands: list[Command] = [("PING",)]
    if address.db:
        commands.insert(0, ("SELECT", str(address.db)))
    if address.password:
        secret = (address.username, address.password) if address.username else (address.password,)
        commands.insert(0, ("AUTH", *secret))
    replies: list[object] = []
    complete = asyncio.Event()

    def take(reply: object) -> None:
        replies.append(reply)
        if len(replies) == len(commands):
            complete.set()

    wire.on_reply = take
    wire.send(*commands)
    ways = [asyncio.ensure_future(complete.wait()), asyncio.ensure_future(wire.lost.wait())]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
    for reply in replies:
        if isinstance(reply, hiredis.ReplyError):
            raise RedisRefused(str(reply))
    if not complete.is_set():
        raise ConnectionResetError("the server closed the connection")
