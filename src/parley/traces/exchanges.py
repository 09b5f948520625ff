"""The requests to providers as a trace tells them: headers, the shape of the body, some raw lines."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

import msgspec

from parley.lib.clock import now_us
from parley.traces import redaction
from parley.traces.recorder import Recorder

FIRST_LINES, LAST_LINES = 5, 2
KEPT = 4_096  # bytes of the beginning and of the end of a body in which they are looked for
LAST_PIECES = 64  # of a body, in which its last lines are looked for
NEAR = 4  # lines beside those told that are looked at with them: a secret may stand below its name
MESSAGES = 5  # of which a preview is kept
PREVIEW = 240  # characters
PLAIN_QUERY = ("alt", "api-version", "beta")  # what queries say that is no secret
_LISTS = ("messages", "input", "contents")  # what protocols call the turns


class Watch:
    """Notes each request of a task in a trace. A `lib.http.watching.Watcher`."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def sent(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> Watched:
        """A request goes out."""
        recorder = self._recorder
        address, hidden = _address(url)
        recorder.knows((*_keys_in(headers), *hidden))
        data = {
            "method": method,
            "url": address,
            "headers": redaction.headers(headers),
            "body": _body(body, recorder.known),
        }
        recorder.note("request", address.split("?")[0].partition("://")[2], data)
        return Watched(recorder)


class Watched:
    """One of them."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._sent = now_us()
        self._head = self._first = 0
        self._bytes = 0
        self._start = bytearray()
        self._end: deque[bytes] = deque(maxlen=LAST_PIECES)
        self._over = False

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """The head is there; the request took until now."""
        self._head = now_us()
        data = {"status": status, "headers": redaction.headers(headers)}
        self._recorder.note("response", str(status), data, began=self._sent)

    def arrived(self, chunk: bytes) -> None:
        """Keep the beginning and the end of what comes. Called for every piece: each step here counts."""
        size = len(chunk)
        if self._bytes < KEPT:
            self._first = self._first or now_us()
            self._start += chunk[: KEPT - self._bytes]
        self._bytes += size
        self._end.append(chunk if size <= KEPT else chunk[-KEPT:])

    def ended(self, error: str = "") -> None:
        """The body is over, however it ended."""
        if self._over:
            return
        self._over = True
        first, last = self._lines()
        data: dict[str, Any] = {"bytes": self._bytes, "first": first, "last": last}
        if self._first and self._head:
            data["first_byte_us"] = self._first - self._head
        if error:
            data["error"] = error
        self._recorder.note("body", "", data, began=self._head or self._sent)

    def _lines(self) -> tuple[list[str], list[str]]:
        known = self._recorder.known
        start = _lines_in(bytes(self._start))
        if self._bytes <= KEPT:
            told = _told(start, slice(None), known)
            return told[:FIRST_LINES], told[FIRST_LINES:][-LAST_LINES:]
        end = _lines_in(b"".join(self._end)[-KEPT:])
        first = _told(start, slice(FIRST_LINES + NEAR), known)
        last = _told(end, slice(-LAST_LINES - NEAR - 1, None), known)[1:]  # it may begin within a line
        return first[:FIRST_LINES], last[-LAST_LINES:]  # a note cuts them


def _lines_in(data: bytes) -> list[str]:
    return [line for line in data.decode("utf-8", "replace").splitlines() if line.strip()]


def _told(lines: list[str], part: slice, known: tuple[str, ...]) -> list[str]:
    """A part of the lines. Looked at together, and all of them where a private key goes over many."""
    whole = any("-----" in line for line in lines)
    return redaction.without_secrets("\n".join(lines if whole else lines[part]), known).splitlines()


def _address(url: str) -> tuple[str, list[str]]:
    """An address without who signs in there and without what its query says, and what was left out."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    given = parse_qsl(parts.query, keep_blank_values=True)
    told = [(name, value if name in PLAIN_QUERY else redaction.HIDDEN) for name, value in given]
    hidden = [value for name, value in given if name not in PLAIN_QUERY and len(value) >= 6]
    if parts.password:
        hidden.append(unquote(parts.password))
    query = "&".join(f"{name}={value}" for name, value in told)
    return urlunsplit((parts.scheme, host, parts.path, query, "")), hidden


def _keys_in(headers: Mapping[str, str]) -> Iterator[str]:
    """The values of headers that are nobody's business, so that no answer can repeat them."""
    for name, value in headers.items():
        if len(value) >= 6 and not redaction.is_told(name.lower()):
            scheme, space, rest = value.partition(" ")
            yield rest if space and scheme.lower() in ("bearer", "basic") else value


def _body(body: Any, known: tuple[str, ...]) -> Any:
    """The shape of a request: its settings as they are, its turns as their beginnings and sizes.

    Redacted are here the beginnings only, before they are cut; the rest where it is noted.
    """
    if isinstance(body, msgspec.Raw):
        body = msgspec.json.decode(bytes(body))  # ours or an SDK's own: it is JSON
    if not isinstance(body, Mapping):
        return None
    told = {name: value for name, value in body.items() if name not in (*_LISTS, "tools", "system")}
    summed: dict[str, Any] = {"bytes": _size(body)}
    for name in _LISTS:
        if isinstance(body.get(name), list):
            turns = body[name]
            summed[name] = {"count": len(turns), "turns": [_turn(turn, known) for turn in turns[:MESSAGES]]}
    if body.get("system"):
        summed["system"] = {"preview": _preview(_words(body["system"]), known)}
    if isinstance(body.get("tools"), list):
        summed["tools"] = [_tool(tool) for tool in body["tools"]]
    return told | summed


def _size(body: Mapping[str, Any]) -> int:
    return len(msgspec.json.encode(body))


def _turn(turn: Any, known: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(turn, Mapping):
        return {"preview": _preview(str(turn), known)}
    words = _words(turn.get("content", turn.get("parts", "")))
    return {
        "role": str(turn.get("role", "")),
        "characters": len(words),
        "preview": _preview(words, known),
    }


def _words(content: Any) -> str:
    """The words of a turn in any protocol; of a picture only that it is there and how large."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(filter(None, map(_words, content)))
    if isinstance(content, Mapping):
        if isinstance(content.get("text"), str):
            return str(content["text"])
        if "content" in content or "parts" in content:
            return _words(content.get("content", content.get("parts")))
        kind = str(content.get("type", "")) or next(iter(content), "")
        return f"[{kind}, {_size(content)} B]"
    return ""


def _tool(tool: Any) -> str:
    inner = tool.get("function", tool) if isinstance(tool, Mapping) else {}
    return str(inner.get("name", ""))[:64] if isinstance(inner, Mapping) else ""


def _preview(words: str, known: tuple[str, ...]) -> str:
    text = redaction.without_secrets(words[: redaction.LOOKED_AT], known)
    return text if len(text) <= PREVIEW else text[:PREVIEW] + "…"
