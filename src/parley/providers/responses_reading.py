"""The answer of a server that speaks OpenAI's Responses, as facts.

Source of the format: platform.openai.com/docs/api-reference/responses-streaming. There is no end marker but
the last event: response.completed, .incomplete or .failed.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from parley.providers.base import (
    Fact,
    Finished,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ThoughtState,
    ToolCallDelta,
    UsageReport,
)
from parley.providers.openai_chunks import text_of
from parley.providers.openai_reading import image_of
from parley.providers.redacting import scrap
from parley.providers.vendor_errors import Secrets, error_inside

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed", "response.cancelled"})
_PICTURES = {"png": "image/png", "jpeg": "image/jpeg", "jpg": "image/jpeg", "webp": "image/webp"}
_KEPT = ("type", "id", "summary", "content", "encrypted_content")  # of a reasoning item that goes back


class _Event(msgspec.Struct, gc=False):
    """Any event; `delta` is a text in all that we read."""

    type: str = ""
    delta: str | None = None
    output_index: int | None = None
    item: dict[str, Any] | None = None
    summary_index: int | None = None
    arguments: str | None = None
    response: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    code: Any = None
    message: Any = None


_decode = msgspec.json.Decoder(_Event).decode


class ResponsesReading:
    """What one answer said so far, see `exchange.Reading`."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._reason: str | None = None
        self._usage: UsageReport | None = None
        self._calls: dict[int, int] = {}  # output_index -> number of the call
        self._argued: set[int] = set()  # calls some of whose arguments were told
        self._thoughts: list[dict[str, Any]] = []
        self._thought = False  # whether any reasoning was told
        self._pictures: set[int] = set()
        self.done = False

    @property
    def ended(self) -> bool:
        """Whether the last event came."""
        return self.done

    def last(self) -> list[Fact]:
        """Usage, the sealed thoughts of a tool loop, and the end; raises ProviderError when none came."""
        if self._reason is None:
            raise ProviderError.of("incomplete")
        facts: list[Fact] = [self._usage] if self._usage else []
        if self._calls and self._thoughts:
            facts.append(ThoughtState(json.dumps(self._thoughts, ensure_ascii=False)))
        reason = "tool_calls" if self._calls and self._reason == "stop" else self._reason
        return [*facts, Finished(reason)]

    def read(self, data: bytes) -> list[Fact]:
        """The facts in one event (or in the whole JSON answer); raises ProviderError."""
        if self.done or data == b"[DONE]":
            return []
        try:
            event = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            event = self._lenient(data)
        kind = event.type
        if kind == "response.output_text.delta" or kind == "response.refusal.delta":
            return [TextDelta(event.delta)] if event.delta else []
        if kind == "response.reasoning_summary_text.delta" or kind == "response.reasoning_text.delta":
            self._thought = True
            return [ReasoningDelta(event.delta)] if event.delta else []
        return self._rarer(kind, event, data)

    def _rarer(self, kind: str, event: _Event, data: bytes) -> list[Fact]:
        if kind == "response.function_call_arguments.delta":
            return self._arguments(event.output_index or 0, event.delta or "")
        if kind in ("response.output_item.added", "response.output_item.done"):
            return self._item(event.output_index or 0, event.item or {}, kind.endswith("done"))
        if kind == "response.reasoning_summary_part.added":
            return [ReasoningDelta("\n\n")] if event.summary_index and self._thought else []
        if kind in _ENDS:
            return self._end(event.response or {})
        if kind == "error" or event.error or (not kind and event.code is not None):
            raise error_inside(event.error or {"code": event.code, "message": event.message}, self._secrets)
        return self._whole(data) if not kind else []

    def _whole(self, data: bytes) -> list[Fact]:
        """The answer as one JSON object."""
        answer = _loose(data)
        if not isinstance(answer, dict) or answer.get("object") != "response":
            return []
        facts: list[Fact] = []
        outputs = answer.get("output")
        for index, item in enumerate(outputs if isinstance(outputs, list) else ()):
            if isinstance(item, dict):
                facts += _told_whole(item)
                facts += self._item(index, item, True)
        return facts + self._end(answer)

    def _item(self, index: int, item: dict[str, Any], is_done: bool) -> list[Fact]:
        kind = item.get("type")
        if kind == "function_call":
            facts: list[Fact] = []
            number = self._calls.get(index)
            if number is None:
                number = self._calls[index] = len(self._calls)
                call_id = text_of(item.get("call_id")) or text_of(item.get("id")) or f"call_{number}"
                facts.append(ToolCallDelta(number, call_id, text_of(item.get("name"))))
            if is_done and index not in self._argued:
                facts += self._arguments(index, text_of(item.get("arguments")))
            return facts
        if not is_done:
            return []
        if kind == "reasoning" and item.get("encrypted_content"):
            self._thoughts.append({name: item[name] for name in _KEPT if item.get(name) is not None})
        if kind == "image_generation_call" and index not in self._pictures:
            self._pictures.add(index)
            return _picture(item)
        return []

    def _arguments(self, index: int, piece: str) -> list[Fact]:
        number = self._calls.get(index)
        if number is None or not piece:
            return []
        self._argued.add(index)
        return [ToolCallDelta(number, arguments=piece)]

    def _end(self, answer: dict[str, Any]) -> list[Fact]:
        status = answer.get("status")
        if status == "failed" or answer.get("error"):
            raise error_inside(answer.get("error") or {}, self._secrets)
        usage = answer.get("usage")
        if isinstance(usage, dict):
            self._usage = _counted(usage)
        details = answer.get("incomplete_details")
        reason = details.get("reason") if isinstance(details, dict) else None
        if status == "incomplete" or reason:
            self._reason = "content_filter" if reason == "content_filter" else "length"
        elif status in ("completed", None):
            self._reason = "stop"
        else:  # cancelled, queued, in_progress: no end of an answer
            raise ProviderError.of("incomplete", f"({text_of(status)})")
        self.done = True
        return []

    def _lenient(self, data: bytes) -> _Event:
        """An event the fast decoder refuses: lone surrogates, bytes that are no UTF-8, other types."""
        if not data.strip():
            return _Event(type="empty")
        loose = _loose(data)
        if not isinstance(loose, dict):
            words = scrap(data, self._secrets)
            raise ProviderError.of("malformed", words)
        event = _Event(code=loose.get("code"), message=loose.get("message"))
        for name in ("type", "delta", "arguments"):
            setattr(event, name, text_of(loose.get(name)))
        for name in ("item", "response", "error"):
            setattr(event, name, loose[name] if isinstance(loose.get(name), dict) else None)
        if event.error is None and loose.get("error"):
            event.error = {"message": str(loose["error"])}
        for name in ("output_index", "summary_index"):
            setattr(event, name, loose[name] if isinstance(loose.get(name), int) else None)
        return event


