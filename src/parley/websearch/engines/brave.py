"""Brave Search: GET /res/v1/web/search.

Source: api-dashboard.search.brave.com/api-reference/web/search/get (q of at most 400 characters and 50
words, count of at most 20, text_decorations, web.results[].{title,url,description,page_age}). A wrong key is
a 422 with the code SUBSCRIPTION_TOKEN_INVALID (github.com/nearai/ironclaw/issues/2780).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from parley.lib.http import JsonAnswer
from parley.web.i18n import N_
from parley.websearch.engines.base import REGISTRY, Call, Engine, Question, rows, usual_fault
from parley.websearch.results import Hit


def call(base: str, key: str, question: Question) -> Call:
    """It knows no lists of domains."""
    asked = {
        "q": question.words,
        "count": question.wanted,
        "text_decorations": "false",
        "result_filter": "web",
    }
    headers = {"accept": "application/json", "x-subscription-token": key}
    return Call("GET", f"{base}/res/v1/web/search?{urlencode(asked)}", headers)


def hits(data: Any) -> Iterator[Hit]:
    """`web.results`; without any page `web` is absent."""
    if isinstance(data, Mapping) and "web" not in data and data.get("type") == "search":
        return
    for row in rows(data, "web", "results"):
        yield Hit(row.get("title"), row.get("url"), row.get("description"), row.get("page_age"))


def fault(answer: JsonAnswer) -> str:
    """A wrong key is no 401 here, and a month that is used up is a 429 like a hasty second."""
    if answer.status == 422 and "SUBSCRIPTION_TOKEN" in answer.text:
        return "key"
    if answer.status == 429 and "QUOTA_LIMITED" in answer.text:
        return "credit"
    return usual_fault(answer)


REGISTRY.add(
    "brave",
    Engine(
        name="brave",
        label="Brave Search",
        about=N_("An index of its own, independent of the large engines."),
        home="https://api-dashboard.search.brave.com",
        url="https://api.search.brave.com",
        call=call,
        hits=hits,
        fault=fault,
    ),
)
