"""Every search engine against its format, and against everything that can go wrong with it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

import parley.websearch.engines  # noqa: F401  fills the registry
from parley.lib.http import HttpClient
from parley.traces.redaction import headers
from parley.websearch import exchange
from parley.websearch.engines.base import MOST, REGISTRY, Question
from parley.websearch.exchange import ask
from parley.websearch.faults import SENTENCES, SearchFailed
from parley.websearch.results import Result
from tests.upstream.engines import KEY, Engines, engines

NAMES = REGISTRY.names()
FERRY = Question("ferry to  Lofoten & back", count=2)


@pytest.fixture(scope="module")
def running() -> Iterator[Engines]:
    with engines() as fakes:
        yield fakes


@pytest.fixture
def fakes(running: Engines) -> Engines:
    running.asked.clear()
    running.answers.clear()
    running.silent.clear()
    return running


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


async def fault_of(http: HttpClient, fakes: Engines, name: str, key: str = KEY) -> str:
    with pytest.raises(SearchFailed) as failed:
        await ask(http, REGISTRY.get(name), fakes.url_of(name), key, FERRY)
    assert KEY not in str(failed.value)
    return failed.value.code


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_found_is_the_same_whoever_found_it(
    http: HttpClient, fakes: Engines, name: str
) -> None:
    found = await ask(http, REGISTRY.get(name), fakes.url_of(name), KEY, FERRY)
    ferries = Result(f"Ferries & {name}", f"https://ferries.example/{name}", "At 15:15.", "2025-03-11")
    assert replace(found[0], snippet=found[0].snippet.removesuffix(" … …")) == ferries
    assert [each.url for each in found[1:]] == ["http://m.lofoten.example/t?x=1"]
    assert "<" not in found[1].snippet
    (asked,) = fakes.asked
    assert FERRY.words in asked.said.values()
    few = Question("ferry", 2, allowed=("lofoten.example",), blocked=("ferries.example",))
    only = await ask(http, REGISTRY.get(name), fakes.url_of(name), KEY, few)
    assert [each.title for each in only] == ["Timetable"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("tavily", "key"), ("brave", "key"), ("exa", "key"), ("metaso", "key"), ("searxng", "json_off")],
)
async def test_a_refusal_is_told_by_its_cause(
    http: HttpClient, fakes: Engines, name: str, expected: str
) -> None:
    if name == "searxng":  # as if `json` were not among its formats
        fakes.answers[name] = (403, b"<html>403 Forbidden</html>")
    assert await fault_of(http, fakes, name, "wrong") == expected


FAULTS: list[tuple[str, int, Any, str]] = [
    ("tavily", 429, {"detail": {"error": "slow down"}}, "limit"),
    ("tavily", 432, {"detail": {"error": "plan"}}, "credit"),
    ("tavily", 403, {}, "forbidden"),
    ("tavily", 500, b"<html>", "down"),
    ("tavily", 404, b"", "not_found"),
    ("tavily", 302, b"", "redirect"),
    ("tavily", 400, {}, "refused"),
    ("tavily", 200, b"<html>hello</html>", "not_json"),
    ("tavily", 200, {"results": "many"}, "nonsense"),
    ("tavily", 200, [1, 2], "nonsense"),
    ("tavily", 200, b" " * (exchange.BYTES + 2), "too_large"),
    ("brave", 429, {"error": {"code": "RATE_LIMITED", "meta": {"quota_limit": 2000}}}, "limit"),
    ("brave", 429, {"error": {"code": "QUOTA_LIMITED"}}, "credit"),
    ("brave", 422, {"error": {"code": "VALIDATION"}}, "refused"),
    ("exa", 402, {"tag": "NO_MORE_CREDITS"}, "credit"),
    ("metaso", 200, {"errCode": 3000, "errMsg": "余额不足"}, "credit"),
    ("metaso", 200, {"errCode": 9, "errMsg": "?"}, "refused"),
    ("searxng", 429, b"Too Many Requests", "limiter"),
    ("searxng", 200, {"results": [], "unresponsive_engines": [["google", "CAPTCHA"]]}, "upstreams"),
]


@pytest.mark.parametrize(("name", "status", "body", "expected"), FAULTS)
async def test_each_fault_has_its_sentence(
    http: HttpClient, fakes: Engines, name: str, status: int, body: Any, expected: str
) -> None:
    fakes.answers[name] = (status, body)
    assert await fault_of(http, fakes, name) == expected
    assert expected in SENTENCES


async def test_nothing_found_is_an_answer(http: HttpClient, fakes: Engines) -> None:
    fakes.answers = {
        "brave": (200, {"type": "search", "query": {}}),
        "searxng": (200, {"results": [], "unresponsive_engines": []}),
        "tavily": (200, {"results": [7, None, {"url": 3}, {}]}),
    }
    for name in fakes.answers:
        assert await ask(http, REGISTRY.get(name), fakes.url_of(name), KEY, FERRY) == []


async def test_whoever_says_nothing_or_is_not_there(
    http: HttpClient, fakes: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "SECONDS", 0.05)
    fakes.silent.add("exa")
    assert await fault_of(http, fakes, "exa") == "timeout"
    with pytest.raises(SearchFailed) as failed:
        await ask(http, REGISTRY.get("searxng"), "http://127.0.0.1:9", "", FERRY)
    assert failed.value.code == "unreachable"
    # The metadata of a cloud is nobody's, and a vendor's own address is never in this network.
    inside = replace(REGISTRY.get("tavily"), url=fakes.url_of("tavily"))
    for engine, address in ((REGISTRY.get("searxng"), "http://169.254.169.254"), (inside, "")):
        with pytest.raises(SearchFailed) as failed:
            await ask(http, engine, address, KEY, FERRY)
        assert failed.value.code == "refused_address"


@pytest.mark.parametrize("name", NAMES)
def test_a_key_goes_in_a_header_that_no_trace_repeats(name: str) -> None:
    call = REGISTRY.get(name).call("https://engine.example", KEY, FERRY)
    assert KEY not in f"{call.url} {call.json}"
    assert KEY not in str(headers(call.headers))


async def test_domains_go_along_where_an_engine_knows_them(http: HttpClient, fakes: Engines) -> None:
    question = Question("ferry", 3, allowed=("a.example",), blocked=("b.example",))
    for name in NAMES:
        await ask(http, REGISTRY.get(name), fakes.url_of(name), KEY, question)
    said = {asked.engine: asked.said for asked in fakes.asked}
    assert said["tavily"]["include_domains"] == ["a.example"]
    assert said["tavily"]["exclude_domains"] == ["b.example"]
    assert said["exa"]["includeDomains"] == ["a.example"]
    assert (said["brave"]["count"], said["metaso"]["size"]) == (str(MOST), MOST)
