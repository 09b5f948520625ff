"""The same bytes, cut anywhere: the same facts. In process, over a tape instead of a socket."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from typing import Any, cast

import pytest

from parley.lib.http import HttpClient
from parley.providers.base import REGISTRY, Fact, Finished, Provider, ProviderError, Target, ThoughtState
from tests.adapters.kinds import KEY, SERVED, asking, calls_in, reasoning_in, said, text_in, usage_in
from tests.upstream.dialects import DIALECTS, Ask
from tests.upstream.script import Options
from tests.upstream.streaming import Plan, recorded

TOKENS = ("你", "é🙂", '👩‍🚀½\n"', "\\𝛑\u2028.")
BODY = {"stream_options": {"include_usage": True}, "include": ["reasoning.encrypted_content"]}
ASK = Ask("fake", [], True, BODY)


class Played:
    """A response whose body comes in these chunks."""

    def __init__(self, content_type: str, chunks: Iterable[bytes]) -> None:
        self.status = 200
        self.headers: Mapping[str, str] = {"content-type": content_type}
        self._chunks = chunks

    async def aiter_raw(self) -> AsyncGenerator[bytes, None]:
        """The chunks."""
        for chunk in self._chunks:
            yield chunk

    async def read(self, limit: int) -> bytes:
        """All of them."""
        return b"".join(self._chunks)[:limit]


class Tape:
    """An HttpClient that plays `chunks` at every request."""

    def __init__(self, content_type: str) -> None:
        self._content_type = content_type
        self.chunks: Iterable[bytes] = ()

    @contextlib.asynccontextmanager
    async def stream(self, *_request: Any, **_terms: Any) -> AsyncIterator[Played]:
        """Send nothing."""
        yield Played(self._content_type, self.chunks)


def played(name: str) -> tuple[Tape, Provider]:
    """A provider that hears the tape."""
    kind, tape = REGISTRY.get(name), Tape(DIALECTS[name].stream_type)
    options = {each.name: each.default for each in kind.options}
    target = Target("http://127.0.0.1:1" + DIALECTS[name].base, KEY, options=options)
    return tape, kind.make(target, cast(HttpClient, tape))


def told(facts: list[Fact]) -> tuple[Any, ...]:
    """What was said, however it was cut; without ids, which some kinds make up."""
    calls = [(call.name, call.arguments, call.state) for call in calls_in(facts)]
    states = [fact for fact in facts if isinstance(fact, ThoughtState)]
    return text_in(facts), reasoning_in(facts), calls, usage_in(facts), states[-1:], facts[-1]


@pytest.mark.parametrize("crlf", [False, True], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", SERVED)
async def test_every_split_point_gives_the_same_facts(name: str, crlf: bool) -> None:
    tape, provider = played(name)
    tokens = TOKENS[-2:] if crlf else TOKENS
    body = recorded(DIALECTS[name], Plan(ASK, Options(reasoning=1, tools=1, cached=2, crlf=crlf), tokens))
    if not crlf:
        body = body.replace(b"\r\n", b"\n")
    ask = asking("")

    async def heard(*chunks: bytes) -> tuple[Any, ...]:
        tape.chunks = chunks
        return told(await said(provider.stream(ask)))

    whole = await heard(body)
    assert whole[0] == "".join(tokens)
    assert whole[1] == "thought 0 "
    assert [name for name, *_ in whole[2]] == ["tool_0"]
    assert whole[-1] == Finished("tool_calls")
    assert await heard(*(bytes([byte]) for byte in body)) == whole
    for cut in range(1, len(body)):
        assert await heard(body[:cut], body[cut:]) == whole, f"cut at {cut}: {body[max(0, cut - 30) : cut]!r}"


@pytest.mark.parametrize("name", SERVED)
async def test_an_answer_that_stops_anywhere_never_looks_finished(name: str) -> None:
    """A stream that ends before its end was announced is incomplete, and its text is a beginning."""
    tape, provider = played(name)
    body = recorded(DIALECTS[name], Plan(ASK, Options(), TOKENS))
    for cut in range(len(body)):
        tape.chunks = (body[:cut],)
        heard: list[Fact] = []
        try:
            async for fact in provider.stream(asking("")):
                heard.append(fact)
        except ProviderError as error:
            code = error.code
        else:
            code = ""
        assert "".join(TOKENS).startswith(text_in(heard))
        if code:
            assert code in ("incomplete", "malformed")
        else:
            assert text_in(heard) == "".join(TOKENS), f"a fake end at {cut}: {body[:cut]!r}"
