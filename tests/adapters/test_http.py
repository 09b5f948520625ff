"""The outbound client against real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gzip
import ssl
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from parley.lib.clock import now_ms
from parley.lib.http import (
    CONNECTION_ADMIN,
    PUBLIC,
    HttpClient,
    HttpError,
    NetworkFailed,
    Patience,
    Profile,
    Refused,
    TimedOut,
    TooLarge,
    Unreadable,
)
from parley.lib.http.transport import AddressRefused, CheckedTransport

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}"
HERE = [
    *("127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]"),
    *("localhost", "127。0。0。1", "0.0.0.0"),
]
QUICK = replace(CONNECTION_ADMIN, name="quick", read_timeout=1.0, total_timeout=2.0, max_bytes=10_000)


@dataclass
class Sink:
    """A server that answers every request with the same bytes and remembers what it got."""

    port: int
    answer: bytes = OK
    close: bool = False
    got: list[bytes] = field(default_factory=list)
    connections: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        try:
            while True:
                self.got.append(await reader.readuntil(b"\r\n\r\n"))
                writer.write(self.answer)
                await writer.drain()
                if self.close:
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A listening server for the length of a block; its port. What still talks at the end is cancelled."""
    talks: set[asyncio.Future[None]] = set()
    transports: weakref.WeakSet[asyncio.WriteTransport] = weakref.WeakSet()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError, ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.transport.abort()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.ensure_future(quietly(reader, writer)))
        transports.add(writer.transport)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await asyncio.sleep(0)  # a connection accepted a moment ago still becomes a talk
    for each in talks:
        each.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
    for transport in list(transports):
        transport.abort()  # a talk that has not begun cannot do it
    await asyncio.sleep(0)  # the aborted transports close in the next turn of the loop


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A listening server."""
    sink = Sink(0)
    async with serving(sink.talk) as sink.port:
        yield sink


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    """The client as it is in production."""
    client = HttpClient()
    yield client
    await client.aclose()


def names(**addresses: list[str]) -> Callable[[str, int], Awaitable[list[str]]]:
    """A resolver that knows these names, with dots written as underscores; counts in `asked`."""

    async def resolve(host: str, port: int) -> list[str]:
        return addresses[host.replace(".", "_")]

    return resolve


async def body_of(http: HttpClient, url: str, profile: Profile = CONNECTION_ADMIN) -> bytes:
    """The whole body of a GET."""
    async with http.stream("GET", url, profile=profile) as response:
        return b"".join([chunk async for chunk in response.aiter_raw()])


@pytest.mark.parametrize("host", HERE)
async def test_no_spelling_of_this_machine_is_public(http: HttpClient, sink: Sink, host: str) -> None:
    public = replace(PUBLIC, name="any port", ports=None)
    with pytest.raises((Refused, NetworkFailed)) as refused:
        await body_of(http, f"http://{host}:{sink.port}/", public)
    assert isinstance(refused.value, Refused) or "resolved" in str(refused.value)
    assert sink.connections == 0


async def test_a_name_with_one_private_address_is_refused_before_any_packet(sink: Sink) -> None:
    public = replace(PUBLIC, name="any port", ports=None)
    client = HttpClient(resolver=names(mixed_example=["93.184.216.34", "127.0.0.1"]))
    with pytest.raises(Refused, match=r"^This address is not allowed\.$"):
        await body_of(client, f"http://mixed.example:{sink.port}/", public)
    assert sink.connections == 0
    await client.aclose()


async def test_a_rebinding_name_is_resolved_once_and_the_checked_address_is_used(sink: Sink) -> None:
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    client = HttpClient(resolver=rebinding)
    url = f"http://Rebind.example:{sink.port}/"
    assert await body_of(client, url) == b"{}"
    assert asked == ["rebind.example"]
    assert f"rebind.example:{sink.port}".encode() in sink.got[0].lower()
    await client.aclose()
    with pytest.raises(Refused):  # a new connection is judged anew, whatever was fine before
        await body_of(client, url)


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example", "xn--", "xn--a-ecp.ru"])
async def test_a_name_that_cannot_be_one_is_refused(http: HttpClient, host: str) -> None:
    with pytest.raises(Refused):
        await body_of(http, f"http://{host}/")


async def test_metadata_is_refused_for_administrators_too() -> None:
    client = HttpClient(resolver=names(meta_example=["169.254.169.254"]))
    with pytest.raises(Refused):
        await body_of(client, "http://meta.example/")
    transport = CheckedTransport(CONNECTION_ADMIN, ssl.create_default_context, names(x=["fe80::1"]))
    import httpx

    with pytest.raises(AddressRefused):
        await transport.handle_async_request(httpx.Request("GET", "http://x/"))


async def test_redirects_are_answers(http: HttpClient, sink: Sink) -> None:
    sink.answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
    answer = await http.json("GET", f"http://127.0.0.1:{sink.port}/", profile=CONNECTION_ADMIN)
    assert answer.status == 302
    assert len(sink.got) == 1


async def test_proxies_of_the_environment_are_ignored(
    http: HttpClient, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert await body_of(http, f"http://127.0.0.1:{sink.port}/") == b"{}"


async def test_cookies_of_one_upstream_are_kept_for_nobody(http: HttpClient, sink: Sink) -> None:
    sink.answer = OK.replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n")
    for _ in range(2):
        await body_of(http, f"http://127.0.0.1:{sink.port}/")
    assert b"cookie" not in sink.got[1].lower()


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 20000\r\n\r\n" + b"x" * 20000, TooLarge),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nx", TimedOut),
        (b"", TimedOut),
        (b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 20000 + b"\r\n", NetworkFailed),
        (b"HTTP/1.1 200 OK\r\na: " + b"x" * 200_000, NetworkFailed),
        (b"SSH-2.0-OpenSSH\r\n", NetworkFailed),
        (b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", HttpError),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: br\r\ncontent-length: 1\r\n\r\nx", Unreadable),
    ],
)
async def test_hostile_answers_are_stopped(
    http: HttpClient, sink: Sink, answer: bytes, error: type[HttpError]
) -> None:
    sink.answer = answer
    with pytest.raises(error):
        await body_of(http, f"http://127.0.0.1:{sink.port}/", QUICK)


async def test_a_compressed_bomb_is_stopped(http: HttpClient, sink: Sink) -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(bomb)
    sink.answer = head + bomb
    with pytest.raises(TooLarge):
        await body_of(http, f"http://127.0.0.1:{sink.port}/", QUICK)


async def test_a_drip_ends_with_the_total_time(http: HttpClient) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1\r\nx\r\n")
            await asyncio.sleep(0.05)

    async with serving(drip) as port:
        with pytest.raises(TimedOut, match="too long"):
            await body_of(http, f"http://127.0.0.1:{port}/", QUICK)


async def test_a_body_without_a_length_ends_with_the_connection(http: HttpClient, sink: Sink) -> None:
    sink.answer, sink.close = b"HTTP/1.1 200 OK\r\n\r\nto the end", True
    assert await body_of(http, f"http://127.0.0.1:{sink.port}/") == b"to the end"


async def test_announcements_before_the_answer_are_passed_over(http: HttpClient, sink: Sink) -> None:
    sink.answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK
    assert await body_of(http, f"http://127.0.0.1:{sink.port}/") == b"{}"


async def test_a_connection_the_server_closed_is_not_used_again(http: HttpClient, sink: Sink) -> None:
    sink.close = True  # it says nothing about closing, as a crashed or impatient server
    for expected in (1, 2, 3):
        assert await body_of(http, f"http://127.0.0.1:{sink.port}/") == b"{}"
        assert sink.connections == expected
        await asyncio.sleep(0.02)  # let its goodbye arrive


async def test_a_second_answer_nobody_asked_for_is_never_read(http: HttpClient, sink: Sink) -> None:
    sink.answer = OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"
    for _ in range(2):
        assert await body_of(http, f"http://127.0.0.1:{sink.port}/") == b"{}"
    assert sink.connections == 2


async def test_leaving_in_the_middle_hangs_up(http: HttpClient, sink: Sink) -> None:
    sink.answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nstart"
    async with http.stream("GET", f"http://127.0.0.1:{sink.port}/", profile=CONNECTION_ADMIN) as response:
        assert response.status == 200
    async with asyncio.timeout(10):
        await sink.hung_up.wait()


@pytest.mark.parametrize("value", ["a\r\nhost: evil", "a\nb", "a\0b"])
async def test_a_header_cannot_break_out_of_its_line(http: HttpClient, sink: Sink, value: str) -> None:
    url = f"http://127.0.0.1:{sink.port}/"
    with pytest.raises(NetworkFailed):
        await http.json("GET", url, headers={"x-key": value}, profile=CONNECTION_ADMIN)
    assert sink.got == []


async def test_a_slow_reader_holds_the_server_back(http: HttpClient) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 60000000\r\n\r\n")
        while sent < 60_000_000:
            writer.write(b"x" * 100_000)
            sent += 100_000
            await writer.drain()

    async with (
        serving(flood) as port,
        http.stream("GET", f"http://127.0.0.1:{port}/", profile=CONNECTION_ADMIN) as response,
    ):
        await asyncio.sleep(0.3)
        assert sent < 30_000_000
        assert sum([len(chunk) async for chunk in response.aiter_raw()]) == 60_000_000


async def test_once_the_head_is_there_silence_has_its_own_limit(http: HttpClient) -> None:
    async def head_only(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab")
        await reader.read()  # until the client hangs up
        writer.close()

    patience = Patience(headers=120, idle=0.2)
    async with asyncio.timeout(30), serving(head_only) as port:
        where = f"http://127.0.0.1:{port}/"
        async with http.stream("GET", where, profile=CONNECTION_ADMIN, patience=patience) as response:
            with pytest.raises(TimedOut):
                await response.read(100)


def certificate(directory: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate for `name` and 127.0.0.2, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.fromtimestamp(now_ms() / 1000, datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.2"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    pem, secret = directory / "cert.pem", directory / "key.pem"
    pem.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, secret


async def test_tls_is_checked_against_the_name_while_the_socket_goes_to_the_checked_address(
    tmp_path: Path,
) -> None:
    pem, secret = certificate(tmp_path, "good.example")
    asked_for: list[str | None] = []
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(pem, secret)
    served.sni_callback = lambda _socket, name, _context: asked_for.append(name)
    client = HttpClient(
        resolver=names(good_example=["127.0.0.1"], bad_example=["127.0.0.1"]),
        tls=ssl.create_default_context(cafile=str(pem)),
    )
    async with serving(Sink(0).talk, served) as port:
        assert await body_of(client, f"https://good.example:{port}/") == b"{}"
        assert asked_for == ["good.example"]
        with pytest.raises(NetworkFailed, match="certificate is not valid"):
            await body_of(client, f"https://bad.example:{port}/")
        await client.aclose()


async def test_a_chunk_whose_head_never_ends_is_no_answer(http: HttpClient) -> None:
    """Its bytes are neither silence nor a body, so no other limit sees them."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;a=")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async with asyncio.timeout(20), serving(talk) as port:
        with pytest.raises(NetworkFailed):
            async with http.stream("GET", f"http://127.0.0.1:{port}/", profile=CONNECTION_ADMIN) as response:
                await response.read(10)
