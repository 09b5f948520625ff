"""An httpx transport for one egress profile: resolves once, checks every address, connects to a checked one.

The name of the URL stays in the Host header and in TLS, so certificates are checked against the
name while the socket goes to the address that was judged.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

from parley.lib.http import egress
from parley.lib.http.egress import Profile
from parley.lib.http.wire import Connection, request_bytes

Resolver = Callable[[str, int], Awaitable[list[str]]]
Origin = tuple[str, str, int]

REFUSED = "This address is not allowed."
MAX_IDLE = 50  # connections kept per profile
IDLE_SECONDS = 30.0  # shorter than most servers keep theirs: they should not hang up on a request
PER_ADDRESS = 2.0  # seconds for an address when there are others to try


class AddressRefused(httpx.ConnectError):
    """The name resolves to an address that the profile may not reach."""


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of `host`, in the order the system prefers."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedTransport(httpx.AsyncBaseTransport):
    """HTTP/1.1 with kept connections; no redirect, no cookie, no proxy, nothing of the environment."""

    def __init__(self, profile: Profile, tls: Callable[[], ssl.SSLContext], resolver: Resolver) -> None:
        self._profile = profile
        self._tls = tls
        self._resolve = resolver
        self._idle: dict[Origin, list[Connection]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; raises httpx's exceptions, AddressRefused before any packet is sent."""
        url = request.url
        data = request_bytes(request, await request.aread())
        origin = (
            url.scheme,
            url.raw_host.decode("ascii"),
            url.port or (443 if url.scheme == "https" else 80),
        )
        waits = request.extensions.get("timeout", {})
        silence = waits.get("read") or self._profile.read_timeout
        connection = self._take(origin) or await self._connect(origin, waits.get("connect"))
        try:
            await connection.send(data, silence)
            await _head(connection, waits.get("headers"))
            connection.allow_silence(waits.get("body") or silence)
        except BaseException:
            connection.abort()
            raise
        body = _Body(connection, lambda: self._give_back(origin, connection))
        answer = connection.answer
        return httpx.Response(answer.status, headers=answer.headers, stream=body, request=request)

    async def aclose(self) -> None:
        """Close the connections nobody uses; those in use are closed by whoever leaves them."""
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()

    def _take(self, origin: Origin) -> Connection | None:
        kept = self._idle.get(origin, [])
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while kept:
            connection = kept.pop()
            if not connection.closed and connection.idle_since >= oldest:
                return connection
            connection.abort()
        return None

    def _give_back(self, origin: Origin, connection: Connection) -> None:
        if not connection.rest():
            connection.abort()
            return
        kept = self._idle.setdefault(origin, [])
        kept.append(connection)
        self._sweep()

    def _sweep(self) -> None:
        """Hang up where an idle time is over, and on the oldest of too many."""
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        everyone = sorted((c for kept in self._idle.values() for c in kept), key=lambda c: -c.idle_since)
        for number, connection in enumerate(everyone):
            if number >= MAX_IDLE or connection.closed or connection.idle_since < oldest:
                connection.abort()
        alive = {
            origin: [c for c in kept if not c.closed and c.idle_since >= oldest]
            for origin, kept in self._idle.items()
        }
        self._idle = {origin: kept for origin, kept in alive.items() if kept}

    async def _connect(self, origin: Origin, within: float | None) -> Connection:
        scheme, host, port = origin
        seconds = within or self._profile.connect_timeout
        try:
            async with asyncio.timeout(seconds):
                addresses = await self._resolve(host.strip("[]"), port)
                if not egress.allowed(addresses, self._profile):
                    raise AddressRefused(REFUSED)
                return await self._first(addresses, port, host if scheme == "https" else None)
        except TimeoutError as error:
            raise httpx.ConnectTimeout(f"no connection within {seconds:g} s") from error
        except OSError as error:  # ssl.SSLError and socket.gaierror are OSErrors
            raise httpx.ConnectError(_words(error)) from error

    async def _first(self, addresses: list[str], port: int, tls_name: str | None) -> Connection:
        """Try the checked addresses in turn; raises the last failure."""
        loop = asyncio.get_running_loop()
        options: dict[str, Any] = {}
        if tls_name is not None:
            options = {"ssl": self._tls(), "server_hostname": tls_name.strip("[]")}
        for address in addresses[:-1]:
            try:
                async with asyncio.timeout(PER_ADDRESS):
                    return (await loop.create_connection(Connection, address, port, **options))[1]
            except OSError:  # TimeoutError is one
                continue
        return (await loop.create_connection(Connection, addresses[-1], port, **options))[1]


class _Body(httpx.AsyncByteStream):
    """The body of an answer; `aclose` gives the connection back, or hangs up in the middle."""

    def __init__(self, connection: Connection, give_back: Callable[[], None]) -> None:
        self._connection = connection
        self._give_back: Callable[[], None] | None = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = self._connection.read
        while chunk := await read():
            yield chunk

    async def aclose(self) -> None:
        """At most once."""
        if self._give_back is not None:
            give_back, self._give_back = self._give_back, None
            give_back()


async def _head(connection: Connection, within: float | None) -> None:
    try:
        async with asyncio.timeout(within):
            await connection.head()
    except TimeoutError as error:
        raise httpx.ReadTimeout(f"no answer began within {within:g} s") from error


def _words(error: OSError) -> str:
    """The cause without addresses or library names."""
    if isinstance(error, socket.gaierror):
        return "the name cannot be resolved"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'handshake'}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return (error.strerror or "the connection failed").lower()
