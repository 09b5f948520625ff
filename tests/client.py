"""A thin HTTP/1.1 client for measuring: one connection, one exchange at a time, body parts as they arrive.

It exists because httpx costs more per token than the product that is measured. Only what our servers
send is understood: a length or chunks, no compression, no redirects.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit


class Event(NamedTuple):
    """One server-sent event; `id` is -1 when it has none."""

    id: int
    name: bytes
    data: bytes


OnData = Callable[[bytes], None]
OnEvent = Callable[[Event], None]


class ServerSentEvents:
    """Cuts bytes into events (HTML standard, section 9.2.6; `\\n` line ends, as our wire contract says)."""

    def __init__(self, on_event: OnEvent) -> None:
        self._rest = b""
        self._on_event = on_event

    def feed(self, data: bytes) -> None:
        """Take what arrived; complete events are handed on at once."""
        *blocks, self._rest = (self._rest + data).split(b"\n\n")
        for block in blocks:
            seq, name, lines = -1, b"", []
            for line in block.split(b"\n"):
                field, _, value = line.partition(b": ")
                if field == b"data":
                    lines.append(value)
                elif field == b"id":
                    seq = int(value)
                elif field == b"event":
                    name = value
            if lines:
                self._on_event(Event(seq, name, b"\n".join(lines)))


class Connection(asyncio.Protocol):
    """One TCP connection to a server. Raises ConnectionError when it breaks during an exchange."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self._buffer = bytearray()
        self._left = -1  # bytes until the end of the chunk or body; -1: the head comes first
        self._chunked = False
        self._on_data: OnData | None = None  # nobody wants the body yet: it waits in the buffer
        self._head: asyncio.Future[None] | None = None
        self._end: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    async def begin(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> int:
        """Send a request and wait for the status."""
        assert self._transport is not None
        if self._transport.is_closing():
            raise ConnectionResetError("the connection was closed between two requests")
        loop = asyncio.get_running_loop()
        self._head, self._end = loop.create_future(), loop.create_future()
        self._left, self._buffer, self._chunked = -1, bytearray(), False
        lines = [f"{method} {target} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await self._head
        return self.status

    async def finish(self, on_data: OnData | None = None) -> None:
        """Hand on the body as it arrives, and what has arrived before, until its end."""
        assert self._end is not None
        self._on_data = on_data or (lambda data: None)
        self._read_body()
        await self._end

    def close(self) -> None:
        """Hang up at once."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._head is not None and not self._head.done():
            self._read_head()
        else:
            self._read_body()

    def connection_lost(self, error: Exception | None) -> None:
        for waiting in (self._head, self._end):
            if waiting is not None and not waiting.done():
                waiting.set_exception(ConnectionResetError(str(error or "closed")))
                waiting.exception()  # read here: nobody may be waiting any more

    def _read_head(self) -> None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        first, *lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        self.status = int(first.split(" ", 2)[1])
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self._chunked = self.headers.get("transfer-encoding") == "chunked"
        self._left = 0 if self._chunked else int(self.headers.get("content-length", 0))
        self._on_data = None
        assert self._head is not None
        assert self._end is not None
        if not self._chunked and self._left == 0:
            self._end.set_result(None)
        self._head.set_result(None)

    def _read_body(self) -> None:
        if self._on_data is None or self._end is None or self._end.done():
            return
        if self._chunked:
            self._read_chunks(self._on_data)
        elif self._buffer:
            part = bytes(self._buffer[: self._left])
            self._left -= len(part)
            self._buffer.clear()
            self._on_data(part)
            if self._left == 0:
                self._end.set_result(None)

    def _read_chunks(self, on_data: OnData) -> None:
        assert self._end is not None
        while True:
            line = self._buffer.find(b"\r\n")
            if line < 0:
                return
            size = int(self._buffer[:line], 16)
            if len(self._buffer) < line + 2 + size + 2:
                return
            part = bytes(self._buffer[line + 2 : line + 2 + size])
            del self._buffer[: line + 2 + size + 2]
            if not size:
                self._end.set_result(None)
                return
            on_data(part)


async def connect(url: str) -> Connection:
    """A connection to the host and port of `url`."""
    where = urlsplit(url)
    assert where.hostname is not None
    assert where.port is not None
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(Connection, where.hostname, where.port)
    return connection


async def call(
    url: str, method: str, target: str, token: str = "", payload: Any = None, headers: Mapping[str, str] = {}
) -> tuple[int, Any]:
    """One JSON request on a connection of its own: status and decoded body."""
    connection = await connect(url)
    try:
        body = b"" if payload is None else json.dumps(payload).encode()
        status = await connection.begin(method, target, {**json_headers(token), **headers}, body)
        parts: list[bytes] = []
        await connection.finish(parts.append)
        text = b"".join(parts)
        is_json = connection.headers.get("content-type", "").startswith("application/json")
        return status, json.loads(text) if is_json and text else text
    finally:
        connection.close()


def json_headers(token: str) -> dict[str, str]:
    """Headers of a program's request with this Bearer token ("": none)."""
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return {"Content-Type": "application/json", **bearer}
