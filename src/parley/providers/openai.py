"""OpenAI's Chat Completions and everything that imitates it.

Source of the format: platform.openai.com/docs/api-reference/chat/streaming; `reasoning_content` is
DeepSeek's addition, `reasoning` OpenRouter's.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import msgspec

from parley.lib.eventstream import EventParser, TooLong
from parley.lib.http import CONNECTION_ADMIN, HttpClient, HttpError, HttpResponse, NetworkFailed, Profile
from parley.providers.base import (
    N_,
    REGISTRY,
    Fact,
    Finished,
    Kind,
    ModelInfo,
    Prompt,
    ProviderError,
    ReasoningDelta,
    Target,
    TextDelta,
    UsageReport,
)
from parley.providers.vendor_errors import error_inside, redacted, refusal, transport_error

MAX_MODELS = 2000
MAX_BODY = 10 * 1024 * 1024  # bytes of an answer that is not a stream
LINGER = 0.02  # seconds for the end of the body, which usually came with [DONE]
GO_ON = (
    "Continue your last answer from exactly where it stopped. Do not repeat anything, do not comment, "
    "do not start again."
)
_MODEL_ID = re.compile(r"[^\s<>\"'`\x00-\x1f\x7f]{1,256}")
_REASONS = {"length": "length", "content_filter": "content_filter"}


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    message: _Delta | None = None  # where the answer is not a stream
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: _Usage | None = None
    error: msgspec.Raw | None = None


_decode = msgspec.json.Decoder(_Chunk).decode


class OpenAIProvider:
    """One target that speaks Chat Completions."""

    def __init__(self, target: Target, http: HttpClient, *, profile: Profile = CONNECTION_ADMIN) -> None:
        self._base = target.base_url.rstrip("/")
        self._key = target.key
        self._http = http
        self._profile = profile

    async def stream(self, prompt: Prompt) -> AsyncIterator[Fact]:
        """Facts as they arrive, see `base.Provider`."""
        url = f"{self._base}/chat/completions"
        body = request_body(prompt)
        try:
            async with self._http.stream(
                "POST", url, headers=self._headers(), json=body, profile=self._profile
            ) as response:
                facts = self._facts(response)
                async with aclosing(facts):
                    async for fact in facts:
                        yield fact
        except HttpError as error:
            raise transport_error(error, self._key) from None

    async def models(self) -> list[ModelInfo]:
        """Ids from `GET /models`, the first 2,000 that can be ids."""
        try:
            answer = await self._http.json(
                "GET", f"{self._base}/models", headers=self._headers(), profile=self._profile
            )
        except HttpError as error:
            raise transport_error(error, self._key) from None
        if answer.status != 200:
            raise refusal(answer.status, answer.headers, answer.data, answer.text, self._key)
        listed = answer.data.get("data") if isinstance(answer.data, dict) else answer.data
        if not isinstance(listed, list):
            raise ProviderError.of("malformed", "It has no list of models at this address.")
        ids = (entry.get("id") for entry in listed if isinstance(entry, dict))
        usable = dict.fromkeys(each for each in ids if isinstance(each, str) and _MODEL_ID.fullmatch(each))
        return [ModelInfo(each, each) for each in list(usable)[:MAX_MODELS]]

    def _headers(self) -> dict[str, str]:
        headers = {"accept": "text/event-stream, application/json", "accept-encoding": "identity"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        return headers

    async def _facts(self, response: HttpResponse) -> AsyncGenerator[Fact, None]:
        kind = response.headers.get("content-type", "").lower()
        if response.status != 200:
            text = (await response.read(64 * 1024)).decode("utf-8", "replace")
            raise refusal(response.status, response.headers, _json_or_none(text), text, self._key)
        if "text/html" in kind:
            raise ProviderError.of("malformed", "There is a web page at this address.")
        reading = _Reading(self._key)
        if "json" in kind and "stream" not in kind and "seq" not in kind:
            for fact in reading.read(await response.read(MAX_BODY)):
                yield fact
            yield reading.finished()
            return
        async with aclosing(_events(response, reading)) as events:
            async for data in events:
                for fact in reading.read(data):
                    yield fact
        yield reading.finished()


async def _events(response: HttpResponse, reading: _Reading) -> AsyncGenerator[bytes, None]:
    """The data of each event until the end marker; a broken line after an announced end is no failure."""
    parser = EventParser()
    async with aclosing(response.aiter_raw()) as chunks:
        try:
            async for chunk in chunks:
                for event in parser.feed(chunk):
                    yield event.data
                if reading.done:
                    await _linger(chunks)
                    return
        except TooLong as error:
            raise ProviderError.of("malformed", str(error)) from None
        except NetworkFailed as error:
            if not reading.ended:
                raise ProviderError.of("incomplete", str(error)) from None


class _Reading:
    """What one answer said so far."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._reason: str | None = None
        self.done = False

    @property
    def ended(self) -> bool:
        """Whether an end was announced, by a finish_reason or the end marker."""
        return self.done or self._reason is not None

    def finished(self) -> Finished:
        """The last fact; raises ProviderError when no end was announced."""
        if not self.ended:
            raise ProviderError.of("incomplete")
        return Finished(_REASONS.get(self._reason or "", "stop"))

    def read(self, data: bytes) -> list[Fact]:
        """The facts in one event (or in the whole JSON answer); raises ProviderError."""
        if self.done:
            return []
        if data == b"[DONE]" or data.strip() == b"[DONE]":
            self.done = True
            return []
        try:
            chunk = _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            chunk = self._lenient(data)
        if chunk.error is not None and bytes(chunk.error) not in (b"null", b"{}", b'""'):
            raise error_inside(_json_or_none(bytes(chunk.error).decode("utf-8", "replace")), self._key)
        facts: list[Fact] = []
        if chunk.choices:
            choice = chunk.choices[0]
            self._say(choice.delta or choice.message, facts)
            if choice.finish_reason:
                self._reason = choice.finish_reason
        usage = chunk.usage
        if usage is not None:
            facts.append(UsageReport(usage.prompt_tokens or 0, usage.completion_tokens or 0))
        return facts

    @staticmethod
    def _say(delta: _Delta | None, facts: list[Fact]) -> None:
        if delta is None:
            return
        reasoning = delta.reasoning_content or delta.reasoning
        if reasoning:
            facts.append(ReasoningDelta(reasoning))
        if delta.content:
            facts.append(TextDelta(delta.content))

    def _lenient(self, data: bytes) -> _Chunk:
        """A chunk the fast decoder refuses: lone surrogates, bytes that are no UTF-8, other types."""
        loose = _json_or_none(data.decode("utf-8", "replace"))
        if not isinstance(loose, dict):
            words = redacted(data[:200].decode("utf-8", "replace"), self._key)
            raise ProviderError.of("malformed", words)
        return _coerced(loose)


