"""Exa: POST /search.

Sources: exa.ai/docs/reference/search (query, numResults, type, contents.highlights, includeDomains,
excludeDomains; results[].{title,url,publishedDate,highlights}), exa.ai/docs/reference/error-codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from parley.web.i18n import N_
from parley.websearch.engines.base import REGISTRY, Call, Engine, Question, rows
from parley.websearch.results import Hit

EXTRACT = 800  # characters of a page that are asked for


def call(base: str, key: str, question: Question) -> Call:
    """The passages that fit, not the whole pages."""
    body: dict[str, Any] = {
        "query": question.words,
        "numResults": question.wanted if question.allowed and question.blocked else question.count,
        "type": "auto",
        "contents": {"highlights": {"maxCharacters": EXTRACT}},
    }
    if question.allowed:
        body["includeDomains"] = list(question.allowed)
    elif question.blocked:  # of both lists one goes along; the other is heeded in what comes back
        body["excludeDomains"] = list(question.blocked)
    return Call("POST", f"{base}/search", {"x-api-key": key}, body)


def hits(data: Any) -> Iterator[Hit]:
    """`results`; the passages of a page follow one another."""
    for row in rows(data, "results"):
        passages = row.get("highlights")
        listed = passages if isinstance(passages, list) else [row.get("text") or row.get("summary")]
        words = " … ".join(each for each in listed if isinstance(each, str))
        yield Hit(row.get("title"), row.get("url"), words, row.get("publishedDate"))


REGISTRY.add(
    "exa",
    Engine(
        name="exa",
        label="Exa",
        about=N_("Finds by meaning, good for research."),
        home="https://dashboard.exa.ai",
        url="https://api.exa.ai",
        call=call,
        hits=hits,
    ),
)
