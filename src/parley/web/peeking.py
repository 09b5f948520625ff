"""The first field of a multipart body, read before the body's own reader begins. Multipart as in RFC 7578.

A form without scripts sends its token as its first field; in its address the token would stay in the
address bar and the history of the browser when the upload is refused.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from litestar.types import Receive
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

MOST = 4_096  # bytes of the body before its first field has ended


class Peeking:
    """A `receive` that lets one look at the beginning of a body and then tells everything from there."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._seen: deque[Any] = deque()

    async def __call__(self) -> Any:
        """The next message, those already looked at first."""
        return self._seen.popleft() if self._seen else await self._receive()

    async def first_field(self, content_type: str, name: str) -> str:
        """The text of the first field if it has this name and is no file; "" otherwise."""
        _kind, options = parse_options_header(content_type)
        try:
            reading = _Reading(PushMultipartParser(options.get("boundary", "")), name)
            more = True
            while more and reading.goes_on:
                message: Any = await self._receive()
                self._seen.append(message)
                more = message["type"] == "http.request" and bool(message.get("more_body"))
                reading.take(message.get("body", b""))
        except (MultipartError, UnicodeError):
            return ""
        return reading.text


class _Reading:
    """The beginning of a body as far as it has come."""

    def __init__(self, parser: PushMultipartParser, name: str) -> None:
        self.text = ""
        self.goes_on = True
        self._parser = parser
        self._name = name
        self._left = MOST
        self._begun = False
        self._data = bytearray()

    def take(self, piece: bytes) -> None:
        piece = piece[: self._left]
        self._left -= len(piece)
        for part in self._parser.parse(piece) if piece else ():
            if isinstance(part, MultipartSegment):
                self.goes_on = part.name == self._name and part.filename is None and not self._begun
                self._begun = True
            elif part is None:
                self.text, self.goes_on = self._data.decode(), False
            else:
                self._data += part
            if not self.goes_on:
                return
        self.goes_on = self._left > 0
