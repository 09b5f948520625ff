"""Metaso (秘塔): POST /api/v1/search.

Its reference is no page one can cite (metaso.cn/search-api/playground); the format is the one that
independent clients agree on: {q, scope, size, includeSummary} with Bearer, webpages[].{title,link,snippet,
date}. A refusal can come with the status 200 and an `errCode` (3000 is an empty account).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from parley.lib.http import JsonAnswer
from parley.web.i18n import N_
from parley.websearch.engines.base import REGISTRY, Call, Engine, Question, rows, usual_fault
from parley.websearch.results import Hit

_KEY_WORDS = ("key", "密钥", "鉴权", "认证", "授权", "unauthorized", "token")
_CREDIT_WORDS = ("余额", "额度", "上限", "credit", "balance", "quota")


def call(base: str, key: str, question: Question) -> Call:
    """It knows no lists of domains."""
    body = {
        "q": question.words,
        "scope": "webpage",
        "size": question.wanted,
        "includeSummary": False,
        "includeRawContent": False,
        "conciseSnippet": False,
    }
    return Call("POST", f"{base}/api/v1/search", {"authorization": f"Bearer {key}"}, body)


def hits(data: Any) -> Iterator[Hit]:
    """`webpages`."""
    for row in rows(data, "webpages"):
        yield Hit(
            row.get("title"), row.get("link"), row.get("snippet") or row.get("summary"), row.get("date")
        )


def fault(answer: JsonAnswer) -> str:
    """A success is one only without an error code in it."""
    data = answer.data
    said = data.get("errCode") if isinstance(data, Mapping) else None
    if usual_fault(answer) or said in (None, 0, "0"):
        return usual_fault(answer)
    words = str(data.get("errMsg", "")).lower()
    if str(said) == "3000" or any(each in words for each in _CREDIT_WORDS):
        return "credit"
    return "key" if any(each in words for each in _KEY_WORDS) else "refused"


REGISTRY.add(
    "metaso",
    Engine(
        name="metaso",
        label="Metaso · 秘塔",
        about=N_("Strong in Chinese, and reachable from mainland China."),
        home="https://metaso.cn/search-api/api-keys",
        url="https://metaso.cn",
        call=call,
        hits=hits,
        fault=fault,
    ),
)
