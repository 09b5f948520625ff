"""One request to a provider: its facts, made fit to store, go into the answer.

It knows no database and no HTML.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from parley.generations.facts import IMAGE, NOTICE, REASONING, TEXT, TOOL, as_json
from parley.generations.tags import LONGEST_BLANK, Pairs, TagSplitter
from parley.lib.tokens import estimate
from parley.providers.base import (
    Dropped,
    Fact,
    Finished,
    ImageOutput,
    Prompt,
    Provider,
    ProviderError,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    UsageReport,
)
from parley.web.i18n import N_

LONGEST = 1_000_000  # characters of text, as many of reasoning, and of tool calls
MOST_TOKENS = 2**31 - 1  # what an INTEGER column holds
MOST_IMAGES = 16
LONGEST_NAME = 300  # characters of a tool call's id and of its name
MOST_CALLS = 128  # of tools in one answer
TOO_LONG = N_("The answer was cut because it became too long.")
IMAGE_LOST = N_("The model made a picture that could not be kept.")

Notice = Mapping[str, Any]  # "code", "text" in English, and what its sentence needs
KeepImage = Callable[[str, bytes], Awaitable[Mapping[str, Any]]]  # (mime, bytes) -> data of the fact


class Sink(Protocol):
    """Takes facts; `room` waits while too many are unwritten."""

    def put(self, kind: str, data: str) -> None: ...
    @property
    def full(self) -> bool: ...
    async def room(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait (seconds) and how much to take (characters)."""

    first_fact: float = 120.0  # reasoning models that hide their reasoning are silent for long
    next_fact: float = 120.0
    longest: int = LONGEST
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep  # another one only in tests


async def no_images(mime: str, data: bytes) -> Mapping[str, Any]:
    """Keeps no picture; for whoever has no place for them."""
    raise ProviderError.of("malformed")


@dataclass(slots=True)
class _Call:
    """A tool call as far as it came."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def whole(self) -> dict[str, str]:
        """The data of its fact."""
        arguments = clean("".join(self.arguments)[:LONGEST])
        return {"id": self.id, "name": self.name, "arguments": arguments}


@dataclass(slots=True)
class Answer:
    """What was shown so far, over all requests that one answer needed."""

    sink: Sink
    keep_image: KeepImage = no_images
    began: bool = False
    usage: UsageReport | None = None
    finish_reason: str = ""
    pieces: dict[str, list[str]] = field(default_factory=lambda: {TEXT: [], REASONING: []})
    sizes: dict[str, int] = field(default_factory=lambda: {TEXT: 0, REASONING: 0, TOOL: 0})
    _images: int = 0
    _ahead: list[Notice] = field(default_factory=list)
    _blank: str = ""
    _splitter: TagSplitter = field(default_factory=lambda: TagSplitter(()))
    _calls: dict[int, _Call] = field(default_factory=dict)
    _spoke: Callable[[], None] = lambda: None

    def expect(self, tags: Pairs, ahead: list[Notice], spoke: Callable[[], None]) -> None:
        """Get ready for a request; `ahead` is said before its first words, if there are any, then `spoke`."""
        self._splitter = TagSplitter(tags)
        self._ahead = ahead
        self._spoke = spoke
        self._blank = ""
        self._calls = {}
        self.sizes[TOOL] = 0
        self.usage = None
        self.finish_reason = ""

    @property
    def longest(self) -> int:
        """Characters of the longest of text, reasoning and tool calls."""
        return max(self.sizes.values())

    def estimated(self) -> UsageReport:
        """Our own count of what was written; the prompt is not known here."""
        thought = estimate("".join(self.pieces[REASONING]))
        return UsageReport(0, thought + estimate("".join(self.pieces[TEXT])), thought)

    async def take(self, fact: Fact) -> None:
        """Note a fact and hand on what people should see."""
        match fact:
            case TextDelta(text):
                for thought, piece in self._splitter.feed(text[: LONGEST + 1]):
                    self._say(REASONING if thought else TEXT, piece)
            case ReasoningDelta(text):
                self._say(REASONING, text[: LONGEST + 1])
            case ImageOutput(mime, data):
                await self._show(mime, data)
            case ToolCallDelta():
                self._collect(fact)
            case UsageReport():
                self.usage = _sane(fact)
            case Dropped(names):
                self._ahead.append({"code": "dropped", "text": "", "names": list(names)})
            case Finished(reason):
                self.finish_reason = clean(reason)[:32]

    def close(self) -> None:
        """The request is over: say what was held back. Raises ProviderError when nothing was said at all."""
        for thought, piece in self._splitter.close():
            self._say(REASONING if thought else TEXT, piece)
        for call in self._calls.values():
            self.output(TOOL, as_json(call.whole()))
        self._calls = {}
        if not self.began:
            raise ProviderError.of("content_filter" if self.finish_reason == "content_filter" else "empty")

    def output(self, kind: str, data: str) -> None:
        """Show something of the model's; from now on no provider is called again."""
        if not self.began:
            self.began = True
            for notice in self._ahead:
                self.notice(notice)
            self._spoke()
        self.sink.put(kind, data)

    def notice(self, notice: Notice) -> None:
        """Tell people something about this answer."""
        self.sink.put(NOTICE, as_json(notice))

    def _say(self, kind: str, text: str) -> None:
        text = clean(text)
        if kind == TEXT and not self.began:
            text, self._blank = self._blank + text, ""
            if not text.strip():
                self._blank = text[-LONGEST_BLANK:]  # an answer of line ends is none
                return
        if text.strip() or (text and self.began):  # nor is one that only thinks of line ends
            self.sizes[kind] += len(text)
            self.pieces[kind].append(text)
            self.output(kind, text)

    async def _show(self, mime: str, data: bytes) -> None:
        self._images += 1
        if self._images > MOST_IMAGES:
            return
        try:
            kept = await self.keep_image(mime, data)
        except Exception:  # whatever is wrong with it: the words of the answer are worth more
            self.output(NOTICE, as_json({"code": "image_lost", "text": IMAGE_LOST}))
        else:
            self.output(IMAGE, as_json(kept))

    def _collect(self, piece: ToolCallDelta) -> None:
        if piece.index not in self._calls and len(self._calls) >= MOST_CALLS:
            return
        call = self._calls.setdefault(piece.index, _Call())
        call.id = call.id or clean(piece.id)[:LONGEST_NAME]
        call.name = call.name or clean(piece.name)[:LONGEST_NAME]
        call.arguments.append(piece.arguments)  # cleaned as a whole: a pair may be in two pieces
        self.sizes[TOOL] += len(piece.arguments)


