"""One HTTP/1.1 connection, parsed in C.

Reading a token through httpx's usual transport (httpcore, h11, anyio) costs 75 µs at 50 streams,
through this 32 µs, and reading is what a worker does most.
"""

from __future__ import annotations

import asyncio
import re
from typing import cast

import httptools
import httpx

READ_AHEAD = 256 * 1024  # bytes kept before the peer is asked to pause
HEAD_CAP = 64 * 1024  # bytes of a status line with its headers
FRAME_CAP = 512 * 1024  # bytes between two pieces of a body
CLOSED_EARLY = "the connection was closed early"

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BAD_IN_VALUE = re.compile(rb"[\r\n\x00]")


class Answer:
    """One answer as the parser tells it, through the methods httptools looks for by name."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._header_bytes = 0
        self._early_bytes = 0  # received before the head was whole
        self._idle_bytes = 0  # received since the last piece of the body
        self.headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.chunks: list[bytes] = []
        self.buffered = 0  # bytes in `chunks`
        self.head_done = False
        self.complete = False
        self.reusable = False  # whether the connection can carry another request

    def feed(self, data: bytes) -> None:
        """Parse what came; raises httpx.RemoteProtocolError."""
        if not self.head_done:
            self._early_bytes += len(data)
        had = self.buffered
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            raise httpx.RemoteProtocolError("the answer is not HTTP") from None
        if self._header_bytes > HEAD_CAP or (not self.head_done and self._early_bytes > HEAD_CAP):
            raise httpx.RemoteProtocolError("the headers are too large")
        if self.head_done:  # an extension of a chunk may go on without an end
            self._idle_bytes = 0 if self.buffered > had else self._idle_bytes + len(data)
            if self._idle_bytes > FRAME_CAP:
                raise httpx.RemoteProtocolError("the answer has no content")

    def ends_with_connection(self) -> bool:
        """Whether hanging up is how the server marks the end of this body."""
        names = {name.lower() for name, _value in self.headers}
        return self.head_done and not names & {b"content-length", b"transfer-encoding"}

    def on_message_begin(self) -> None:
        """An answer; a second one nobody asked for makes the connection unfit for another request."""
        if self.complete:
            self.reusable = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._header_bytes += len(name) + len(value) + 4
        if self._header_bytes <= HEAD_CAP and not self.complete:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole; 1xx answers are only announcements."""
        if self.complete:
            return
        self.status = self._parser.get_status_code()
        if self.status < 200:
            self.headers = []
        else:
            self.head_done = True
            self.reusable = self._parser.should_keep_alive()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if not self.complete:
            self.chunks.append(body)
            self.buffered += len(body)

    def on_message_complete(self) -> None:
        """The end of the answer, or of an announcement."""
        self.complete = self.head_done


class Connection(asyncio.Protocol):
    """Sends one request at a time and reads its answer."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._transport: asyncio.Transport
        self._failure: Exception | None = None
        self._silence = 0.0  # seconds allowed between bytes
        self._heard = 0.0  # loop time of the last bytes
        self._timer: asyncio.TimerHandle | None = None
        self.closed = False
        self.idle_since = 0.0
        self.answer = Answer()

    # What the owner calls

    async def send(self, data: bytes, silence: float) -> None:
        """Send a request; from now on `silence` seconds without a byte are a ReadTimeout."""
        self.answer = Answer()
        self._silence = silence
        self._transport.write(data)
        self._heard = self._loop.time()
        self._timer = self._loop.call_at(self._heard + silence, self._check_silence)
        if self._drained is not None:
            await self._drained

    def allow_silence(self, seconds: float) -> None:
        """From now on so many seconds without a byte are a ReadTimeout."""
        if seconds != self._silence and self._timer is not None:
            self._silence = seconds
            self._timer.cancel()
            self._timer = self._loop.call_at(self._heard + seconds, self._check_silence)

    async def head(self) -> None:
        """Wait for the status and headers of `answer`."""
        while not self.answer.head_done:
            await self._news()

    async def read(self) -> bytes:
        """What has arrived of the body, b"" at its end."""
        answer = self.answer
        while not answer.chunks and not answer.complete:
            await self._news()
        if not answer.chunks:
            return b""
        data = answer.chunks[0] if len(answer.chunks) == 1 else b"".join(answer.chunks)
        answer.chunks.clear()
        if answer.buffered > READ_AHEAD and not self.closed:
            self._transport.resume_reading()
        answer.buffered = 0
        return data

    def rest(self) -> bool:
        """Stop watching; whether the connection can carry another request."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.idle_since = self._loop.time()
        answer = self.answer
        return answer.complete and answer.reusable and not self.closed and not self._transport.is_closing()

    def abort(self) -> None:
        """Hang up at once, without waiting for the peer's goodbye."""
        self.rest()
        self._transport.abort()

    async def _news(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, failure: Exception) -> None:
        if self._failure is None:
            self._failure = failure
        self._wake()
        self._transport.abort()

    def _check_silence(self) -> None:
        """One timer per answer, moved on only when it rings: cheaper than one per read."""
        due = self._heard + self._silence
        if self._loop.time() < due or self.answer.buffered > READ_AHEAD:  # paused by us is not silence
            due = max(due, self._loop.time() + 0.1)
            self._timer = self._loop.call_at(due, self._check_silence)
        else:
            self._fail(httpx.ReadTimeout(f"nothing came for {self._silence:g} s"))

    # What the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected, TLS included."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        self._heard = self._loop.time()
        if self.answer.complete or not self._silence:
            return self._fail(httpx.RemoteProtocolError("the server talks without being asked"))
        try:
            self.answer.feed(data)
        except httpx.RemoteProtocolError as error:
            return self._fail(error)
        if self.answer.buffered > READ_AHEAD:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end of a body without a length, otherwise a failure."""
        self.closed = True
        answer = self.answer
        if not answer.complete and exc is None and answer.ends_with_connection():
            answer.complete = True
        elif not answer.complete and self._failure is None:
            self._failure = httpx.RemoteProtocolError(CLOSED_EARLY)
        self.resume_writing()
        self._wake()

    def pause_writing(self) -> None:
        """The peer does not read."""
        if self._drained is None:
            self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        """The peer reads again, or is gone."""
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None


def request_bytes(request: httpx.Request, body: bytes) -> bytes:
    """The request as sent; raises httpx.LocalProtocolError for headers that would break out of their line."""
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    for name, value in request.headers.raw:
        if not _NAME.fullmatch(name) or _BAD_IN_VALUE.search(value):
            raise httpx.LocalProtocolError("a header is not valid")
        lines.append(b"%b: %b" % (name, value))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
