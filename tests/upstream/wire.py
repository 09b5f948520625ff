"""Just enough HTTP/1.1 to be an upstream whose every byte is chosen."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOM = b"\xef\xbb\xbf"
_DATA = re.compile(rb"^data: ", re.MULTILINE)
REASONS = {200: "OK", 302: "Found", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read whole."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON; {} when there is none."""
        return json.loads(self.body) if self.body else {}


class Reader(asyncio.StreamReader):
    """A reader that says when the client is gone without reading anything away."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()

    def feed_eof(self) -> None:
        """The client hung up politely."""
        super().feed_eof()
        self.gone.set()

    def set_exception(self, exc: Exception) -> None:
        """The client reset the connection."""
        super().set_exception(exc)
        self.gone.set()


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, None when the client hung up."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines) if name
        }
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    url = urlsplit(target)
    return Request(method, url.path, parse_qs(url.query), headers, body)


class Dress:
    """How the bytes of a body are changed on their way: line ends, compression, cuts."""

    def __init__(
        self, *, crlf: bool = False, gzip: bool = False, split: int = 0, odd_events: bool = False
    ) -> None:
        self._crlf, self._split, self._odd = crlf, split, odd_events
        self._begun = False
        self._gzip = zlib.compressobj(wbits=zlib.MAX_WBITS | 16) if gzip else None

    @property
    def headers(self) -> dict[str, str]:
        """What the client must be told."""
        return {} if self._gzip is None else {"content-encoding": "gzip"}

    def pieces(self, data: bytes) -> list[bytes]:
        """What is sent for `data`, now."""
        if self._odd:
            data = _DATA.sub(b"id: 7\nretry:1000\ndata:", data)
            data, self._begun = data if self._begun else BOM + data, True
        if self._crlf:
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if self._gzip is not None:
            data = self._gzip.compress(data) + self._gzip.flush(zlib.Z_SYNC_FLUSH)
        if not self._split:
            return [data] if data else []
        return [data[start : start + self._split] for start in range(0, len(data), self._split)]

    def last(self) -> bytes:
        """What a body ends with."""
        return b"" if self._gzip is None else self._gzip.flush()


PLAIN = Dress()


class Reply:
    """Writes one response."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self._dress = PLAIN

    def head(self, status: int, headers: Mapping[str, str]) -> None:
        """Status line and headers."""
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def whole(self, status: int, body: bytes, **headers: str) -> None:
        """A response that is complete at once."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body = b"".join(self._dress.pieces(body)) + self._dress.last()
        named |= {**self._dress.headers, "content-length": str(len(body))}
        self.head(status, {"content-type": "application/json", **named})
        self.writer.write(body)

    def json(self, status: int, data: Any, **headers: str) -> None:
        """A whole JSON response."""
        self.whole(status, json.dumps(data, ensure_ascii=False).encode(), **headers)

    def dress(self, dress: Dress) -> None:
        """Change every byte of the body from now on."""
        self._dress = dress

    def start_stream(self, content_type: str) -> None:
        """The head of a stream."""
        headers = {"content-type": content_type, "transfer-encoding": "chunked"}
        self.head(200, {**headers, **self._dress.headers})

    def chunk(self, data: bytes) -> None:
        """One piece of a chunked body."""
        for piece in self._dress.pieces(data):
            self.writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def end(self) -> None:
        """The end of a chunked body."""
        if last := self._dress.last():
            self.writer.write(b"%x\r\n%b\r\n" % (len(last), last))
        self.writer.write(b"0\r\n\r\n")

    def reset(self) -> None:
        """Hang up with a TCP reset where the system allows, without goodbye anyway."""
        self.writer.transport.abort()
