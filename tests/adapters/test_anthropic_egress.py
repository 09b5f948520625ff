"""Anthropic's SDK opens no socket, reads no environment and learns no key: our client does it all."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from parley.lib.http import PUBLIC, HttpClient, Patience
from parley.providers.anthropic import AnthropicProvider
from parley.providers.base import Fact, Finished, Prompt, ProviderError, Target, TextDelta, Turn
from tests.adapters.test_http import serving
from tests.upstream.wire import Reply, Request, read_request

KEY = "sk-ant-canary-0123456789"
# A model whose name makes the SDK's own create() warn.
ASKED = Prompt("claude-sonnet-4-5", (Turn("system", "Be brief."), Turn("user", "hi")))
EVENTS: list[dict[str, Any]] = [
    {"type": "message_start", "message": {"usage": {"input_tokens": 3, "output_tokens": 1}}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]
ENVIRONMENT = {
    "ANTHROPIC_API_KEY": "sk-ant-of-somebody-else",
    "ANTHROPIC_AUTH_TOKEN": "token-of-somebody-else",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:1/elsewhere",
    "ANTHROPIC_CUSTOM_HEADERS": "x-evil: 1\nanthropic-version: 1999-01-01\ncontent-type: text/evil",
    "ANTHROPIC_PROFILE": "evil",
    "HTTP_PROXY": "http://127.0.0.1:1",
    "ALL_PROXY": "http://127.0.0.1:1",
}
Script = Callable[[Reply, Request], None]


@dataclass
class Server:
    """Answers every request by its script."""

    script: Script
    url: str = ""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while (request := await read_request(reader)) is not None:
                self.requests.append(request)
                self.asked.set()
                self.script(Reply(writer), request)
                await writer.drain()
        finally:
            self.hung_up.set()

    def provider(self, http: HttpClient, **target: Any) -> AnthropicProvider:
        """A provider at this server."""
        return AnthropicProvider(Target(**{"base_url": self.url, "key": KEY, **target}), http)


def tell(reply: Reply, _request: Request) -> None:
    """The whole answer."""
    begin(reply, _request)
    for event in EVENTS[3:]:
        reply.chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
    reply.end()


def begin(reply: Reply, _request: Request) -> None:
    """The start of an answer, and then nothing."""
    reply.start_stream("text/event-stream; charset=utf-8")
    for event in EVENTS[:3]:
        reply.chunk(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())


def say_nothing(_reply: Reply, _request: Request) -> None:
    """Hear and be silent."""


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """The client as it is in production."""
    client = HttpClient()
    yield client
    await client.aclose()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server that tells the whole answer unless it is given another script."""
    server = Server(tell)
    async with serving(server.talk) as port:
        server.url = f"http://127.0.0.1:{port}"
        yield server


async def facts_of(provider: AnthropicProvider, prompt: Prompt = ASKED) -> list[Fact]:
    """Everything it says."""
    return [fact async for fact in provider.stream(prompt)]


async def error_of(provider: AnthropicProvider) -> ProviderError:
    """Why it fails."""
    with pytest.raises(ProviderError) as caught:
        await facts_of(provider)
    assert KEY not in caught.value.message
    return caught.value


async def test_nothing_of_the_environment_gets_out(
    server: Server, http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    assert (await facts_of(server.provider(http)))[-1] == Finished("stop")
    assert (server.requests[0].method, server.requests[0].path) == ("POST", "/v1/messages")
    assert server.requests[0].headers == {
        "host": server.url.removeprefix("http://"),
        "accept": "text/event-stream, application/json",
        "accept-encoding": "identity",
        "user-agent": "parley",
        "anthropic-version": "2023-06-01",
        "x-api-key": KEY,
        "content-type": "application/json",
        "content-length": str(len(server.requests[0].body)),
    }


async def test_the_form_decides_about_headers_and_body(server: Server, http: HttpClient) -> None:
    headers = {"Anthropic-Beta": "new-2027", "anthropic-version": "2030-01-01"}
    body = {"service_tier": "standard_only", "system": "Be rude.", "model": "other", "max_tokens": 5}
    await facts_of(server.provider(http, auth="bearer", headers=headers, body=body))
    sent, told = server.requests[0].headers, server.requests[0].json()
    assert sent["authorization"] == f"Bearer {KEY}"
    assert "x-api-key" not in sent
    assert (sent["anthropic-beta"], sent["anthropic-version"]) == ("new-2027", "2030-01-01")
    assert (told["service_tier"], told["max_tokens"], told["model"]) == ("standard_only", 5, ASKED.model)
    assert told["system"][0]["text"] == "Be brief."
    await facts_of(server.provider(http, auth="header", auth_header="X-Gateway-Key"))
    assert server.requests[1].headers["x-gateway-key"] == KEY
    await facts_of(server.provider(http, key=""))
    assert not {"x-api-key", "authorization"} & set(server.requests[2].headers)


async def test_neither_words_nor_keys_are_logged(
    server: Server, http: HttpClient, caplog: pytest.LogCaptureFixture
) -> None:
    sdk = "anthropic"  # turned up, as ANTHROPIC_LOG=debug does
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, sdk):
        await facts_of(server.provider(http))
    assert KEY not in caplog.text
    assert "Be brief." not in caplog.text


