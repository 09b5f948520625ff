"""httpx2 without sockets of its own: what a vendor's SDK sends goes through `HttpClient`. Import it late.

The only module that knows httpx2. Address rules, the one resolution, time-outs and caps are those of
`client.py`. The SDK says method, address and body; the headers are ours but for those named: so nothing
of the environment and no telemetry gets out, and the SDK never sees a key.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import cast

import httpx2
import msgspec

from parley.lib.http.client import HttpClient, HttpResponse, checked_url
from parley.lib.http.egress import Patience, Profile
from parley.lib.http.errors import Refused

Response = httpx2.Response

ERROR_BYTES = 64 * 1024  # of a body that the SDK reads itself, which is an error's
_ANSWER = "parley_answer"
# The body is inflated before httpx2 sees it, and its length is no longer what the header says.
_UNTRUE = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def answer_of(response: httpx2.Response) -> HttpResponse:
    """Our own response behind one that came over the bridge, to read its body without detour."""
    return cast(HttpResponse, response.extensions[_ANSWER])


class Bridge(httpx2.AsyncBaseTransport):
    """Sends an SDK's requests with `headers`, and of the SDK's own headers only those `passed`.

    Raises our own HttpError, which SDKs keep as the cause of theirs. It holds no connection, so nobody
    needs to close it.
    """

    def __init__(
        self,
        http: HttpClient,
        headers: Mapping[str, str],
        passed: Collection[str],
        profile: Profile,
        patience: Patience,
    ) -> None:
        self._http = http
        self._headers = headers
        self._passed = passed
        self._terms = (profile, patience)

    def client(self, url: str) -> httpx2.AsyncClient:
        """A client for the SDK's calls below `url`, without redirects and proxies; raises Refused."""
        try:
            httpx2.URL(str(checked_url(url, self._terms[0])))
        except (httpx2.InvalidURL, ValueError) as error:
            raise Refused("This is not an address.") from error
        return httpx2.AsyncClient(transport=self, trust_env=False, follow_redirects=False, timeout=None)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send `request`; raises HttpError."""
        content = await request.aread()
        passed = {name: request.headers[name] for name in self._passed if name in request.headers}
        profile, patience = self._terms
        exchange = self._http.stream(
            request.method,
            str(request.url),
            headers={**passed, **self._headers},
            json=msgspec.Raw(content) if content else None,
            profile=profile,
            patience=patience,
        )
        answer = await exchange.__aenter__()
        told = [
            (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
            for name, value in answer.headers.items()
            if name.lower() not in _UNTRUE
        ]
        body = _Body(answer, exchange)
        return httpx2.Response(answer.status, headers=told, stream=body, extensions={_ANSWER: answer})


class _Body(httpx2.AsyncByteStream):
    """The body as the SDK reads it; `aclose` ends the exchange, whoever read it."""

    def __init__(self, answer: HttpResponse, exchange: AbstractAsyncContextManager[HttpResponse]) -> None:
        self._answer = answer
        self._exchange: AbstractAsyncContextManager[HttpResponse] | None = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            start = await self._answer.read(ERROR_BYTES)
        except BaseException:  # httpx2 closes only what it read to its end
            await self.aclose()
            raise
        yield start

    async def aclose(self) -> None:
        """At most once."""
        if self._exchange is not None:
            exchange, self._exchange = self._exchange, None
            await exchange.__aexit__(None, None, None)
