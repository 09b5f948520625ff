"""Asking one engine, within bounds: what goes out, how long it may take, what comes back."""

from __future__ import annotations

from parley.lib.http import HttpClient, JsonAnswer, NetworkFailed, Profile, Refused, TimedOut, TooLarge
from parley.lib.http import Unreadable as Broken
from parley.websearch.engines.base import Engine, Question
from parley.websearch.faults import SearchFailed
from parley.websearch.results import Result, results_of

SECONDS = 12.0  # for a whole answer
BYTES = 2 * 1024 * 1024
# An engine's own address is on the internet; one that an administrator typed may be in their network.
VENDOR = Profile(
    "search", ports=frozenset({80, 443}), read_timeout=SECONDS, total_timeout=SECONDS, max_bytes=BYTES
)
TYPED = Profile("search-typed", private=True, read_timeout=SECONDS, total_timeout=SECONDS, max_bytes=BYTES)


async def ask(http: HttpClient, engine: Engine, address: str, key: str, question: Question) -> list[Result]:
    """What `engine` finds, at most `question.count` pages; `address` "" is its own. Raises SearchFailed."""
    call = engine.call(address or engine.url, key, question)
    try:
        answer: JsonAnswer = await http.json(
            call.method,
            call.url,
            headers=call.headers,
            json=call.json,
            profile=TYPED if address else VENDOR,
            seconds=SECONDS,
        )
    except Refused:
        raise SearchFailed.of("refused_address") from None
    except TimedOut:
        raise SearchFailed.of("timeout") from None
    except TooLarge:
        raise SearchFailed.of("too_large") from None
    except Broken:
        raise SearchFailed.of("not_json") from None
    except NetworkFailed:
        raise SearchFailed.of("unreachable") from None
    if code := engine.fault(answer):
        raise SearchFailed.of(code)
    if answer.data is None:
        raise SearchFailed.of("not_json")
    found = results_of(engine.hits(answer.data), allowed=question.allowed, blocked=question.blocked)
    return found[: question.count]