async def request(provider: Provider, prompt: Prompt, answer: Answer, limits: Limits) -> None:
    """Send a prompt and take its whole answer. Raises ProviderError; what was shown stays shown."""
    loop = asyncio.get_running_loop()
    stream = provider.stream(prompt)
    try:
        async with _closing(stream), asyncio.timeout(limits.first_fact) as limit:
            async for fact in stream:
                await answer.take(fact)
                if answer.longest > limits.longest:
                    answer.notice({"code": "too_long", "text": TOO_LONG})
                    answer.finish_reason = "length"
                if answer.finish_reason:
                    break
                if answer.sink.full:
                    limit.reschedule(None)  # our disk is slow, not the provider
                    await answer.sink.room()
                _extend(limit, loop.time() + limits.next_fact, limits.next_fact / 20)
    except TimeoutError as error:
        raise ProviderError.of("timeout") from error
    finally:
        if answer.began:  # also of an answer that broke off: what was held back was said
            answer.close()
    if not answer.finish_reason:
        raise ProviderError.of("incomplete")
    answer.close()


def _extend(limit: asyncio.Timeout, until: float, slack: float) -> None:
    """Move a limit on when that gains more than `slack` seconds: a timer for each token costs too much."""
    due = limit.when()
    if due is None or abs(until - due) > slack:
        limit.reschedule(until)


def clean(text: str) -> str:
    """Text that both databases store: no NUL, no half of a surrogate pair.

    PostgreSQL refuses U+0000 and SQLite's functions cut at it; a lone surrogate has no UTF-8 form.
    """
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _sane(usage: UsageReport) -> UsageReport:
    counts = (usage.prompt_tokens, usage.completion_tokens, usage.reasoning_tokens, usage.cached_tokens)
    return UsageReport(*(min(max(count, 0), MOST_TOKENS) for count in counts))


@contextlib.asynccontextmanager
async def _closing(stream: AsyncIterator[Fact]) -> AsyncIterator[None]:
    """Close a generator, and with it the upstream request, however it is left."""
    try:
        yield
    finally:
        close = getattr(stream, "aclose", None)
        if close is not None:
            await close()
