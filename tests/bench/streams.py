"""One answer as a browser or a bare client receives it: when tokens arrive, from the stamps they carry."""

from __future__ import annotations

import json
import re
import time
import urllib.parse
import uuid
from dataclasses import dataclass, field

from tests.bench.site import Site
from tests.client import Connection, Event, ServerSentEvents, connect, json_headers

STAMP = re.compile(rb"(?<!\d)\d{9}(?!\d)")
GENERATION = re.compile(rb"/generations/(\d+)/events")
WRAP = 1_000_000_000  # microseconds after which stamps start over
FORM = {
    "Content-Type": "application/x-www-form-urlencoded",
    "HX-Request": "true",
    "HX-Request-Type": "partial",
}


def microseconds() -> int:
    """The clock of the stamps: monotonic is one clock for all processes of a machine."""
    return time.monotonic_ns() // 1000


@dataclass
class Seen:
    """What one client measured; times in milliseconds."""

    post: float = 0.0  # until the answer fragment was there whole
    first: float = 0.0  # from sending the question to the first token
    delays: list[float] = field(default_factory=list)  # from the upstream's hand to the client's, by token
    gaps: list[float] = field(default_factory=list)  # between arrivals of something new
    complete: bool = False
    _asked: int = 0
    _last: int = 0  # the newest stamp
    _arrived: int = 0

    def ask(self) -> None:
        """The question leaves now."""
        self._asked = microseconds()

    def take(self, data: bytes) -> None:
        """Look for new stamps in what arrived. A page's open block comes again and again: old ones end it."""
        now = microseconds()
        today = now - now % WRAP
        new = []
        for text in reversed(STAMP.findall(data)):
            stamp = today + int(text)
            if stamp > now:
                stamp -= WRAP
            if stamp <= self._last:
                break
            new.append(stamp)
        if not new:
            return
        if self._last:
            self.gaps.append((now - self._arrived) / 1000)
        else:
            self.first = (now - self._asked) / 1000
        self.delays += [(now - stamp) / 1000 for stamp in new]
        self._last, self._arrived = new[0], now


def prompt(tokens: int, speed: float, slow: int = 0) -> str:
    """A question that makes the fake upstream answer with so many stamped tokens, after `slow` ms."""
    return f"key={uuid.uuid4().hex[:12]} [[tokens={tokens} speed={speed} slow={slow} stamp=1]]"


class Reader:
    """One browser on the page path: a connection for posts, one for the stream, both kept open."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._posts: Connection | None = None
        self._stream: Connection | None = None

    async def open(self) -> None:
        """Connect, as a browser that has loaded the page already is."""
        self._posts, self._stream = await connect(self._site.url), await connect(self._site.url)

    async def ask(self, conversation: int, tokens: int, speed: float) -> Seen:
        """Send a question and read its answer to the end."""
        seen = Seen()
        generation = await self.post(conversation, prompt(tokens, speed), seen)
        assert self._stream is not None
        reader = ServerSentEvents(lambda event: _page_event(event, seen))
        target = f"/generations/{generation}/events?after=0"
        status = await self._stream.begin("GET", target, {"Cookie": self._site.cookie})
        assert status == 200, status
        await self._stream.finish(reader.feed)
        return seen

    async def post(self, conversation: int, text: str, seen: Seen) -> int:
        """Send a question; the id of the generation in the fragment that comes back."""
        assert self._posts is not None
        fields = {"text": text, "client_message_id": uuid.uuid4().hex, "model": self._site.model}
        headers = {**FORM, "Cookie": self._site.cookie, "X-CSRF-Token": self._site.csrf}
        body = urllib.parse.urlencode(fields).encode()
        parts: list[bytes] = []
        seen.ask()
        sent = microseconds()
        status = await self._posts.begin("POST", f"/chat/{conversation}/turns", headers, body)
        await self._posts.finish(parts.append)
        seen.post = (microseconds() - sent) / 1000
        page = b"".join(parts)
        found = GENERATION.search(page)
        assert status == 200 and found, f"{status}: {page[:500]!r}"  # noqa: PT018
        return int(found[1])

    def close(self) -> None:
        """Leave."""
        for connection in (self._posts, self._stream):
            if connection is not None:
                connection.close()


def _page_event(event: Event, seen: Seen) -> None:
    if event.name == b"done":
        seen.complete = b"complete" in event.data
    elif not event.name:
        seen.take(event.data)


async def ask_bare(tokens: int, speed: float, connection: Connection) -> Seen:
    """The same question put to the upstream itself."""
    seen = Seen()
    message = {"role": "user", "content": prompt(tokens, speed)}
    body = json.dumps({"model": "fake", "stream": True, "messages": [message]}).encode()

    def take(event: Event) -> None:
        if event.data == b"[DONE]":
            seen.complete = True
        else:
            seen.take(event.data)

    seen.ask()
    status = await connection.begin("POST", "/v1/chat/completions", json_headers("sk-bench"), body)
    assert status == 200, status
    await connection.finish(ServerSentEvents(take).feed)
    return seen
