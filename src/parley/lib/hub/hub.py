"""One subscribing and one publishing connection for the whole process.

What is said here is already in the database, so nothing ever waits for Redis, and a listener is
told (payload None) when it may have missed something. redis-py is not used here because its
publish is awaited (a slow Redis would stop the flusher), and its pub/sub does not say when a
subscription is in force.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable

import hiredis
import structlog

from parley.lib.hub.address import RedisAddress
from parley.lib.hub.wire import RedisRefused, Wire, connect

log = structlog.get_logger()

Listener = Callable[[bytes | None], None]

UNSENT = 1 << 20  # bytes waiting for a Redis that does not read; beyond, live copies are dropped
CONNECT_WITHIN = 2.0  # seconds for both connections and all subscriptions
PING_EVERY = 1.0  # seconds; a stopped Redis keeps its sockets open and is noticed only so
RETRY_FIRST, RETRY_LAST = 0.1, 1.0  # seconds between tries to connect


class Hub:
    """Says and hears news on channels; survives Redis going away."""

    def __init__(self, url: str) -> None:
        """Nothing is opened before `run`; raises ValueError for a URL that cannot be used."""
        self.address = RedisAddress.parse(url)
        self.connected = False
        # Redis channels span its databases, so two installations on one server must not share names.
        self._prefix = f"{self.address.db}:".encode()
        self._listeners: dict[bytes, set[Listener]] = {}
        self._confirmed: dict[bytes, asyncio.Event] = {}
        self._acks: deque[asyncio.Event] = deque()  # Redis confirms in the order it was asked
        self._heard = False
        self._sub: Wire | None = None
        self._pub: Wire | None = None

    async def run(self) -> None:
        """Keep both connections for the life of the process; cancel to stop."""
        pause, complained = RETRY_FIRST, False
        while True:
            try:
                async with asyncio.timeout(CONNECT_WITHIN):
                    await self._open()
                log.info("redis connected", address=self.address.label)
                pause, complained = RETRY_FIRST, False
                self._nudge_all()  # whatever was said while we were away is in the database
                try:
                    await self._stay()
                finally:
                    self.connected = False
                    self._nudge_all()
            except (OSError, TimeoutError) as error:
                if not complained:  # once per outage, not once per try
                    log.warning("redis unreachable", address=self.address.label, error=_words(error))
                complained = True
            finally:
                self._close()
            await asyncio.sleep(pause)
            pause = min(pause * 2, RETRY_LAST)

    def publish(self, messages: list[tuple[str, bytes]]) -> bool:
        """Say all of (channel, payload) in one write, without waiting.

        False: Redis is away or does not read; listeners will find the news in the database.
        """
        if not self.connected or self._pub is None or self._pub.unsent > UNSENT:
            return False
        self._pub.send(*[("PUBLISH", self._key(channel), payload) for channel, payload in messages])
        return True

    async def subscribe(self, channel: str, listener: Listener) -> None:
        """Call `listener` for each message; returns when Redis has confirmed, or at once while it is away.

        Read the database only after that, else what is said in between goes unnoticed.
        """
        key = self._key(channel)
        self._listeners.setdefault(key, set()).add(listener)
        if key in self._confirmed:
            await self._confirmed[key].wait()
        elif self._sub is not None:
            await self._ask(self._sub, key)

    def unsubscribe(self, channel: str, listener: Listener) -> None:
        """Stop calling `listener`; nothing happens when it was not subscribed."""
        key = self._key(channel)
        listeners = self._listeners.get(key, set())
        listeners.discard(listener)
        if not listeners and key in self._listeners:
            del self._listeners[key]
            self._confirmed.pop(key, None)
            if self._sub is not None:
                self._sub.send(("UNSUBSCRIBE", key))

    def _key(self, channel: str) -> bytes:
        return self._prefix + channel.encode()

    async def _open(self) -> None:
        sub = await connect(self.address)
        sub.on_reply = self._on_push
        self._sub = sub
        self._pub = await connect(self.address)
        self._pub.on_reply = lambda _: None  # how many listened: nobody asks
        await asyncio.gather(*[self._ask(sub, key) for key in list(self._listeners)])
        if sub.lost.is_set() or self._pub.lost.is_set():
            raise ConnectionResetError("the server closed the connection")
        self.connected = True

    async def _stay(self) -> None:
        assert self._sub is not None
        assert self._pub is not None
        lost = asyncio.ensure_future(self._sub.lost.wait())
        lost_too = asyncio.ensure_future(self._pub.lost.wait())
        try:
            self._heard = True
            while self._heard:
                self._heard = False
                self._sub.send(("PING",))
                self._pub.send(("PING",))  # keeps a gateway from closing a quiet connection
                done, _ = await asyncio.wait(
                    {lost, lost_too}, timeout=PING_EVERY, return_when=asyncio.FIRST_COMPLETED
                )
                if done:
                    raise ConnectionResetError("the server closed the connection")
            raise TimeoutError("no answer to PING")
        finally:
            lost.cancel()
            lost_too.cancel()

    def _close(self) -> None:
        self.connected = False
        for wire in (self._sub, self._pub):
            if wire is not None:
                wire.on_reply = lambda _: None
                wire.abort()
        self._sub = self._pub = None
        self._confirmed.clear()
        while self._acks:
            self._acks.popleft().set()  # those who wait for a confirmation go on with the database

    async def _ask(self, sub: Wire, key: bytes) -> None:
        ack = self._confirmed[key] = asyncio.Event()
        self._acks.append(ack)
        sub.send(("SUBSCRIBE", key))
        await ack.wait()

    def _on_push(self, reply: object) -> None:
        self._heard = True
        if isinstance(reply, list):
            if reply[0] == b"message":
                for listener in tuple(self._listeners.get(reply[1], ())):
                    self._tell(listener, reply[2])
            elif reply[0] == b"subscribe" and self._acks:
                self._acks.popleft().set()
        elif isinstance(reply, hiredis.ReplyError) and self._sub is not None:
            log.warning("redis refused", address=self.address.label, error=str(reply))
            self._sub.abort()  # a refused SUBSCRIBE has no confirmation: start over

    def _nudge_all(self) -> None:
        for listener in [one for many in self._listeners.values() for one in many]:
            self._tell(listener, None)

    def _tell(self, listener: Listener, payload: bytes | None) -> None:
        try:
            listener(payload)
        except Exception:  # one listener's fault must not cost the others their connection
            log.exception("listener failed")


async def ping(url: str, within: float = CONNECT_WITHIN) -> None:
    """Check once that a server answers and lets us in.

    Raises ValueError (bad URL) or OSError (TimeoutError included) with a line for the operator.
    """
    address = RedisAddress.parse(url)
    try:
        async with asyncio.timeout(within):
            wire = await connect(address)
    except TimeoutError:
        raise TimeoutError(f"{address.label} did not answer within {within:g} s") from None
    except RedisRefused as error:
        raise RedisRefused(f"{address.label} refused: {error}") from error
    wire.abort()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.2):
            await wire.lost.wait()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
