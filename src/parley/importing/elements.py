"""JSON of any size -> its conversations one after the other, none of them larger than memory allows.

ijson reads events; what is built from them here is bounded in depth and weight, so that neither a list of
ten million brackets nor one endless text takes the process away. An element that is too much is left out and
named, the next one comes as if nothing had been.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import ijson

from parley.importing.neutral import Unreadable, line

DEEPEST = 60  # levels of one conversation; a ChatGPT export has about 15
HEAVIEST = 128_000_000  # characters of one conversation, each value counting NODE more
LONGEST = 64_000_000  # bytes of a single value; pictures stand in the JSON of Open WebUI
NODE = 64  # about what an object of Python takes beside its text
CHUNK = 65_536  # bytes
LISTS = ("conversations", "chats", "items")  # members of an outer object that hold the conversations
_TITLES = ("title", "name")
_IDS = ("conversation_id", "uuid", "id")


class Stream(Protocol):
    """Something to read bytes from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; b"" at the end."""


class Broken(Exception):
    """The JSON ends early or is none."""


def elements(stream: Stream) -> Iterator[dict[str, Any] | Unreadable]:
    """The objects of a list, of the list inside an object, or the one object itself.

    Raises Broken where the JSON does; what was whole before it has been given out by then.
    """
    guarded = _Guarded(stream)
    try:
        yield from _elements(guarded)
    except (ijson.JSONError, UnicodeError, ValueError, OverflowError) as error:
        raise Broken(str(error)[:200]) from error


def _elements(guarded: _Guarded) -> Iterator[dict[str, Any] | Unreadable]:
    events = iter(ijson.basic_parse(guarded, buf_size=CHUNK, use_float=True))
    event, _value = next(events, ("", None))
    if event == "start_array":
        yield from _items(events, guarded)
        return
    if event != "start_map":
        raise Broken("neither a list nor an object")
    outer, listed, key = _Building("start_map"), False, ""
    for event, value in events:
        guarded.since = 0
        if len(outer.stack) == 1 and event == "start_array" and key in LISTS:
            listed = True
            yield from _items(events, guarded)
            outer.forget_key()
            continue
        key = value if event == "map_key" else key
        if outer.take(event, value):
            break
    if not listed:
        yield outer.result()


def _items(events: Iterator[tuple[str, Any]], guarded: _Guarded) -> Iterator[dict[str, Any] | Unreadable]:
    building: _Building | None = None
    for event, value in events:
        guarded.since = 0
        if building is None:
            if event == "end_array":
                return
            if event in ("start_map", "start_array"):
                building = _Building(event)
            else:
                yield Unreadable("no_conversation")
        elif building.take(event, value):
            yield building.result()
            building = None


class _Building:
    """One value while its events arrive."""

    def __init__(self, first: str) -> None:
        self.stack: list[Any] = [{} if first == "start_map" else []]
        self._root = self.stack[0]
        self._keys: list[str] = [""]
        self._depth = 1
        self._weight = 0
        self._refused = ""

    def take(self, event: str, value: Any) -> bool:
        """Take one event; True when the value is complete."""
        if event in ("start_map", "start_array"):
            self._depth += 1
            self._open({} if event == "start_map" else [])
        elif event in ("end_map", "end_array"):
            self._depth -= 1
            if len(self.stack) > self._depth:
                self.stack.pop()
                self._keys.pop()
        elif not self._refused:
            self._put(event, value)
        return self._depth == 0

    def forget_key(self) -> None:
        """The value of the last key was taken elsewhere."""
        self._keys[-1] = ""

    def result(self) -> dict[str, Any] | Unreadable:
        """What it became."""
        if not isinstance(self._root, dict):
            return Unreadable("no_conversation")
        if self._refused:
            title = next((self._root[key] for key in _TITLES if key in self._root), "")
            external = next((self._root[key] for key in _IDS if key in self._root), "")
            return Unreadable(self._refused, line(title), line(external, 128))
        return self._root

    def _open(self, container: Any) -> None:
        if not self._refused and self._depth > DEEPEST:
            self._refused = "too_deep"
        if not self._refused:
            self._add(container, 0)
            self.stack.append(container)
            self._keys.append("")

    def _put(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._keys[-1] = value
            self._weight += len(value)
        else:
            self._add(value, len(value) if isinstance(value, str) else 0)

    def _add(self, value: Any, length: int) -> None:
        self._weight += length + NODE
        if self._weight > HEAVIEST:
            self._refused = "too_large"
            self._root = _named(self._root)
            self.stack = [None] * len(self.stack)  # let go of it
            return
        at = self.stack[-1]
        if isinstance(at, dict):
            at[self._keys[-1]] = value
        else:
            at.append(value)


def _named(root: Any) -> dict[str, Any]:
    """What tells a conversation from others, without what it holds."""
    known = root if isinstance(root, dict) else {}
    return {key: known[key] for key in (*_TITLES, *_IDS) if isinstance(known.get(key), str)}


class _Guarded:
    """A stream that ends where one value does not: the parser under ijson keeps it in memory meanwhile."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._begun = False
        self.since = 0  # bytes since the last event

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        if not self._begun:
            self._begun = True
            data = data.removeprefix(b"\xef\xbb\xbf") or data  # editors on Windows leave it
        self.since += len(data)
        if self.since > LONGEST:
            raise Broken("a single value is too long")
        return data
