"""The one outbound HTTP client: checked addresses, no redirects, caps on bytes and time."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import Any

import httpx
import msgspec

from parley.lib.http import egress
from parley.lib.http.decoding import Capped
from parley.lib.http.egress import PUBLIC, Patience, Profile
from parley.lib.http.errors import HttpError, NetworkFailed, Refused, TimedOut
from parley.lib.http.transport import REFUSED, AddressRefused, CheckedTransport, Resolver, resolve
from parley.lib.http.watching import Exchange, watch

JSON_SECONDS = 15.0
JSON_BYTES = 10 * 1024 * 1024
ORDINARY = Patience()


class HttpResponse:
    """Status, headers and the body as it arrives."""

    def __init__(
        self, response: httpx.Response, profile: Profile, deadline: float, watched: Exchange | None = None
    ) -> None:
        self._response = response
        self._watched = watched
        self._profile = profile
        self._deadline = deadline

    @property
    def status(self) -> int:
        """The HTTP status; redirects are never followed, so 3xx is possible."""
        return self._response.status_code

    @property
    def headers(self) -> Mapping[str, str]:
        """Case-insensitive."""
        return self._response.headers

    async def aiter_raw(self) -> AsyncGenerator[bytes, None]:
        """Bytes as they arrive, inflated when the server compressed them unasked.

        Raises TimedOut (silence, or the whole answer takes too long), NetworkFailed (a reset, or an
        end before the announced length), TooLarge, Unreadable.
        """
        body = Capped(self.headers.get("content-encoding", ""), self._profile.max_bytes)
        now = asyncio.get_running_loop().time
        with _plain_errors():
            async for chunk in self._response.stream:  # type: ignore[union-attr]
                for number, piece in enumerate(body.pieces(chunk)):
                    if number:
                        await asyncio.sleep(0)  # whoever takes a bomb apart is not the only one here
                    if self._watched is not None:
                        self._watched.arrived(piece)
                    yield piece
                    if now() > self._deadline:
                        raise TimedOut("the answer takes too long")

    async def read(self, limit: int) -> bytes:
        """The body, at most its first `limit` bytes; raises as `aiter_raw`."""
        parts: list[bytes] = []
        room = limit
        async with contextlib.aclosing(self.aiter_raw()) as chunks:
            async for chunk in chunks:
                parts.append(chunk[:room])
                room -= len(chunk)
                if room <= 0:
                    break
        return b"".join(parts)


class JsonAnswer(msgspec.Struct, frozen=True):
    """A whole answer; `data` is None when the body is not JSON, `text` its first characters."""

    status: int
    headers: Mapping[str, str]
    data: Any
    text: str


class HttpClient:
    """Outbound requests, pooled per egress profile. Make it in the running loop; `aclose()` it there.

    Nothing of the environment is read (no proxy, no .netrc) and headers are never logged.
    """

    def __init__(self, *, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None) -> None:
        self._resolver = resolver
        self._tls = tls
        self._transports: dict[str, CheckedTransport] = {}

    async def aclose(self) -> None:
        """Close every connection."""
        transports, self._transports = list(self._transports.values()), {}
        for transport in transports:
            await transport.aclose()

    @contextlib.asynccontextmanager
    async def stream(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        profile: Profile = PUBLIC,
        patience: Patience = ORDINARY,
    ) -> AsyncIterator[HttpResponse]:
        """Send a request and give its response once the headers are there.

        Leaving the block closes the request, at once when the body was not read to its end. Raises
        Refused, TimedOut, NetworkFailed; an HTTP error status is not an error here.
        """
        request = _request(method, checked_url(url, profile), headers or {}, json, (profile, patience))
        deadline = asyncio.get_running_loop().time() + (patience.total or profile.total_timeout)
        watched = watch(method, url, request.headers, json)
        with _told(watched):
            with _plain_errors():
                response = await self._transport(profile).handle_async_request(request)
            if watched is not None:
                watched.answered(response.status_code, response.headers)
            try:
                yield HttpResponse(response, profile, deadline, watched)
            finally:
                await response.aclose()

    async def json(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        profile: Profile = PUBLIC,
        seconds: float = JSON_SECONDS,
    ) -> JsonAnswer:
        """Send a request and read its whole JSON answer within `seconds`; raises as `stream`."""
        try:
            async with (
                asyncio.timeout(seconds),
                self.stream(method, url, headers=headers, json=json, profile=profile) as response,
            ):
                body = await response.read(JSON_BYTES)
        except TimeoutError as error:
            raise TimedOut("no answer in time") from error
        try:
            data = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # 2: a text in it is not UTF-8
            data = None
        text = body[:4000].decode("utf-8", "replace")
        return JsonAnswer(response.status, response.headers, data, text)

    def _transport(self, profile: Profile) -> CheckedTransport:
        transport = self._transports.get(profile.name)
        if transport is None:
            transport = CheckedTransport(profile, self._tls_context, self._resolver)
            self._transports[profile.name] = transport
        return transport

    def _tls_context(self) -> ssl.SSLContext:
        """Made at the first https request: loading the authorities costs 15 ms and 2 MB."""
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls


def _request(
    method: str, url: httpx.URL, headers: Mapping[str, str], json: Any, terms: tuple[Profile, Patience]
) -> httpx.Request:
    profile, patience = terms
    sent = {"accept": "*/*", "user-agent": "parley", "accept-encoding": "identity", **headers}
    content = None
    if json is not None:
        content = msgspec.json.encode(json)
        sent.setdefault("content-type", "application/json")
    idle = patience.idle or profile.read_timeout
    before_head = max(idle, patience.headers or 0.0)  # the head is watched on its own as well
    timeout = {
        "connect": patience.connect or profile.connect_timeout,
        "headers": patience.headers,
        "read": before_head,
        "body": idle,
        "write": before_head,
        "pool": None,
    }
    return httpx.Request(method, url, headers=sent, content=content, extensions={"timeout": timeout})


def checked_url(url: str, profile: Profile) -> httpx.URL:
    """`url` parsed once, by the library that connects; raises Refused for anything but plain http(s)."""
    try:
        parsed = httpx.URL(url)
        host = parsed.host  # raises for an international name that is none
        parsed.raw_host.decode("ascii").encode("idna")  # as the resolver does: no empty and no endless label
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused("This is not an address.") from error
    if egress.is_confusing(url) or parsed.scheme not in ("http", "https") or not host:
        raise Refused("This is not an address: it must start with http:// or https://.")
    port = parsed.port if parsed.port is not None else (443 if parsed.scheme == "https" else 80)
    if not 0 < port < 65536 or (profile.ports is not None and port not in profile.ports):
        raise Refused(REFUSED)
    if not profile.private and egress.name_is_local(host):
        raise Refused(REFUSED)
    return parsed


@contextlib.contextmanager
def _told(watched: Exchange | None) -> Iterator[None]:
    """Say that an exchange is over, and what broke it."""
    if watched is None:
        yield
        return
    error = ""
    try:
        yield
    except HttpError as broke:
        error = str(broke)
        raise
    finally:
        watched.ended(error)


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise TimedOut(str(error) or "no answer in time") from error
    except httpx.TransportError as error:
        if isinstance(error, AddressRefused):
            raise Refused(REFUSED) from None
        raise NetworkFailed(str(error) or "the connection failed") from error
