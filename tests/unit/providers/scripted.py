"""A server that answers with bytes a test wrote, one answer per request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from parley.providers.base import Fact, Prompt, Provider, ProviderError, TextDelta
from tests.upstream.wire import Reader, Reply, Request, read_request

Answer = Callable[[Request, Reply], None]


@dataclass
class Scripted:
    """What was asked, and what the next requests are told; the last answer stays."""

    answers: list[Answer]
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, reader: Reader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self.connections += 1
        try:
            while (request := await read_request(reader)) is not None:
                self.requests.append(request)
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                answer(request, Reply(writer))
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self.gone.set()
            writer.transport.abort()


def whole(status: int, body: bytes, kind: str = "application/json", **headers: str) -> Answer:
    """An answer that is complete at once."""
    return lambda _request, reply: reply.whole(status, body, content_type=kind, **headers)


def streamed(kind: str, *pieces: bytes, ends: bool = True) -> Answer:
    """A chunked body in these pieces; without its end the connection stays silent."""

    def answer(_request: Request, reply: Reply) -> None:
        reply.head(200, {"content-type": kind, "transfer-encoding": "chunked"})
        for piece in pieces:
            reply.chunk(piece)
        if ends:
            reply.end()

    return answer


@asynccontextmanager
async def scripted(*answers: Answer) -> AsyncIterator[Scripted]:
    """A local server that gives these answers."""
    server = Scripted(list(answers))
    loop = asyncio.get_running_loop()
    tasks: set[asyncio.Task[None]] = set()

    def protocol() -> asyncio.StreamReaderProtocol:
        reader = Reader()

        def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = loop.create_task(server.talk(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        return asyncio.StreamReaderProtocol(reader, connected)

    listening = await loop.create_server(protocol, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # for the transports to notice


async def heard(provider: Provider, prompt: Prompt) -> tuple[list[Fact], ProviderError | None]:
    """Everything a provider says, and how it failed."""
    said: list[Fact] = []
    try:
        async for fact in provider.stream(prompt):
            said.append(fact)
    except ProviderError as error:
        return said, error
    return said, None


def text_in(facts: list[Fact]) -> str:
    """The answer."""
    return "".join(fact.text for fact in facts if isinstance(fact, TextDelta))
