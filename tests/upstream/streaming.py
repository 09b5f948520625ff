"""One answer in a vendor's words, broken where the options say."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.upstream.dialects import Ask, Count, Dialect, Made, Said, Talk, png
from tests.upstream.script import Options
from tests.upstream.wire import Dress, Reply

if TYPE_CHECKING:
    from tests.upstream.server import Call

PARAGRAPH = 40  # stamped tokens
PROMPT_TOKENS = 7
DRIP = 0.03  # seconds between two bytes
LIGHT = 0.02  # seconds in which what was said arrives before the line dies


def stamp() -> str:
    """The time as nine digits: microseconds of this machine's monotonic clock, modulo 1,000 s."""
    return f"{time.monotonic_ns() // 1000 % 1_000_000_000:09d}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is said, and how."""

    ask: Ask
    options: Options
    tokens: tuple[str, ...]

    @property
    def tools(self) -> list[Made]:
        """The tool calls; none once their results are there."""
        count = 0 if self.ask.answers_tools else self.options.tools
        return [made(number, self.ask.tools) for number in range(count)]

    @property
    def images(self) -> list[bytes]:
        """The pictures."""
        return [png(self.options.image_size)] * self.options.images

    @property
    def count(self) -> Count | None:
        """The tokens, as a vendor counts them."""
        options = self.options
        if not options.usage:
            return None
        return Count(PROMPT_TOKENS, len(self.tokens), options.cached, options.reasoning)

    @property
    def reason(self) -> str:
        """Why it ends."""
        return self.options.fault if self.options.fault in ("length", "content_filter") else "stop"

    @property
    def strikes_at(self) -> int:
        """The token before which the fault strikes; -1 is before the first byte."""
        places = {"first": -1, "last": len(self.tokens)}
        after = self.options.after if self.options.after < len(self.tokens) else len(self.tokens) + 1
        return places.get(self.options.at, after)


def made(number: int, offered: Sequence[str]) -> Made:
    """The tool call of this number, its arguments cut inside words and beside characters of many bytes."""
    name = offered[number % len(offered)] if offered else f"tool_{number}"
    return Made(number, name, ('{"ci', f'ty": "北京 {number}', '", "day', 's": 3', "}"))


def thought(number: int) -> str:
    """A piece of reasoning."""
    return f"thought {number} "


def whole_answer(dialect: Dialect, plan: Plan, call: Call) -> object:
    """The answer as one JSON object."""
    call.sent = "".join(plan.tokens)
    reasoning = "".join(thought(number) for number in range(plan.options.reasoning))
    said = Said(call.sent, reasoning, plan.tools, plan.images, plan.reason, plan.count)
    return dialect.whole(plan.ask, said)


