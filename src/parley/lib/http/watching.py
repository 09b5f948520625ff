"""Somebody who watches the requests of a task: sees what was sent and what came, and changes nothing.

A context variable and no parameter, because between whoever wants to know and the client lie providers and
vendors' SDKs, which should not have to pass a watcher on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Protocol


class Exchange(Protocol):
    """One request under watch. Its methods must not raise and must not wait."""

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """The head of the response is there."""

    def arrived(self, chunk: bytes) -> None:
        """A piece of the body, as whoever asked reads it."""

    def ended(self, error: str = "") -> None:
        """Nothing more will be read; `error` says what broke it."""


class Watcher(Protocol):
    """Is told of every request of its task."""

    def sent(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> Exchange:
        """A request is about to go out; `body` is what becomes its JSON."""


WATCHER: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


def watch(method: str, url: str, headers: Mapping[str, str], body: Any) -> Exchange | None:
    """Tell this task's watcher of a request; None when there is none."""
    watcher = WATCHER.get()
    return None if watcher is None else watcher.sent(method, url, headers, body)
