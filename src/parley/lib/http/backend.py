"""TCP for httpcore: resolves once, checks every address, connects to a checked one.

httpcore keeps the name of the URL for the Host header and for TLS, so certificates are checked
against the name while the socket goes to the address that was judged.
"""

# ruff: noqa: ASYNC109  (the timeout parameters are httpcore's interface)
from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import httpcore

from parley.lib.http import egress
from parley.lib.http.egress import Profile

T = TypeVar("T")
Resolver = Callable[[str, int], Awaitable[list[str]]]

REFUSED = "This address is not allowed."
READ_AHEAD = 256 * 1024  # bytes kept before the peer is asked to pause


class AddressRefused(httpcore.ConnectError):
    """The name resolves to an address that the profile may not reach."""


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of `host`, in the order the system prefers."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Stream(httpcore.AsyncNetworkStream):
    """One connection on asyncio's own streams: cheaper per read than a library in between."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived, at most `max_bytes`; b"" at the end."""
        try:
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout("no answer in time") from error
        except OSError as error:
            raise httpcore.ReadError(_words(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send everything."""
        if not buffer:
            return
        try:
            async with asyncio.timeout(timeout):
                self._writer.write(buffer)
                await self._writer.drain()
        except TimeoutError as error:
            raise httpcore.WriteTimeout("the peer does not read") from error
        except OSError as error:
            raise httpcore.WriteError(_words(error)) from error

    async def aclose(self) -> None:
        """Hang up at once, without waiting for the peer's goodbye."""
        self._writer.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> Stream:
        """Go on encrypted; the certificate must be valid for `server_hostname`."""
        try:
            async with asyncio.timeout(timeout):
                await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except TimeoutError as error:
            await self.aclose()
            raise httpcore.ConnectTimeout("no TLS answer in time") from error
        except (OSError, ssl.SSLError) as error:
            await self.aclose()
            raise httpcore.ConnectError(_words(error)) from error
        return self

    def get_extra_info(self, info: str) -> Any:
        """`is_readable` on an idle connection means that the peer hung up."""
        if info == "is_readable":
            return self._reader.at_eof() or self._writer.is_closing() or self._has_leftovers()
        if info == "ssl_object":
            return self._writer.get_extra_info("ssl_object")
        return None

    def _has_leftovers(self) -> bool:
        return bool(getattr(self._reader, "_buffer", b"")) or self._reader.exception() is not None


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections for one egress profile."""

    def __init__(self, profile: Profile, resolver: Resolver = resolve) -> None:
        self._profile = profile
        self._resolve = resolver

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Stream:
        """Connect to the first address that answers; raises AddressRefused before any packet is sent."""
        try:
            async with asyncio.timeout(timeout):
                addresses = await self._resolve(host, port)
                if not egress.allowed(addresses, self._profile):
                    raise AddressRefused(REFUSED)
                return await _first(addresses, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpcore.ConnectError(_words(error)) from error

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Stream:
        """Never: an upstream is a network address."""
        raise AddressRefused(REFUSED)

    async def sleep(self, seconds: float) -> None:
        """Wait between tries."""
        await asyncio.sleep(seconds)


async def _first(addresses: list[str], port: int) -> Stream:
    """Try the checked addresses in turn; raises the last failure."""
    failure: OSError | None = None
    for address in addresses:
        try:
            return Stream(*await asyncio.open_connection(address, port, limit=READ_AHEAD))
        except OSError as error:
            failure = error
    assert failure is not None, "checked addresses are never none"
    raise failure


def _words(error: Exception) -> str:
    """The cause without addresses or library names."""
    if isinstance(error, socket.gaierror):
        return "the name cannot be resolved"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or 'handshake'}"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return "the connection was reset"
    with contextlib.suppress(AttributeError):
        return str(error.strerror or "the connection failed").lower()  # type: ignore[attr-defined]
    return "the connection failed"
