"""What an engine is: how it is asked, and where in its answer the pages are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parley.lib.http import JsonAnswer
from parley.lib.registry import Registry
from parley.websearch.faults import SearchFailed
from parley.websearch.results import Hit

MOST = 20  # pages that every engine gives in one answer
_FAULTS = {
    401: "key", 402: "credit", 403: "forbidden", 404: "not_found", 405: "not_found", 408: "timeout",
    429: "limit", 432: "credit", 433: "credit",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for; `allowed` and `blocked` are domains."""

    words: str
    count: int = 5
    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    @property
    def wanted(self) -> int:
        """How many to ask of an engine that knows no domains: the rest is left out afterwards."""
        return MOST if self.allowed or self.blocked else self.count


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None


def usual_fault(answer: JsonAnswer) -> str:
    """The word for a status, "" for success."""
    if 200 <= answer.status < 300:
        return ""
    if 300 <= answer.status < 400:
        return "redirect"
    return _FAULTS.get(answer.status, "down" if answer.status >= 500 else "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """One engine. `url` is its usual base address, "" for one that somebody runs themselves."""

    name: str
    label: str
    about: str  # a message id
    home: str  # where a key, or the program, comes from
    call: Callable[[str, str, Question], Call]  # base address, key, question
    hits: Callable[[Any], Iterator[Hit]]  # of the decoded answer; raises SearchFailed
    fault: Callable[[JsonAnswer], str] = usual_fault  # a key of faults.SENTENCES, "" for success
    url: str = ""
    takes_key: bool = True


REGISTRY: Registry[Engine] = Registry("search engine")


def rows(data: Any, *path: str) -> Iterator[Mapping[str, Any]]:
    """The objects of the list at `path`; raises SearchFailed when there is no list."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    if not isinstance(data, list):
        raise SearchFailed.of("nonsense")
    return (each for each in data if isinstance(each, Mapping))