def request_body(prompt: Prompt) -> dict[str, Any]:
    """The JSON of a request."""
    messages = [{"role": turn.role, "content": turn.text} for turn in prompt.turns]
    if prompt.continues:  # most servers would otherwise begin a new answer
        messages.append({"role": "user", "content": GO_ON})
    return {
        "model": prompt.model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def _linger(chunks: AsyncIterator[bytes]) -> None:
    """Read the end of the body, so that the connection can be used again."""
    try:
        async with asyncio.timeout(LINGER):
            async for _rest in chunks:
                pass
    except (TimeoutError, HttpError):
        pass


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _coerced(loose: dict[str, Any]) -> _Chunk:
    """A chunk from JSON of any shape: what has the wrong type counts as absent."""
    chunk = _Chunk()
    if loose.get("error"):
        chunk.error = msgspec.Raw(json.dumps(loose["error"]).encode())
    choices = loose.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        delta = choices[0].get("delta") or choices[0].get("message")
        fields = delta if isinstance(delta, dict) else {}
        texts = {name: _text(fields.get(name)) for name in _Delta.__struct_fields__}
        reason = choices[0].get("finish_reason")
        chunk.choices = [_Choice(delta=_Delta(**texts), finish_reason=_text(reason) or None)]
    usage = loose.get("usage")
    if isinstance(usage, dict):
        counts = (usage.get("prompt_tokens"), usage.get("completion_tokens"))
        chunk.usage = _Usage(*(n if isinstance(n, int) else 0 for n in counts))
    return chunk


def _text(value: Any) -> str:
    """Text, or the texts of a list of parts; a surrogate without its pair becomes U+FFFD."""
    if isinstance(value, list):
        value = "".join(str(part.get("text") or "") for part in value if isinstance(part, dict))
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


REGISTRY.add(
    "openai",
    Kind(
        name="openai",
        label=N_("OpenAI-compatible"),
        make=OpenAIProvider,
        default_url="https://api.openai.com/v1",
        key_hint="sk-…",
        bare_path="/v1",
    ),
)
