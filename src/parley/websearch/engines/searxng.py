"""SearXNG, which somebody runs themselves: GET /search with format=json.

Source: docs.searxng.org/dev/search_api. A format that is not in `search.formats` is a 403; the limiter
(docs.searxng.org/admin/searx.limiter) says 429. It takes no number of results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from parley.lib.http import JsonAnswer
from parley.web.i18n import N_
from parley.websearch.engines.base import REGISTRY, Call, Engine, Question, rows, usual_fault
from parley.websearch.faults import SearchFailed
from parley.websearch.results import Hit


def call(base: str, key: str, question: Question) -> Call:
    """Without a key."""
    asked = {"q": question.words, "format": "json"}
    return Call("GET", f"{base}/search?{urlencode(asked)}", {"accept": "application/json"})


def hits(data: Any) -> Iterator[Hit]:
    """`results`; an empty list is a fault while the engines behind it did not answer."""
    found = [
        Hit(row.get("title"), row.get("url"), row.get("content"), row.get("publishedDate"))
        for row in rows(data, "results")
    ]
    if not found and isinstance(data, Mapping) and data.get("unresponsive_engines"):
        raise SearchFailed.of("upstreams")
    return iter(found)


def fault(answer: JsonAnswer) -> str:
    """A 403 is about the format, a 429 takes us for a robot."""
    return {403: "json_off", 429: "limiter"}.get(answer.status) or usual_fault(answer)


REGISTRY.add(
    "searxng",
    Engine(
        name="searxng",
        label="SearXNG",
        about=N_("Runs on a machine of yours and asks many engines, without a key."),
        home="https://docs.searxng.org",
        call=call,
        hits=hits,
        fault=fault,
        takes_key=False,
    ),
)
