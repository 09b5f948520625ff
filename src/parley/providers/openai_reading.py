"""The answer of a server that speaks Chat Completions, as facts."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

import msgspec

from parley.providers.base import (
    Fact,
    Finished,
    ImageOutput,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ThoughtState,
    ToolCallDelta,
    UsageReport,
)
from parley.providers.openai_chunks import (
    ABSENT,
    Call,
    Chunk,
    Delta,
    Function,
    Picture,
    Usage,
    coerced,
    decode,
)
from parley.providers.redacting import scrap
from parley.providers.vendor_errors import Secrets, error_inside

_REASONS = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
    "content_filter": "content_filter",
    "sensitive": "content_filter",  # GLM
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
# Reasons that are no end but a failure, with its class: GLM, DeepSeek, OpenRouter.
_FAILURES = {
    "network_error": "server",
    "insufficient_system_resource": "overloaded",
    "error": "server",
}
_NOTHING = frozenset({b"null", b"{}", b'""', b"0", b"200", b'"0"', b'"200"'})
_DATA_URL = re.compile(r"data:(image/(?:png|jpeg|webp|gif));base64,", re.IGNORECASE)


class ChatReading:
    """What one answer said so far, see `exchange.Reading`."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._reason: str | None = None
        self._usage: UsageReport | None = None
        self._calls = _Calls()
        self._details: list[dict[str, Any]] = []
        self.done = False

    @property
    def ended(self) -> bool:
        """Whether an end was announced, by a finish_reason or the end marker."""
        return self.done or self._reason is not None

    def last(self) -> list[Fact]:
        """Usage, what a tool loop needs back, and the end; raises ProviderError when there was none."""
        if not self.ended:
            raise ProviderError.of("incomplete")
        reason = self._reason or ""
        if reason in _FAILURES:
            raise ProviderError.of(_FAILURES[reason], f"({reason})")
        facts: list[Fact] = [self._usage] if self._usage else []
        if self._details and self._calls.seen:
            facts.append(ThoughtState(json.dumps(self._details, ensure_ascii=False)))
        reason = _REASONS.get(reason, "stop")
        if reason == "stop" and self._calls.seen:  # several servers say stop after a call
            reason = "tool_calls"
        return [*facts, Finished(reason)]

    def read(self, data: bytes) -> list[Fact]:
        """The facts in one event (or in the whole JSON answer); raises ProviderError."""
        if self.done:
            return []
        if data == b"[DONE]" or data.strip() == b"[DONE]":
            self.done = True
            return []
        try:
            chunk = decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            chunk = self._lenient(data)
        facts: list[Fact] = []
        choices = chunk.choices
        if choices:
            choice = choices[0]
            delta = choice.delta or choice.message
            if delta is not None:
                self._say(delta, facts)
            if choice.finish_reason:
                self._reason = choice.finish_reason
            if choice.usage is not None:
                self._usage = _counted(choice.usage)
        if chunk.usage is not None:
            self._usage = _counted(chunk.usage)
        if chunk.error is not ABSENT or (not choices and chunk.code is not ABSENT):
            self._fail(chunk)
        return facts

    def _say(self, delta: Delta, facts: list[Fact]) -> None:
        reasoning = delta.reasoning_content or delta.reasoning or delta.thinking
        if reasoning:
            facts.append(ReasoningDelta(reasoning))
        if delta.content:
            facts.append(TextDelta(delta.content))
        if delta.tool_calls:
            facts.extend(fact for call in delta.tool_calls for fact in self._calls.piece(call))
        if delta.reasoning_details or delta.images or delta.refusal or delta.function_call:
            self._say_rarely(delta, facts, bool(reasoning))

    def _say_rarely(self, delta: Delta, facts: list[Fact], thought: bool) -> None:
        for detail in delta.reasoning_details or ():
            text = detail.get("text") or detail.get("summary")
            if not thought and isinstance(text, str) and text:
                facts.append(ReasoningDelta(text))
            _keep(self._details, detail)
        if delta.refusal:
            facts.append(TextDelta(delta.refusal))
        if delta.function_call:
            facts.extend(self._calls.piece(Call(index=0, function=delta.function_call)))
        facts.extend(image for each in delta.images or () if (image := _image(each)))

    def _fail(self, chunk: Chunk) -> None:
        """Raise the error in `chunk`, if it is one."""
        if chunk.error is not ABSENT and bytes(chunk.error) not in _NOTHING:
            raise error_inside(_loose(bytes(chunk.error)), self._secrets)
        bare = chunk.error is ABSENT and chunk.message is not ABSENT
        if bare and bytes(chunk.code) not in _NOTHING:
            code, message = _loose(bytes(chunk.code)), _loose(bytes(chunk.message))
            raise error_inside({"code": code, "message": message}, self._secrets)

    def _lenient(self, data: bytes) -> Chunk:
        """A chunk the fast decoder refuses: lone surrogates, bytes that are no UTF-8, other types."""
        if not data.strip():  # some keep the line alive with empty events
            return Chunk()
        loose = _loose(data)
        if not isinstance(loose, dict):
            words = scrap(data, self._secrets)
            raise ProviderError.of("malformed", words)
        return coerced(loose)


