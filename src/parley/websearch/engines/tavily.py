"""Tavily: POST /search.

Sources: docs.tavily.com/documentation/api-reference/endpoint/search; statuses 401, 429, 432 (plan) and
433 (pay as you go) there and in github.com/tavily-ai/tavily-python, tavily/tavily.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parley.web.i18n import N_
from parley.websearch.engines.base import REGISTRY, Call, Engine, Question, rows
from parley.websearch.results import Hit


def call(base: str, key: str, question: Question) -> Call:
    """A basic search: one credit, and nothing but the list of pages."""
    body: dict[str, Any] = {
        "query": question.words,
        "max_results": question.count,
        "search_depth": "basic",
        "include_answer": False,
    }
    if question.allowed:
        body["include_domains"] = list(question.allowed)
    if question.blocked:
        body["exclude_domains"] = list(question.blocked)
    return Call("POST", f"{base}/search", {"authorization": f"Bearer {key}"}, body)


def hits(data: Any) -> Iterator[Hit]:
    """`results`; only news have a date."""
    for row in rows(data, "results"):
        yield Hit(row.get("title"), row.get("url"), row.get("content"), row.get("published_date"))


REGISTRY.add(
    "tavily",
    Engine(
        name="tavily",
        label="Tavily",
        about=N_("Made for assistants, with long extracts."),
        home="https://app.tavily.com",
        url="https://api.tavily.com",
        call=call,
        hits=hits,
    ),
)