def _told_whole(item: dict[str, Any]) -> list[Fact]:
    """The text of a message or the words of a reasoning item that did not come in pieces."""
    if item.get("type") == "message":
        parts = item.get("content")
        texts = [
            text_of(part.get("text")) or text_of(part.get("refusal"))
            for part in (parts if isinstance(parts, list) else ())
            if isinstance(part, dict)
        ]
        return [TextDelta(text) for text in texts if text]
    if item.get("type") == "reasoning":
        parts = item.get("summary") or item.get("content")
        texts = [text_of(part.get("text")) for part in parts or () if isinstance(part, dict)]
        text = "\n\n".join(filter(None, texts))
        return [ReasoningDelta(text)] if text else []
    return []


def _picture(item: dict[str, Any]) -> list[Fact]:
    mime = _PICTURES.get(text_of(item.get("output_format")), "image/png")
    image = image_of(f"data:{mime};base64,{text_of(item.get('result'))}")
    return [image] if image else []


def _counted(usage: dict[str, Any]) -> UsageReport:
    def count(name: str, within: str = "") -> int:
        place = usage.get(within) if within else usage
        value = place.get(name) if isinstance(place, dict) else None
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    return UsageReport(
        count("input_tokens"),
        count("output_tokens"),
        count("reasoning_tokens", "output_tokens_details"),
        count("cached_tokens", "input_tokens_details"),
    )


def _loose(data: bytes) -> Any:
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
