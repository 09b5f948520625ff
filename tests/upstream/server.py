"""The fake upstream: every vendor's format over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict, dataclass, field, replace
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

from tests.upstream.dialects import DIALECTS, Dialect
from tests.upstream.script import (
    Options,
    already_said,
    in_blocks,
    key_of,
    options_for,
    options_of,
    question_of,
    rest_of,
    text_of,
    tokens_of,
)
from tests.upstream.streaming import Plan, say_whole, stream_answer
from tests.upstream.wire import Dress, Reader, Reply, Request, read_request

MODELS = ("fake", "fake,tokens=400,speed=40", "fake,fault=500", "text-embedding-fake")
HTML = b"<html><body><h1>Bad gateway</h1></body></html>"


@dataclass
class Call:
    """One request for an answer, as a checker wants to see it."""

    model: str
    prompt: str
    messages: list[dict[str, Any]]
    authorization: str
    at: float
    tokens: int
    dialect: str = "openai"
    credential: str = ""
    complaints: list[str] = field(default_factory=list)  # what the vendor would refuse in it
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
        return self.url_of("openai", options)

    def url_of(self, dialect: str, options: str = "") -> str:
        """Base address for a connection of this kind."""
        spoken = DIALECTS[dialect]
        ahead = f"/with/{options}" if options else ""
        return f"http://127.0.0.1:{self.port}{ahead}{spoken.root}{spoken.base}"

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

    async def called(self, key: str, within: float = 20.0) -> Call:
        """The last call of `key` once there is one; raises TimeoutError."""
        return await self._when(lambda: bool(self.calls.get(key)), key, within)

    async def ended(self, key: str, within: float = 20.0) -> Call:
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
            ahead, path = unquote(ahead), "/" + path
        if path == "/bodies":
            reply.json(200, [each.json() for each in self.requests if each.method == "POST"])
        elif path == "/calls":
            reply.json(200, {key: [asdict(call) for call in calls] for key, calls in self.calls.items()})
        elif path == "/text":
            reply.json(200, self._text(request))
        elif (dialect := spoken_at(request, path)) is not None:
            await self._complete(request, reply, reader, Place(dialect, path, ahead))
        elif (found := listed_at(request, path)) is not None:
            await self._models(request, reply, options_of(ahead, self.defaults), *found)
        else:
            reply.json(404, {"error": {"message": f"Nothing at {path}", "type": "invalid_request_error"}})

    def _text(self, request: Request) -> dict[str, Any]:
        key = request.query["key"][0]
        calls = self.calls.get(key, [])
        count = int(request.query.get("tokens", [str(calls[-1].tokens if calls else 40)])[0])
        return {"key": key, "calls": len(calls), "text": text_of(key, count)}

    async def _models(
        self, request: Request, reply: Reply, options: Options, dialect: Dialect, data: Any
    ) -> None:
        if options.slow:
            await asyncio.sleep(options.slow / 1000)
        credential = dialect.credential(request)
        options = for_key(options, credential)
        if options.fault == "many-models":
            reply.json(
                200, {"data": [{"id": f"m{n}"} for n in range(5000)] + [{"id": "x" * 9000}, {"id": 7}]}
            )
        elif options.fault == "hang-headers":
            await asyncio.sleep(3600)
        elif not refuse(reply, options, dialect, credential):
            reply.json(200, data)

    async def _complete(self, request: Request, reply: Reply, reader: Reader, place: Place) -> None:
        dialect = place.dialect
        ask = dialect.read(request, place.path.removeprefix(dialect.root))
        question, credential = question_of(ask.messages), dialect.credential(request)
        key = key_of(question)
        options = options_for(ask.model, question, request.headers.get("x-upstream", ""), place.ahead)
        call = Call(
            model=ask.model,
            prompt=question,
            messages=ask.messages,
            authorization=request.headers.get("authorization", ""),
            at=time.monotonic(),
            tokens=options.tokens,
            dialect=dialect.name,
            credential=credential,
            complaints=dialect.complaints(ask.body),
        )
        self.calls.setdefault(key, []).append(call)
        self.changed.set()
        options = for_key(options, credential)
        if options.failures and len(self.calls[key]) > options.failures:
            options = replace(options, fault="")
        if options.slow:
            await asyncio.sleep(options.slow / 1000)
        odd = options.sse == "odd" and ask.stream
        reply.dress(Dress(crlf=options.crlf, gzip=options.gzip, split=options.split, odd_events=odd))
        repeated = request.headers.get(options.echo, "") if options.echo else credential
        if refuse(reply, options, dialect, repeated, stream=ask.stream):
            return self.note(call, "fault")
        begun = "" if ask.answers_tools else already_said(ask.messages)
        tokens = in_blocks(tokens_of(key, options.tokens), options.block)
        plan = Plan(ask, options, rest_of(tokens, begun))
        if options.fault == "json" or not ask.stream:
            await self._until(reader, call, say_whole(reply, dialect, plan, call))
        else:
            await self._until(reader, call, stream_answer(reply, call, dialect, plan))

    async def _until(self, reader: Reader, call: Call, answer: Coroutine[Any, Any, str]) -> None:
        """Talk until the end, a fault, or the client's goodbye, whichever is first."""
        talking = asyncio.ensure_future(answer)
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request arrived: whose format, at which path, with which options ahead of it."""

    dialect: Dialect
    path: str
    ahead: str


def spoken_at(request: Request, path: str) -> Dialect | None:
    """Whose request for an answer this is."""
    for dialect in DIALECTS.values():
        if path.startswith(dialect.root) and dialect.answers(request, path.removeprefix(dialect.root)):
            return dialect
    return None


def listed_at(request: Request, path: str) -> tuple[Dialect, Any] | None:
    """Whose list of models this is, and the list."""
    for dialect in DIALECTS.values():
        if path.startswith(dialect.root):
            data = dialect.listing(request, path.removeprefix(dialect.root), MODELS)
            if data is not None:
                return dialect, data
    return None


def for_key(options: Options, credential: str) -> Options:
    """The options for a call with this credential, see `Options.bad_key`."""
    if not options.bad_key:
        return options
    return replace(options, fault=(options.fault or "401") if credential == options.bad_key else "")


def refuse(
    reply: Reply, options: Options, dialect: Dialect, credential: str, *, stream: bool = False
) -> bool:
    """Answer with something that is no answer, if the options say so; every 401 echoes the credential."""
    if options.fault == "html-502":
        reply.whole(502, HTML, content_type="text/html")
    elif options.fault == "wrong-type":
        reply.whole(200, HTML, content_type="text/html; charset=utf-8")
    elif options.fault == "redirect":
        reply.whole(302, b"", location="http://127.0.0.1:1/elsewhere")
    elif options.fault == "error-in-200":
        reply.json(200, dialect.refusal("503", credential).body)
    elif options.fault in dialect.faults:
        wait = options.retry_after if options.retry_after.isdigit() else "3"
        refusal = dialect.refusal(options.fault, credential, wait)
        if refusal.status == 200 and stream:
            reply.start_stream(dialect.stream_type)
            reply.chunk(dialect.framed(refusal.body))
            reply.end()
            return True
        waiting = options.fault in ("429", "503") and dialect.sends_retry_after
        reply.json(refusal.status, refusal.body, **refusal.headers, **(_wait(options) if waiting else {}))
    else:
        return False
    return True


def _wait(options: Options) -> dict[str, str]:
    kind, _, seconds = options.retry_after.partition(":")
    if kind == "date":
        return {"retry-after": formatdate(time.time() + float(seconds), usegmt=True)}
    return {} if kind == "none" else {"retry-after": options.retry_after}


@contextlib.asynccontextmanager
async def upstream(port: int = 0) -> AsyncIterator[Upstream]:
    """A fake upstream for the length of a block."""
    server = Upstream(port=port)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
