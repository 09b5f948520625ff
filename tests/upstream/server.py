"""The fake upstream: OpenAI's Chat Completions over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.upstream.script import (
    Options,
    already_said,
    key_of,
    options_for,
    options_of,
    question_of,
    rest_of,
    text_of,
    tokens_of,
)
from tests.upstream.streaming import stream_answer, whole_answer
from tests.upstream.wire import Reader, Reply, Request, read_request

MODELS = ("fake", "fake,tokens=400,speed=40", "fake,fault=500", "text-embedding-fake")


@dataclass
class Call:
    """One request for an answer, as a checker wants to see it."""

    model: str
    prompt: str
    messages: list[dict[str, Any]]
    authorization: str
    at: float
    tokens: int
    sent: str = ""  # the text that left, token by token
    ended: str = "running"  # complete, fault, or closed (the client hung up)
    closed_at: float = 0.0


@dataclass
class Upstream:
    """A running fake upstream; `url` is what a connection's base address should be."""

    port: int = 0
    calls: dict[str, list[Call]] = field(default_factory=dict)
    requests: deque[Request] = field(default_factory=lambda: deque(maxlen=1000))  # the last ones
    defaults: Options = field(default_factory=Options)
    connections: int = 0  # accepted so far
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _talks: set[asyncio.Task[None]] = field(default_factory=set)
    _open: weakref.WeakSet[asyncio.WriteTransport] = field(default_factory=weakref.WeakSet)

    @property
    def url(self) -> str:
        """Base address of the healthy upstream."""
        return f"http://127.0.0.1:{self.port}/v1"

    def url_with(self, options: str) -> str:
        """Base address under which everything behaves as `options` say (`fault=401`)."""
        return f"http://127.0.0.1:{self.port}/with/{options}/v1"

    async def start(self) -> None:
        """Listen on 127.0.0.1, on a free port unless one was given."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and hang up."""
        assert self._server is not None, "not started"
        self._server.close()
        await asyncio.sleep(0)  # a connection accepted a moment ago still becomes a talk
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        for transport in list(self._open):
            transport.abort()  # of a talk that never began, or whose last words nobody reads
        await self._server.wait_closed()
        await asyncio.sleep(0)  # the aborted transports close in the next turn of the loop

    async def called(self, key: str, within: float = 5.0) -> Call:
        """The last call of `key` once there is one; raises TimeoutError."""
        return await self._when(lambda: bool(self.calls.get(key)), key, within)

    async def ended(self, key: str, within: float = 5.0) -> Call:
        """The last call of `key` once it is over; raises TimeoutError."""
        return await self._when(
            lambda: bool(self.calls.get(key)) and self.calls[key][-1].ended != "running", key, within
        )

    async def _when(self, happened: Callable[[], bool], key: str, within: float) -> Call:
        async with asyncio.timeout(within):
            while not happened():
                self.changed.clear()
                await self.changed.wait()
        return self.calls[key][-1]

    def note(self, call: Call, ended: str) -> None:
        """Remember how a call ended."""
        call.ended, call.closed_at = ended, time.monotonic()
        self.changed.set()

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        reader = Reader()

        def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.connections += 1
            talk = asyncio.ensure_future(self._talk(reader, writer))
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
            self._open.add(writer.transport)

        return asyncio.StreamReaderProtocol(reader, connected)

    async def _talk(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                self.requests.append(request)
                await self._answer(request, Reply(writer), reader)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort() if reader.gone.is_set() else writer.close()

    async def _answer(self, request: Request, reply: Reply, reader: Reader) -> None:
        path = request.path
        ahead = ""
        if path.startswith("/with/"):
            _, _, ahead, path = path.split("/", 3)
            path = "/" + path
        if path == "/v1/chat/completions" and request.method == "POST":
            await self._complete(request, reply, reader, ahead)
        elif path == "/v1/models":
            await self._models(request, reply, options_of(ahead, self.defaults))
        elif path == "/calls":
            reply.json(200, {key: [asdict(call) for call in calls] for key, calls in self.calls.items()})
        elif path == "/text":
            reply.json(200, self._text(request))
        else:
            reply.json(404, {"error": {"message": f"Nothing at {path}", "type": "invalid_request_error"}})

    def _text(self, request: Request) -> dict[str, Any]:
        key = request.query["key"][0]
        calls = self.calls.get(key, [])
        count = int(request.query.get("tokens", [str(calls[-1].tokens if calls else 40)])[0])
        return {"key": key, "calls": len(calls), "text": text_of(key, count)}

    async def _models(self, request: Request, reply: Reply, options: Options) -> None:
        if options.slow:
            await asyncio.sleep(options.slow / 1000)
        if options.fault in ("401", "429", "500"):
            refuse(reply, options, request.headers.get("authorization", ""))
        elif options.fault == "many-models":
            reply.json(
                200, {"data": [{"id": f"m{n}"} for n in range(5000)] + [{"id": "x" * 9000}, {"id": 7}]}
            )
        elif options.fault == "html-502":
            reply.whole(502, b"<html><body><h1>Bad gateway</h1></body></html>", content_type="text/html")
        elif options.fault == "redirect":
            reply.whole(302, b"", location="http://127.0.0.1:1/v1/models")
        elif options.fault == "stall-before-first":
            await asyncio.sleep(3600)
        else:
            reply.json(200, {"object": "list", "data": [{"id": name, "object": "model"} for name in MODELS]})

    async def _complete(self, request: Request, reply: Reply, reader: Reader, ahead: str) -> None:
        body = request.json()
        messages = body["messages"]
        question = question_of(messages)
        header = request.headers.get("x-upstream", "")
        options = options_for(body["model"], question, header, ahead)
        key = key_of(question)
        call = Call(
            model=body["model"],
            prompt=question,
            messages=messages,
            authorization=request.headers.get("authorization", ""),
            at=time.monotonic(),
            tokens=options.tokens,
        )
        self.calls.setdefault(key, []).append(call)
        self.changed.set()
        if options.slow:
            await asyncio.sleep(options.slow / 1000)
        if options.fault in ("401", "429", "500", "html-502", "redirect"):
            refuse(reply, options, call.authorization)
            return self.note(call, "fault")
        tokens = rest_of(tokens_of(key, options.tokens), already_said(messages))
        if options.fault == "json" or not body.get("stream"):
            reply.json(200, whole_answer(body["model"], tokens, call))
            return self.note(call, "complete")
        await self._stream(reply, reader, call, options, tokens)

    async def _stream(
        self,
        reply: Reply,
        reader: Reader,
        call: Call,
        options: Options,
        tokens: tuple[str, ...],
    ) -> None:
        """Stream until the end, a fault, or the client's goodbye, whichever is first."""
        talking = asyncio.ensure_future(stream_answer(reply, call, options, tokens))
        leaving = asyncio.ensure_future(reader.gone.wait())
        try:
            await asyncio.wait({talking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done():
                self.note(call, talking.result())
            else:
                self.note(call, "closed")
        except ConnectionError:
            self.note(call, "closed")
        finally:
            for task in (talking, leaving):
                task.cancel()
            await asyncio.gather(talking, leaving, return_exceptions=True)


def refuse(reply: Reply, options: Options, authorization: str) -> None:
    """An error as vendors word it. The 401 echoes the credential, as some really do."""
    if options.fault == "401":
        message = f"Incorrect API key provided: {authorization.removeprefix('Bearer ')}."
        reply.json(401, {"error": {"message": message, "code": "invalid_api_key"}})
    elif options.fault == "429":
        error = {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}
        reply.json(429, {"error": error}, retry_after=options.retry_after)
    elif options.fault == "html-502":
        reply.whole(502, b"<html><body><h1>Bad gateway</h1></body></html>", content_type="text/html")
    elif options.fault == "redirect":
        reply.whole(302, b"", location="http://127.0.0.1:1/elsewhere")
    else:
        reply.json(500, {"error": {"message": "The server had an error", "type": "server_error"}})


@contextlib.asynccontextmanager
async def upstream(port: int = 0) -> AsyncIterator[Upstream]:
    """A fake upstream for the length of a block."""
    server = Upstream(port=port)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
