"""What Anthropic answers, as facts.

Source of the events: platform.claude.com/docs/en/build-with-claude/streaming; of the reasons to stop:
build-with-claude/handling-stop-reasons; of the errors: api/errors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.providers.anthropic_messages import state_of
from parley.providers.base import (
    SENTENCES,
    Fact,
    Finished,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ThoughtState,
    ToolCallDelta,
    UsageReport,
)
from parley.providers.loose import coerced, mended
from parley.providers.native import object_of
from parley.providers.redacting import scrap
from parley.providers.vendor_errors import Secrets, error_inside

_REASONS = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",  # it would go on if asked
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}
_CLASSES = {
    "authentication_error": "authentication",
    "permission_error": "authentication",
    "billing_error": "quota",
    "not_found_error": "model_not_found",
    "request_too_large": "context_length",
    "rate_limit_error": "rate_limit",
    "overloaded_error": "overloaded",
    "timeout_error": "timeout",
    "api_error": "server",
}
_SPENT = re.compile(r"api usage limits?|spend limit", re.IGNORECASE)  # told as an invalid request
_KEPT = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})


class Block(msgspec.Struct):
    """A part of an answer, whole or at its start."""

    type: str = ""
    id: str | None = None
    name: str | None = None
    input: Any = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None


class Delta(msgspec.Struct):
    """A piece of a block, or news about the whole answer."""

    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    stop_reason: str | None = None


class Message(msgspec.Struct):
    """The answer as far as its first event tells it."""

    usage: Any = None


class Event(msgspec.Struct):
    """Any event, and the whole answer where it is not a stream."""

    type: str = ""
    index: int = 0
    delta: Delta | None = None
    content_block: Block | None = None
    message: Message | None = None
    usage: Any = None
    error: Any = None
    content: list[Block] | None = None
    stop_reason: str | None = None


_decode = msgspec.json.Decoder(Event).decode


class AnthropicReading:
    """What one answer said so far, see `exchange.Reading`. `keeps` whether a tool loop may need it back."""

    def __init__(self, model: str, secrets: Secrets, *, keeps: bool = False) -> None:
        self._model = model
        self._secrets = secrets
        self._keeps = keeps
        self._reason = ""
        self._counts: dict[str, int] = {}
        self._open: dict[int, _Part] = {}
        self._content: list[dict[str, Any]] = []
        self._calls = 0
        self.done = False

    @property
    def ended(self) -> bool:
        """Whether the end marker came: a reason to stop alone is not yet the end."""
        return self.done

    def last(self) -> list[Fact]:
        """What a tool loop needs back, and the end; raises ProviderError when there was none."""
        if not self.done:
            raise ProviderError.of("incomplete")
        facts: list[Fact] = []
        if self._reason == "tool_use" and any("thinking" in block["type"] for block in self._content):
            facts.append(ThoughtState(state_of(self._model, self._content)))
        return [*facts, Finished(_REASONS.get(self._reason, "stop"))]

    def read(self, data: bytes) -> list[Fact]:
        """The facts in one event, or in the whole answer; raises ProviderError."""
        if self.done:
            return []
        try:
            event = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            event = self._lenient(data)
        kind = event.type
        if kind == "content_block_delta":
            return self._delta(event)
        if kind == "error" or (event.error and not kind):
            raise classed(error_inside({"error": event.error}, self._secrets), event.error)
        if kind == "content_block_start" and event.content_block is not None:
            return self._start(event.index, event.content_block)
        if kind == "content_block_stop":
            return self._stop(event.index)
        if kind == "message_stop":
            self.done = True
        return self._about_all(event)

    def _delta(self, event: Event) -> list[Fact]:
        delta = event.delta
        if delta is None:
            return []
        part = self._open.get(event.index)
        if part is not None:  # its pieces are wanted whole
            part.add(delta)
        if delta.text:
            return [TextDelta(delta.text)]
        if delta.thinking:
            return [ReasoningDelta(delta.thinking)]
        if delta.partial_json and part is not None and part.call is not None:
            return [ToolCallDelta(part.call, arguments=delta.partial_json)]
        return []

    def _start(self, index: int, block: Block) -> list[Fact]:
        part = None
        if block.type == "tool_use":
            part = _Part(block, self._calls)
            self._calls += 1
        elif self._keeps and block.type in _KEPT:
            part = _Part(block)
        if part is not None:
            self._open[index] = part
        if block.type == "tool_use" and part is not None and part.call is not None:
            whole = msgspec.json.encode(block.input).decode() if block.input else ""
            part.json += [whole] if whole else []
            return [ToolCallDelta(part.call, block.id or "", block.name or "", whole)]
        facts: list[Fact] = []
        if block.type == "text" and block.text:
            facts.append(TextDelta(block.text))
        if block.type == "thinking" and block.thinking:
            facts.append(ReasoningDelta(block.thinking))
        return facts

    def _stop(self, index: int) -> list[Fact]:
        part = self._open.pop(index, None)
        if part is None:
            return []
        if self._keeps:
            self._content.append(part.whole())
        if part.call is not None and not part.json:  # a call without arguments
            return [ToolCallDelta(part.call, arguments="{}")]
        return []

    def _about_all(self, event: Event) -> list[Fact]:
        """Usage and the reason to stop; and the blocks of an answer that came at once."""
        facts: list[Fact] = []
        for index, block in enumerate(event.content or ()):
            facts += self._start(index, block)
            facts += self._stop(index)
        self._reason = event.stop_reason or (event.delta and event.delta.stop_reason) or self._reason
        if event.type == "message":
            self.done = True
        usage = event.message.usage if event.message is not None else event.usage
        if isinstance(usage, dict):
            facts.append(self._count(usage))
        return facts

    def _count(self, usage: Mapping[str, Any]) -> UsageReport:
        """Tokens so far; the counts are cumulative, and a later event may leave some out."""
        details = usage.get("output_tokens_details")
        told = {**usage, **(details if isinstance(details, dict) else {})}
        self._counts.update({name: number for name, number in told.items() if type(number) is int})
        count = self._counts.get
        cached = count("cache_read_input_tokens", 0)
        fresh = count("input_tokens", 0) + count("cache_creation_input_tokens", 0)
        return UsageReport(fresh + cached, count("output_tokens", 0), count("thinking_tokens", 0), cached)

    def _lenient(self, data: bytes) -> Event:
        """An event the fast decoder refuses: broken text, other types."""
        loose = mended(data)
        if isinstance(loose, dict):
            return coerced(loose, Event)
        if data.strip() in (b"", b"[DONE]"):  # of imitators
            return Event()
        raise ProviderError.of("malformed", scrap(data, self._secrets))


class _Part:
    """A block whose pieces are gathered; `call` is the number of a tool call among the answer's."""

    def __init__(self, block: Block, call: int | None = None) -> None:
        self._block = block
        self.call = call
        self.json: list[str] = []
        self._texts = [block.text or block.thinking or ""]
        self._signature = block.signature or ""

    def add(self, delta: Delta) -> None:
        """One more piece."""
        if delta.partial_json:
            self.json.append(delta.partial_json)
        elif delta.signature:
            self._signature += delta.signature
        else:
            self._texts.append(delta.text or delta.thinking or "")

    def whole(self) -> dict[str, Any]:
        """The block as the API wants it back."""
        block = self._block
        if block.type == "tool_use":
            return {
                "type": "tool_use",
                "id": block.id or "",
                "name": block.name or "",
                "input": object_of("".join(self.json)),
            }
        if block.type == "redacted_thinking":
            return {"type": "redacted_thinking", "data": block.data or ""}
        text = "".join(self._texts)
        if block.type == "thinking":
            return {"type": "thinking", "thinking": text, "signature": self._signature}
        return {"type": "text", "text": text}


def classed(error: ProviderError, said: Any) -> ProviderError:
    """`error` in the class that the vendor's `type` means; `said` is its error object."""
    said = said if isinstance(said, dict) else {}
    code = _CLASSES.get(str(said.get("type")), error.code)
    if code == "invalid_request" and _SPENT.search(str(said.get("message"))):
        code = "quota"
    if code == error.code or code not in SENTENCES:
        return error
    detail = error.message.removeprefix(SENTENCES[error.code]).strip()
    return ProviderError.of(code, detail, retry_after=error.retry_after)
