"""One answer as OpenAI streams it, broken where the options say."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from tests.upstream.script import Options
from tests.upstream.wire import Reply

if TYPE_CHECKING:
    from tests.upstream.server import Call

ID = "chatcmpl-fake"
PARAGRAPH = 40  # stamped tokens


def stamp() -> str:
    """The time as nine digits: microseconds of this machine's monotonic clock, modulo 1,000 s."""
    return f"{time.monotonic_ns() // 1000 % 1_000_000_000:09d}"


def whole_answer(model: str, tokens: tuple[str, ...], call: Call) -> dict[str, Any]:
    """The answer as one JSON object, for servers that ignore `stream`."""
    call.sent = "".join(tokens)
    message = {"role": "assistant", "content": call.sent}
    return {
        "id": ID,
        "object": "chat.completion",
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": len(tokens)},
    }


def event(data: dict[str, Any] | None) -> bytes:
    """One server-sent event; None is the end marker."""
    text = "[DONE]" if data is None else json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"data: {text}\n\n".encode()


def delta(finish: str | None = None, **fields: str) -> dict[str, Any]:
    """One chunk of a stream."""
    return {
        "id": ID,
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": fields, "finish_reason": finish}],
    }


async def stream_answer(reply: Reply, call: Call, options: Options, tokens: tuple[str, ...]) -> str:
    """Send the answer; returns how it ended: complete or fault."""
    if options.fault == "stall-before-first":
        await asyncio.sleep(3600)
    reply.start_stream()
    reply.chunk(event(delta(role="assistant", content="")))
    if options.fault == "null-choices":
        odd: list[dict[str, Any]] = [{"choices": None}, {"choices": []}, {"choices": [{"delta": None}]}]
        for data in odd:
            reply.chunk(event(data))
        reply.chunk(b": keep-alive\n\n")
    await _say_reasoning(reply, options)
    started = time.monotonic()
    for number, token in enumerate(tokens):
        if number == options.after and await _strike(reply, options.fault):
            return "fault"
        if options.stamp:
            token = stamp() + ("\n\n" if number % PARAGRAPH == PARAGRAPH - 1 else " ")
        _say(reply, token, options.fault == "split-utf8")
        call.sent += token
        await _pace(reply, started, number + 1, options.speed)
    return await _finish(reply, call, options, len(tokens))


async def _say_reasoning(reply: Reply, options: Options) -> None:
    for number in range(options.reasoning):
        reply.chunk(event(delta(reasoning_content=f"thought {number} ")))
        await reply.writer.drain()


def _say(reply: Reply, token: str, split: bool) -> None:
    data = event(delta(content=token))
    if split:  # borders inside characters and inside the frame
        for start in range(0, len(data), 3):
            reply.chunk(data[start : start + 3])
    else:
        reply.chunk(data)


async def _pace(reply: Reply, started: float, done: int, speed: float) -> None:
    """Wait for the moment of the next token; the clock is the schedule, so sleeping late is made up for."""
    await reply.writer.drain()
    ahead = started + done / speed - time.monotonic() if speed else 0
    await asyncio.sleep(max(ahead, 0))


async def _strike(reply: Reply, fault: str) -> bool:
    """Break the stream as asked; False when the fault does not end it."""
    await reply.writer.drain()
    if fault == "stall-mid":
        await asyncio.sleep(3600)
    elif fault == "truncated":
        reply.end()
    elif fault == "reset":
        await asyncio.sleep(0.05)  # what was said has arrived before the line dies
        reply.reset()
    elif fault == "bad-json":
        reply.chunk(b'data: {"choices":[{"delta":{"content":"half\n\n')
        reply.end()
    elif fault == "error-in-stream":
        reply.chunk(event({"error": {"message": "The engine is overloaded", "code": "overloaded"}}))
        reply.end()
    else:
        return False
    return True


async def _finish(reply: Reply, call: Call, options: Options, count: int) -> str:
    reply.chunk(event(delta(finish="length" if options.fault == "length" else "stop")))
    if options.usage:
        usage = {"prompt_tokens": 7, "completion_tokens": count, "total_tokens": 7 + count}
        reply.chunk(event({"id": ID, "choices": [], "usage": usage}))
    reply.chunk(event(None))
    reply.end()
    await reply.writer.drain()
    return "complete"