class _Calls:
    """Numbers the tool calls of one answer: not every server counts them, and some call all of them 0."""

    def __init__(self) -> None:
        self._slots: dict[int, int] = {}  # the server's number -> ours
        self._ids: list[str] = []
        self._named: set[int] = set()

    @property
    def seen(self) -> bool:
        """Whether there was any."""
        return bool(self._ids)

    def piece(self, call: Call) -> list[Fact]:
        """The fact in a piece of a call; id and name are told once."""
        function = call.function or Function()
        number, is_new = self._number(call)
        name = "" if number in self._named else function.name or ""
        if name:
            self._named.add(number)
        state = json.dumps(call.extra_content) if call.extra_content else ""
        arguments = function.arguments or ""
        if not (is_new or name or arguments or state):
            return []
        return [ToolCallDelta(number, self._ids[number] if is_new else "", name, arguments, state)]

    def _number(self, call: Call) -> tuple[int, bool]:
        slot = call.index
        if slot is None:
            slot = len(self._ids) if call.id and call.id not in self._ids else max(len(self._ids) - 1, 0)
        number = self._slots.get(slot)
        if number is not None and (not call.id or call.id in self._ids):
            return number, False
        number = len(self._ids)
        self._ids.append(call.id or f"call_{number}")
        self._slots[slot] = number
        return number, True


def _counted(usage: Usage) -> UsageReport:
    cached = usage.prompt_cache_hit_tokens or usage.cached_tokens or 0
    if usage.prompt_tokens_details is not None:
        cached = usage.prompt_tokens_details.cached_tokens or cached
    details = usage.completion_tokens_details
    reasoning = (details.reasoning_tokens if details is not None else 0) or 0
    return UsageReport(usage.prompt_tokens or 0, usage.completion_tokens or 0, reasoning, cached)


def _keep(details: list[dict[str, Any]], piece: dict[str, Any]) -> None:
    """Add a piece of OpenRouter's details to its beginning, which has the same type and index."""
    for kept in details:
        if kept.get("type") == piece.get("type") and kept.get("index") == piece.get("index"):
            for name, value in piece.items():
                grows = name in ("text", "summary", "data") and isinstance(kept.get(name), str)
                if value is not None:
                    kept[name] = kept[name] + str(value) if grows else value
            return
    details.append(dict(piece))


def image_of(url: str) -> ImageOutput | None:
    """The picture in a data: address; None for any other."""
    found = _DATA_URL.match(url)
    if not found:
        return None
    try:
        data = base64.b64decode(url[found.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None
    return ImageOutput(found[1].lower(), data) if data else None


def _image(picture: Picture) -> ImageOutput | None:
    return image_of(picture.image_url.url) if picture.image_url and picture.image_url.url else None


def _loose(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
