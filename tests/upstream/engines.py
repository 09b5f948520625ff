"""Fake search engines: each vendor's format over real sockets, in a thread that browser tests can have."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "tvly-canary-0123456789-otter"
Answer = tuple[int, Any]  # status, and what becomes JSON (bytes are sent as they are)


@dataclass(frozen=True)
class Asked:
    """One request as it arrived; `said` is the query or the JSON of its body."""

    engine: str
    method: str
    path: str
    headers: dict[str, str]
    said: dict[str, Any]


@dataclass
class Engines:
    """All of them at one port: the address of one is `url_of("brave")`."""

    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)  # instead of the usual one, by engine
    silent: set[str] = field(default_factory=set)  # these say nothing before the end
    over: threading.Event = field(default_factory=threading.Event)

    def url_of(self, engine: str) -> str:
        """What an administrator would enter."""
        return f"http://127.0.0.1:{self.port}/{engine}"

    def answer(self, asked: Asked) -> Answer:
        """As the vendor would."""
        if asked.engine in self.answers:
            return self.answers[asked.engine]
        return _REFUSALS[asked.engine] if not _may(asked) else (200, _found(asked.engine))


# A good page, one of a subdomain, and one that is no page of the web; "*" is the engine's name.
PAGES = (
    ("<b>Ferries</b> &amp; *", "https://ferries.example/*", "At 15:15."),
    ("Timetable", "http://m.lofoten.example/t?x=1", "<script>alert(1)</script>Daily"),
    ("Trap", "javascript:alert(1)", "press me"),
)
# How each names title, address, snippet and day, and writes the day.
_WORDS = {
    "tavily": ("title", "url", "content", "published_date", "Tue, 11 Mar 2025 10:00:00 GMT"),
    "brave": ("title", "url", "description", "page_age", "2025-03-11T10:00:00"),
    "exa": ("title", "url", "highlights", "publishedDate", "2025-03-11T10:00:00.000Z"),
    "metaso": ("title", "link", "snippet", "date", "2025年03月11日"),
    "searxng": ("title", "url", "content", "publishedDate", "2025-03-11T10:00:00"),
}


def _found(engine: str) -> Any:
    title, url, snippet, day, when = _WORDS[engine]
    rows = [
        {
            title: named.replace("*", engine),
            url: address.replace("*", engine),
            snippet: [text, "…"] if engine == "exa" else text,
            day: when,
        }
        for named, address, text in PAGES
    ]
    if engine == "brave":
        return {"type": "search", "web": {"type": "search", "results": rows}}
    if engine == "metaso":
        return {"credits": 3, "total": 9, "webpages": rows}
    return {"results": rows, "unresponsive_engines": []}


def _may(asked: Asked) -> bool:
    told = asked.headers
    if asked.engine == "searxng":
        return asked.said.get("format") == "json"
    names = {"brave": "x-subscription-token", "exa": "x-api-key"}
    sent = told.get(names.get(asked.engine, "authorization"), "")
    return sent == (KEY if asked.engine in names else f"Bearer {KEY}")


_REFUSALS: dict[str, Answer] = {
    "tavily": (401, {"detail": {"error": "Unauthorized: missing or invalid API key."}}),
    "brave": (422, {"type": "ErrorResponse", "error": {"code": "SUBSCRIPTION_TOKEN_INVALID", "status": 422}}),
    "exa": (401, {"requestId": "x", "error": "Invalid API key", "tag": "INVALID_API_KEY"}),
    "metaso": (200, {"errCode": 2005, "errMsg": "API key 无效"}),
    "searxng": (403, b"<html>403 Forbidden</html>"),
}


@contextmanager
def engines() -> Iterator[Engines]:
    """Running fakes; they end with the block."""
    fakes = Engines()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length", 0))
            said = json.loads(self.rfile.read(length)) if length else dict(parse_qsl(parts.query))
            headers = {name.lower(): value for name, value in self.headers.items()}
            engine = parts.path.split("/")[1]
            asked = Asked(engine, self.command, parts.path.removeprefix(f"/{engine}"), headers, said)
            fakes.asked.append(asked)
            if engine in fakes.silent:
                fakes.over.wait(20)
                return
            status, body = fakes.answer(asked)
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: what was asked is in `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fakes.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield fakes
        finally:
            fakes.over.set()
            server.shutdown()
            thread.join(10)
