"""What every dialect says: the shapes of one vendor's wire format, without sockets and without time."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tests.upstream.wire import Request

CREATED = 1_763_700_000  # seconds; answers are the same at every run


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for an answer, read. `messages` hold role (OpenAI's words) and content as text."""

    model: str
    messages: list[dict[str, Any]]
    stream: bool
    body: dict[str, Any]
    tools: tuple[str, ...] = ()  # names of the offered ones
    answers_tools: bool = False  # the last turn brings the results of tool calls


@dataclass(frozen=True, slots=True)
class Count:
    """Tokens of an answer; `prompt` is without the cached ones, `completion` without the reasoning."""

    prompt: int
    completion: int
    cached: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Made:
    """A tool call the model makes; together the pieces are its arguments."""

    index: int
    name: str
    pieces: tuple[str, ...]

    @property
    def arguments(self) -> str:
        """The JSON text."""
        return "".join(self.pieces)


@dataclass(slots=True)
class Said:
    """A whole answer."""

    text: str = ""
    reasoning: str = ""
    tools: list[Made] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)
    reason: str = "stop"  # stop, length or content_filter; tool calls show by themselves
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is none."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a request: its bytes or its address."""

    mime: str
    data: bytes = b""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a tool call in a request; `call` is what names the call in this dialect."""

    call: str
    text: str


class Talk:
    """One streamed answer, frame by frame. A frame may be empty."""

    def start(self) -> bytes:
        """What comes before the first piece."""
        return b""

    def reasoning(self, text: str) -> bytes:
        """A piece of reasoning."""
        raise NotImplementedError

    def text(self, text: str) -> bytes:
        """A piece of text."""
        raise NotImplementedError

    def tool(self, made: Made) -> list[bytes]:
        """One tool call in as many frames as the vendor sends."""
        raise NotImplementedError

    def image(self, png: bytes) -> bytes:
        """A picture the model made."""
        raise NotImplementedError

    def alive(self) -> bytes:
        """What the vendor sends to keep the connection open."""
        return b": keep-alive\n\n"

    def odd(self) -> list[bytes]:
        """Frames that mean nothing, which the vendor sends or reserves the right to send."""
        return []

    def end(self, reason: str, count: Count | None) -> bytes:
        """The end, with the usage when there is a count."""
        raise NotImplementedError

    def failure(self) -> bytes:
        """The error of an overloaded vendor in the middle of the stream."""
        raise NotImplementedError

    def limit(self) -> bytes:
        """The error of a vendor who counts too many requests, in the middle of the stream."""
        raise NotImplementedError


class Dialect:
    """One vendor's format. Paths are those below the root of this dialect on the server."""

    name = ""  # the provider kind it is for
    root = ""  # where the vendor's host stands on this server
    base = ""  # what a connection's base address has behind the host
    stream_type = "text/event-stream; charset=utf-8"
    frame_end = b"\n\n"
    reports: frozenset[str] = frozenset({"cached", "reasoning"})  # what its usage tells apart
    sends_retry_after = True
    faults: Mapping[str, Refusal] = MappingProxyType({})  # by the words of Options.fault

    def credential(self, request: Request) -> str:
        """The key of a request, wherever the vendor takes it."""
        return request.headers.get("authorization", "").removeprefix("Bearer ")

    def answers(self, request: Request, path: str) -> bool:
        """Whether this is a request for an answer."""
        raise NotImplementedError

    def read(self, request: Request, path: str) -> Ask:
        """What is asked."""
        raise NotImplementedError

    def listing(self, request: Request, path: str, models: Sequence[str]) -> Any:
        """The JSON of a list of models (or of one), None when the path asks for something else."""
        raise NotImplementedError

    def talk(self, ask: Ask, count: Count | None, think: str = "") -> Talk:
        """A stream to answer with; `think` names another way to send reasoning, see Options."""
        raise NotImplementedError

    def whole(self, ask: Ask, said: Said) -> Any:
        """The answer in one piece."""
        raise NotImplementedError

    def refusal(self, fault: str, credential: str, wait: str = "") -> Refusal:
        """The vendor's own error; `{key}` in it is the credential, `{wait}` the seconds to wait."""
        plain = self.faults[fault]
        text = json.dumps(plain.body).replace("{key}", credential).replace("{wait}", wait)
        return Refusal(plain.status, json.loads(text), plain.headers)

    def framed(self, data: Any) -> bytes:
        """A frame of a stream that holds this object."""
        return f"data: {compact(data)}".encode() + self.frame_end

    # What a contract asks about a request; each raises KeyError or AssertionError for another form

    def complaints(self, body: dict[str, Any]) -> list[str]:
        """What the vendor would refuse in this request."""
        raise NotImplementedError

    def pictures(self, body: dict[str, Any]) -> list[Picture]:
        """The pictures, in order."""
        raise NotImplementedError

    def results(self, body: dict[str, Any]) -> list[Result]:
        """The results of tool calls."""
        raise NotImplementedError

    def calls(self, body: dict[str, Any]) -> list[tuple[str, str, Any]]:
        """The tool calls sent back: what names each, the tool, its arguments as an object."""
        raise NotImplementedError

    def states(self, body: dict[str, Any]) -> list[str]:
        """What the vendor sealed and wants back."""
        return []

    def sealed(self) -> list[str]:
        """What `states` must hold in a tool loop after an answer that reasoned."""
        return []


def sse(data: Any, name: str = "") -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else compact(data)
    return f"event: {name}\ndata: {text}\n\n".encode() if name else f"data: {text}\n\n".encode()


def compact(data: Any) -> str:
    """JSON as servers write it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def text_of_content(content: Any, words: Sequence[str] = ("text",)) -> str:
    """The text of a message whose content is a string or a list of parts of these types."""
    if not isinstance(content, list):
        return str(content or "")
    return "".join(str(part.get("text", "")) for part in content if part.get("type") in words)


def unknown(body: Mapping[str, Any], known: str, where: str = "") -> list[str]:
    """Complaints about keys that the vendor does not document."""
    return [f"unknown {where}{key}" for key in body if key not in known.split()]


def from_data_url(url: str) -> Picture:
    """A picture out of a data URL, or one at an address."""
    if not url.startswith("data:"):
        return Picture("", url=url)
    head, _, data = url.removeprefix("data:").partition(",")
    assert head.endswith(";base64"), f"{head} is not base64"
    return Picture(head.removesuffix(";base64"), base64.b64decode(data, validate=True))


def png(size: int = 0) -> bytes:
    """A valid picture of one pixel, made about `size` bytes long by a chunk that viewers skip."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    pixel = zlib.compress(b"\0\xc0\xff\xee")
    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    filler = chunk(b"fiLl", bytes(n * 31 % 251 for n in range(size))) if size else b""
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + filler + chunk(b"IDAT", pixel) + chunk(b"IEND", b"")
    )
