"""What Ollama says, as facts. Pure.

Sources: docs.ollama.com/api/chat (ChatResponse), docs.ollama.com/api/streaming, docs.ollama.com/api/errors.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.providers.base import (
    Fact,
    Finished,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from parley.providers.loose import coerced, json_or_none, mended
from parley.providers.native import picture_of, plain
from parley.providers.redacting import scrap
from parley.providers.vendor_errors import class_of, refusal, words_of

# Words of errors that Ollama sends with whatever status.
_REFUSED = (
    "does not support",
    "missing data required for image input",
    "failed to process inputs",
    "invalid image",
    "invalid format",
)
ABSENT = msgspec.Raw()  # msgspec knows no optional Raw


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: msgspec.Raw = ABSENT


class _Call(msgspec.Struct):
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[_Call] | None = None


class _Chunk(msgspec.Struct):
    message: _Message | None = None
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: msgspec.Raw = ABSENT
    status: int | None = None  # of an error inside a stream


_decode = msgspec.json.Decoder(_Chunk).decode


class OllamaReading:
    """What one answer said so far; it ends with the line that is `done`."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets
        self._reason = ""
        self._calls = 0
        self._usage: UsageReport | None = None
        self.done = False

    @property
    def ended(self) -> bool:
        """Whether the last line came."""
        return self.done

    def read(self, data: bytes) -> list[Fact]:
        """The facts in one line, or in an answer that came whole; raises ProviderError."""
        if self.done:
            return []
        try:
            chunk = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            loose = mended(data)
            if loose is None and b"\n" in data.strip():  # lines under the label of one JSON object
                return [fact for line in data.splitlines() if line.strip() for fact in self.read(line)]
            if not isinstance(loose, dict):
                words = scrap(data, self._secrets)
                raise ProviderError.of("malformed", words) from None
            chunk = coerced(loose, _Chunk)
        return self._chunk(chunk)

    def last(self) -> list[Fact]:
        """The usage and `Finished`; raises ProviderError when the last line is missing."""
        if not self.done:
            raise ProviderError.of("incomplete")
        facts: list[Fact] = [] if self._usage is None else [self._usage]
        if self._reason == "length":
            return [*facts, Finished("length")]
        return [*facts, Finished("tool_calls" if self._calls else "stop")]

    def _chunk(self, chunk: _Chunk) -> list[Fact]:
        if chunk.error is not ABSENT:
            self._fail(bytes(chunk.error), chunk.status or 500)
        facts: list[Fact] = []
        message = chunk.message
        if message is not None:
            if message.thinking:
                facts.append(ReasoningDelta(message.thinking))
            if message.content:
                facts.append(TextDelta(message.content))
            if message.images:
                facts += [picture for image in message.images if (picture := picture_of(image))]
            if message.tool_calls:
                facts += [self._call(call) for call in message.tool_calls]
        if chunk.done:
            self.done = True
            self._reason = chunk.done_reason or ""
            if chunk.prompt_eval_count is not None or chunk.eval_count is not None:
                self._usage = UsageReport(chunk.prompt_eval_count or 0, chunk.eval_count or 0)
        return facts

    def _call(self, call: _Call) -> ToolCallDelta:
        index, self._calls = self._calls, self._calls + 1
        function = call.function or _Function()
        return ToolCallDelta(
            index,
            id=call.id or f"call_{uuid.uuid4().hex[:16]}",
            name=function.name or "",
            arguments=_arguments(function.arguments),
        )

    def _fail(self, raw: bytes, status: int) -> None:
        """Raise the error inside a 200, unless it is none."""
        data = json_or_none(raw.decode("utf-8", "replace"))
        if data:
            message, code = words_of({"error": data})
            words = plain(message, self._secrets)
            raise ProviderError.of(class_of_error(status, message, code), words)


def _arguments(raw: msgspec.Raw) -> str:
    """The arguments as JSON text; some servers send them as text already."""
    text = bytes(raw).decode("utf-8", "replace")
    if text.startswith('"'):
        inner = json_or_none(text)
        return inner if isinstance(inner, str) else text
    return "{}" if text in ("", "null") else text


def class_of_error(status: int, message: str, code: str = "") -> str:
    """The class of failure; some refusals come as 500."""
    said = message.lower()
    if any(mark in said for mark in _REFUSED):
        return "invalid_request"
    if "not found" in said and said.startswith("model"):
        return "model_not_found"
    if "context length" in said:
        return "context_length"
    if "server busy" in said:
        return "overloaded"
    return class_of(status, message, code)


def refused(
    status: int, headers: Mapping[str, str], data: Any, text: str, secrets: tuple[str, ...]
) -> ProviderError:
    """The error of an HTTP status that is not 200, see `vendor_errors.refusal`."""
    message, code = words_of(data)
    if status < 400 or not message:
        return refusal(status, headers, data, text, secrets)
    error = refusal(status, headers, data, text, secrets)
    kind = class_of_error(status, message, code)
    if kind == error.code:
        return error
    return ProviderError.of(kind, f"{plain(message, secrets)} (HTTP {status})")