async def say_whole(reply: Reply, dialect: Dialect, plan: Plan, call: Call) -> str:
    """The answer in one piece, or half of it."""
    fault = plan.options.fault
    if fault == "hang-headers":
        await asyncio.sleep(3600)
    body = json.dumps(whole_answer(dialect, plan, call), ensure_ascii=False).encode()
    half = body[: len(body) // 2]
    if fault == "bad-json":
        reply.whole(200, half)
    elif fault in ("hang-body", "reset", "truncated"):
        reply.head(200, {"content-type": "application/json", "content-length": str(len(body))})
        reply.writer.write(half)
        await reply.writer.drain()
        await asyncio.sleep(3600 if fault == "hang-body" else LIGHT)
        reply.reset() if fault == "reset" else reply.writer.close()
    else:
        reply.whole(200, body)
        return "complete"
    return "fault"


def recorded(dialect: Dialect, plan: Plan) -> bytes:
    """The body of a healthy stream, all at once."""
    talk = dialect.talk(plan.ask, plan.count, plan.options.think)
    said = [talk.start(), *_before(plan, talk)]
    for number, token in enumerate(plan.tokens):
        if plan.options.keepalive and number % plan.options.keepalive == 0:
            said.append(talk.alive())
        said.append(talk.text(token))
    body = b"".join([*said, *_behind(plan, talk), talk.end(plan.reason, plan.count)])
    return b"".join(Dress(crlf=plan.options.crlf).pieces(body))


def _before(plan: Plan, talk: Talk) -> Iterator[bytes]:
    if plan.options.fault == "odd":
        yield from talk.odd()
    for number in range(plan.options.reasoning):
        yield talk.reasoning(thought(number))


def _behind(plan: Plan, talk: Talk) -> Iterator[bytes]:
    for picture in plan.images:
        yield talk.image(picture)
    for tool in plan.tools:
        yield from talk.tool(tool)


async def stream_answer(reply: Reply, call: Call, dialect: Dialect, plan: Plan) -> str:
    """Send the answer; returns how it ended: complete or fault."""
    options, strikes_at = plan.options, plan.strikes_at
    talk = dialect.talk(plan.ask, plan.count, options.think)
    if options.fault == "hang-headers":
        await asyncio.sleep(3600)
    if options.fault == "reset" and strikes_at < 0:
        reply.reset()
        return "fault"
    reply.start_stream(options.type or dialect.stream_type)
    if strikes_at < 0 and await _strike(reply, dialect, talk, options.fault):
        return "fault"
    _put(reply, talk.start())
    for frame in _before(plan, talk):
        _put(reply, frame)
        await reply.writer.drain()
    started = time.monotonic()
    for number, token in enumerate(plan.tokens):
        if number == strikes_at and await _strike(reply, dialect, talk, options.fault):
            return "fault"
        token = _dressed(token, number, plan)
        if options.keepalive and number % options.keepalive == 0:
            reply.chunk(talk.alive())
        reply.chunk(talk.text(token))
        call.sent += token
        await _pace(reply, started, number + 1, options.speed)
    return await _finish(reply, dialect, talk, plan)


async def _finish(reply: Reply, dialect: Dialect, talk: Talk, plan: Plan) -> str:
    for frame in _behind(plan, talk):
        _put(reply, frame)
    if plan.strikes_at == len(plan.tokens) and await _strike(reply, dialect, talk, plan.options.fault):
        return "fault"
    _put(reply, talk.end(plan.reason, plan.count))
    reply.end()
    await reply.writer.drain()
    return "complete"


def _dressed(token: str, number: int, plan: Plan) -> str:
    if plan.options.stamp:
        return stamp() + ("\n\n" if number % PARAGRAPH == PARAGRAPH - 1 else " ")
    if plan.options.line and number == len(plan.tokens) // 2:
        return "x" * plan.options.line
    return token


def _put(reply: Reply, frame: bytes) -> None:
    if frame:
        reply.chunk(frame)


async def _pace(reply: Reply, started: float, done: int, speed: float) -> None:
    """Wait for the moment of the next token; the clock is the schedule, so sleeping late is made up for."""
    await reply.writer.drain()
    ahead = started + done / speed - time.monotonic() if speed else 0
    await asyncio.sleep(max(ahead, 0))


async def _strike(reply: Reply, dialect: Dialect, talk: Talk, fault: str) -> bool:
    """Break the stream as asked; False when the fault does not end it."""
    await reply.writer.drain()
    if fault == "hang-body":
        await asyncio.sleep(3600)
    elif fault == "only-alive":
        while True:
            reply.chunk(talk.alive())
            await reply.writer.drain()
            await asyncio.sleep(DRIP)
    elif fault == "drip":
        await _drip(reply, talk)
    elif fault == "truncated":
        reply.end()
    elif fault == "reset":
        await asyncio.sleep(LIGHT)
        reply.reset()
    elif fault == "bad-json":
        frame = talk.text("half of a piece").removesuffix(dialect.frame_end)
        reply.chunk(frame[: len(frame) * 2 // 3] + dialect.frame_end)
        reply.end()
    elif fault in ("error-in-stream", "limit-in-stream"):
        reply.chunk(talk.failure() if fault == "error-in-stream" else talk.limit())
        reply.end()
    else:
        return False
    return True


async def _drip(reply: Reply, talk: Talk) -> None:
    """Byte after byte of something that never becomes a frame."""
    for byte in talk.text("drip " * 10_000):
        reply.chunk(bytes([byte]))
        await reply.writer.drain()
        await asyncio.sleep(DRIP)