async def test_a_finished_answer_leaves_its_connection_for_the_next(server: Server, http: HttpClient) -> None:
    provider = server.provider(http)
    for _turn in range(3):
        await facts_of(provider)
    assert (len(server.requests), server.connections) == (3, 1)


async def test_the_rules_for_addresses_hold(server: Server, http: HttpClient) -> None:
    target = Target(server.url, KEY)
    assert (await error_of(AnthropicProvider(target, http, profile=PUBLIC))).code == "address"
    for url in ("http://user@127.0.0.1", "http://169.254.169.254", "ftp://127.0.0.1", "http://[", ""):
        assert (await error_of(server.provider(http, base_url=url))).code == "address"
    assert server.connections == 0


async def test_a_redirect_is_not_followed(server: Server, http: HttpClient) -> None:
    server.script = lambda reply, _request: reply.whole(307, b"", location=f"{server.url}/elsewhere")
    error = await error_of(server.provider(http))
    assert error.code == "model_not_found"
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limit"), (529, "overloaded"), (500, "server")])
async def test_nothing_is_asked_twice(server: Server, http: HttpClient, status: int, code: str) -> None:
    body = {"type": "error", "error": {"type": "new_error", "message": f"No, {KEY}."}}
    server.script = lambda reply, _request: reply.json(status, body, retry_after="3")
    error = await error_of(server.provider(http))
    assert (error.code, error.retry_after, len(server.requests)) == (code, 3.0, 1)


async def test_closing_the_answer_hangs_up_at_once(server: Server, http: HttpClient) -> None:
    server.script = begin
    answer = server.provider(http).stream(ASKED)
    async for fact in answer:
        if isinstance(fact, TextDelta):
            break
    await answer.aclose()  # type: ignore[attr-defined]
    async with asyncio.timeout(10):
        await server.hung_up.wait()


async def test_giving_up_before_the_answer_hangs_up_too(server: Server, http: HttpClient) -> None:
    server.script = say_nothing
    asking = asyncio.ensure_future(facts_of(server.provider(http)))
    async with asyncio.timeout(20):
        await server.asked.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    async with asyncio.timeout(10):
        await server.hung_up.wait()


async def test_an_error_that_breaks_off_leaves_no_connection_behind(server: Server, http: HttpClient) -> None:
    def break_off(reply: Reply, _request: Request) -> None:
        reply.head(400, {"content-type": "application/json", "content-length": "500"})
        reply.writer.write(b'{"type":')

    server.script = break_off
    error = await error_of(server.provider(http, patience=Patience(idle=1.0)))
    assert error.code == "timeout"
    async with asyncio.timeout(10):
        await server.hung_up.wait()


async def test_patience_is_ours(server: Server, http: HttpClient) -> None:
    server.script = say_nothing
    async with asyncio.timeout(10):  # the library's own is ten minutes
        assert (await error_of(server.provider(http, patience=Patience(headers=0.2)))).code == "timeout"


@pytest.mark.parametrize("key", ["sk-ant-密钥-0123456789", "sk-ant\nx-evil: 1", "sk-ant-\udcff"])
async def test_an_odd_key_is_a_wrong_key(server: Server, http: HttpClient, key: str) -> None:
    provider = server.provider(http, key=key)
    for failing in (facts_of(provider), provider.models()):
        with pytest.raises(ProviderError) as caught:
            await failing
        assert caught.value.code == "authentication"
        assert key not in caught.value.message
    assert server.connections == 0


async def test_models_come_page_by_page_with_what_is_known_about_them(
    server: Server, http: HttpClient
) -> None:
    def entry(name: str, **more: Any) -> dict[str, Any]:
        return {"type": "model", "id": name, "display_name": name.title(), **more}

    can = {"image_input": {"supported": True}, "structured_outputs": {"supported": False}, "effort": None}
    first = entry("claude-a", capabilities=can, max_input_tokens=200_000, max_tokens=64_000)
    rest = [entry("claude-b", lifecycle="retired"), {"id": 7}, "x", entry("claude c")]
    last = entry("claude-d", capabilities=None, max_tokens=0)
    pages = {"": [first, *rest], "claude+b/1": [first, last]}

    def answer(reply: Reply, request: Request) -> None:
        after = request.query.get("after_id", [""])[0]
        reply.json(200, {"data": pages[after], "has_more": True, "last_id": "claude+b/1"})

    server.script = answer
    found = await server.provider(http).models()
    assert [each.raw_id for each in found] == ["claude-a", "claude-d"]
    assert (found[0].name, found[0].kind) == ("Claude-A", "chat")
    assert (found[0].capabilities, found[0].denied) == (("vision",), ("json",))
    assert (found[0].context_window, found[0].max_output) == (200_000, 64_000)
    assert (found[1].kind, found[1].context_window, found[1].max_output) == ("", None, None)
    assert len(server.requests) == 2
    assert server.requests[0].query["limit"] == ["1000"]


def test_the_sdk_is_loaded_by_the_first_answer_only() -> None:
    program = (
        "import sys; import parley.worker; from parley.providers.base import REGISTRY, Target;"
        "from parley.lib.http import HttpClient;"
        "REGISTRY.get('anthropic').make(Target('http://127.0.0.1:1', ''), HttpClient());"
        "print({'anthropic', 'httpx2', 'pydantic'} & set(sys.modules))"
    )
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=paths
    )
    assert done.stdout == "set()\n"
