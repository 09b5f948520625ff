"""What Gemini says, as facts. Pure.

Source of the format: ai.google.dev/api/generate-content (GenerateContentResponse, Candidate, FinishReason,
UsageMetadata) and ai.google.dev/gemini-api/docs/thought-signatures.
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
    ThoughtState,
    ToolCallDelta,
    UsageReport,
)
from parley.providers.gemini_errors import class_of_error, delay_of, error_of
from parley.providers.gemini_request import OWN_ID
from parley.providers.loose import coerced, json_or_none, mended
from parley.providers.native import picture_of, plain
from parley.providers.redacting import scrap
from parley.providers.vendor_errors import error_inside, refusal, retry_after

FILTERED = frozenset(
    {
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    }
)
# The model said something that is no answer; the text before it stays.
BROKEN = frozenset(
    {
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
    }
)
ABSENT = msgspec.Raw()  # msgspec knows no optional Raw


class _Call(msgspec.Struct):
    name: str | None = None
    id: str | None = None
    args: msgspec.Raw = ABSENT


class _Blob(msgspec.Struct):
    mimeType: str | None = None
    data: str | None = None


class _Part(msgspec.Struct):
    text: str | None = None
    thought: bool | None = None
    thoughtSignature: str | None = None
    functionCall: _Call | None = None
    inlineData: _Blob | None = None


class _Content(msgspec.Struct):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct):
    content: _Content | None = None
    finishReason: str | None = None
    finishMessage: str | None = None


class _Feedback(msgspec.Struct):
    blockReason: str | None = None
    blockReasonMessage: str | None = None


class _Usage(msgspec.Struct):
    promptTokenCount: int | None = None
    toolUsePromptTokenCount: int | None = None
    candidatesTokenCount: int | None = None
    thoughtsTokenCount: int | None = None
    cachedContentTokenCount: int | None = None


class _Chunk(msgspec.Struct):
    candidates: list[_Candidate] | None = None
    promptFeedback: _Feedback | None = None
    usageMetadata: msgspec.Raw = ABSENT  # in every chunk, but only the last one counts
    error: msgspec.Raw = ABSENT


_decode = msgspec.json.Decoder(_Chunk).decode
_decode_usage = msgspec.json.Decoder(_Usage).decode


class GeminiReading:
    """What one answer said so far.

    There is no end marker but a finishReason, which some servers repeat in each chunk.
    """

    done = False

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets
        self._reason = ""
        self._message = ""
        self._calls = 0
        self._usage = b""

    @property
    def ended(self) -> bool:
        """Whether a finishReason came."""
        return bool(self._reason)

    def read(self, data: bytes) -> list[Fact]:
        """The facts in one chunk, or in the array of chunks that comes without `alt=sse`."""
        try:
            return self._chunk(_decode(data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._loose(data)

    def last(self) -> list[Fact]:
        """The usage and `Finished`; raises ProviderError when no end was announced, or no good one."""
        if not self._reason:
            raise ProviderError.of("incomplete")
        if self._reason in BROKEN:
            words = plain(self._message, self._secrets)
            raise ProviderError.of("malformed", f"{words} ({self._reason})".lstrip())
        facts: list[Fact] = []
        if self._usage:
            facts.append(self._counted())
        return [*facts, Finished(self._end())]

    def _end(self) -> str:
        if self._reason == "MAX_TOKENS":
            return "length"
        if self._reason in FILTERED:
            return "content_filter"
        return "tool_calls" if self._calls else "stop"

    def _counted(self) -> UsageReport:
        try:
            usage = _decode_usage(self._usage)
        except (msgspec.DecodeError, UnicodeDecodeError):
            loose = mended(self._usage)
            usage = coerced(loose if isinstance(loose, dict) else {}, _Usage)
        thoughts = usage.thoughtsTokenCount or 0
        return UsageReport(
            (usage.promptTokenCount or 0) + (usage.toolUsePromptTokenCount or 0),
            (usage.candidatesTokenCount or 0) + thoughts,
            thoughts,
            usage.cachedContentTokenCount or 0,
        )

    def _chunk(self, chunk: _Chunk) -> list[Fact]:
        if chunk.error is not ABSENT:
            self._fail(bytes(chunk.error))
        facts: list[Fact] = []
        if chunk.candidates:
            candidate = chunk.candidates[0]
            if candidate.content is not None and candidate.content.parts:
                for part in candidate.content.parts:
                    self._say(part, facts)
            if candidate.finishReason:
                self._reason = candidate.finishReason
                self._message = candidate.finishMessage or ""
        feedback = chunk.promptFeedback
        if feedback is not None and feedback.blockReason:
            words = plain(f"{feedback.blockReasonMessage or ''} ({feedback.blockReason})", self._secrets)
            raise ProviderError.of("content_filter", words)
        if chunk.usageMetadata is not ABSENT:
            self._usage = bytes(chunk.usageMetadata)
        return facts

    def _say(self, part: _Part, facts: list[Fact]) -> None:
        if part.text:
            facts.append(ReasoningDelta(part.text) if part.thought else TextDelta(part.text))
        elif part.functionCall is not None:
            facts.append(self._call(part.functionCall, part.thoughtSignature or ""))
            return
        elif part.inlineData is not None and not part.thought:  # a thought's pictures are sketches
            picture = picture_of(part.inlineData.data or "", part.inlineData.mimeType or "")
            if picture is not None:
                facts.append(picture)
        if part.thoughtSignature:
            facts.append(ThoughtState(part.thoughtSignature))

    def _call(self, call: _Call, signature: str) -> ToolCallDelta:
        index, self._calls = self._calls, self._calls + 1
        args = bytes(call.args).decode("utf-8", "replace")
        return ToolCallDelta(
            index,
            id=call.id or OWN_ID + uuid.uuid4().hex[:16],
            name=call.name or "",
            arguments="{}" if args in ("", "null") else args,
            state=signature,
        )

    def _loose(self, data: bytes) -> list[Fact]:
        loose = mended(data)
        facts: list[Fact] = []
        for each in loose if isinstance(loose, list) else [loose]:
            if not isinstance(each, dict):
                words = scrap(data, self._secrets)
                raise ProviderError.of("malformed", words)
            facts += self._chunk(coerced(each, _Chunk))
        return facts

    def _fail(self, raw: bytes) -> None:
        """Raise the error inside a 200, unless it is none."""
        data = json_or_none(raw.decode("utf-8", "replace"))
        if not data:
            return
        error = error_of({"error": data})
        if not error:
            raise error_inside(data, self._secrets)
        code = error.get("code")
        status = code if isinstance(code, int) and 400 <= code < 600 else 500
        raise _failure(error, status, str(error["status"]), self._secrets)


def refused(
    status: int, headers: Mapping[str, str], data: Any, text: str, secrets: tuple[str, ...]
) -> ProviderError:
    """The error of an HTTP status that is not 200, see `vendor_errors.refusal`."""
    if isinstance(data, list) and data:
        data = data[0]
    error = error_of(data)
    if not error:
        return refusal(status, headers, data, text, secrets)
    return _failure(error, status, f"HTTP {status}", secrets, retry_after(headers))


def _failure(
    error: dict[str, Any], status: int, label: str, secrets: tuple[str, ...], wait: float | None = None
) -> ProviderError:
    words = plain(str(error.get("message") or ""), secrets)
    return ProviderError.of(
        class_of_error(error, status),
        f"{words} ({label})".lstrip(),
        retry_after=delay_of(error) if wait is None else wait,
    )
