"""News over a real Redis, and over one that misbehaves."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parley.lib.hub import Hub, ping
from parley.lib.hub import hub as hub_module
from tests.servers import RedisServer, free_port


async def until_connected(hub: Hub, wanted: bool = True) -> None:
    async with asyncio.timeout(10):
        while hub.connected is not wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(url: str) -> AsyncIterator[Hub]:
    hub = Hub(url)
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


class Ear:
    """A listener one can wait for."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes | None] = asyncio.Queue()

    def __call__(self, payload: bytes | None) -> None:
        self.heard.put_nowait(payload)

    async def next(self) -> bytes | None:
        async with asyncio.timeout(20):
            return await self.heard.get()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test, to stop and kill."""
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


async def test_what_is_said_after_a_confirmed_subscription_is_heard(redis_url: str) -> None:
    async with running(redis_url) as hub:
        await until_connected(hub)
        ear = Ear()
        await hub.subscribe("a", ear)
        assert hub.publish([("a", b"1"), ("b", b"other"), ("a", b"2\r\n\0")])
        assert [await ear.next(), await ear.next()] == [b"1", b"2\r\n\0"]


async def test_two_processes_hear_each_other_but_not_another_database(redis_url: str) -> None:
    async with running(redis_url) as here, running(redis_url) as there, running(redis_url + "?db=1") as other:
        for hub in (here, there, other):
            await until_connected(hub)
        ear, stranger = Ear(), Ear()
        await there.subscribe("a", ear)
        await other.subscribe("a", stranger)
        here.publish([("a", b"hello")])
        assert await ear.next() == b"hello"
        other.publish([("a", b"mine")])
        assert await stranger.next() == b"mine"
        assert stranger.heard.empty()


async def test_a_listener_that_left_hears_nothing_and_others_still_do(redis_url: str) -> None:
    async with running(redis_url) as hub:
        await until_connected(hub)
        gone, stays = Ear(), Ear()
        for ear in (gone, stays):
            await hub.subscribe("a", ear)
        hub.unsubscribe("a", gone)
        hub.unsubscribe("a", gone)
        hub.unsubscribe("never", gone)
        hub.publish([("a", b"1")])
        assert await stays.next() == b"1"
        assert gone.heard.empty()
        hub.unsubscribe("a", stays)
        await hub.subscribe("a", gone)  # the channel is left and joined again
        hub.publish([("a", b"2")])
        assert await gone.next() == b"2"


async def test_a_failing_listener_costs_nobody_else_the_news(redis_url: str) -> None:
    async with running(redis_url) as hub:
        await until_connected(hub)

        def broken(payload: bytes | None) -> None:
            raise ValueError("broken")

        ear = Ear()
        await hub.subscribe("a", broken)
        await hub.subscribe("a", ear)
        hub.publish([("a", b"1")])
        assert await ear.next() == b"1"
        assert hub.connected


async def test_without_redis_nothing_waits(tmp_path: Path) -> None:
    async with running(f"unix://{tmp_path}/nobody.sock") as hub:
        async with asyncio.timeout(10):
            await hub.subscribe("a", Ear())
            assert hub.publish([("a", b"1")]) is False
        assert hub.connected is False


async def test_listeners_are_told_when_redis_left_and_when_it_is_back(server: RedisServer) -> None:
    async with running(server.url) as hub:
        await until_connected(hub)
        ear = Ear()
        await hub.subscribe("a", ear)
        server.kill()
        assert await ear.next() is None
        assert hub.publish([("a", b"lost")]) is False
        server.start()
        assert await ear.next() is None
        assert hub.connected
        hub.publish([("a", b"again")])
        assert await ear.next() == b"again"


async def test_a_redis_that_hangs_is_noticed(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "PING_EVERY", 0.1)
    async with running(server.url) as hub:
        await until_connected(hub)
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            await until_connected(hub, wanted=False)
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        await until_connected(hub)


async def test_a_redis_that_does_not_read_bounds_what_waits(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "PING_EVERY", 60)
    async with running(server.url) as hub:
        await until_connected(hub)
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            said = [hub.publish([("a", b"x" * 100_000)]) for _ in range(100)]
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        assert said[0] is True
        assert said[-1] is False


async def test_a_password_and_a_database_are_used(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, "--requirepass", "open sesame", tcp=True)
    server.start()
    try:
        good = f"redis://:open%20sesame@127.0.0.1:{server.port}/2"
        async with running(good) as hub:
            await until_connected(hub)
        await ping(good)
        with pytest.raises(OSError, match="NOAUTH"):
            await ping(f"redis://127.0.0.1:{server.port}")
        with pytest.raises(OSError, match="refused") as refused:
            await ping(f"redis://:wrong@127.0.0.1:{server.port}")
        assert "wrong@" not in str(refused.value)
        with pytest.raises(OSError, match="out of range"):
            await ping(f"redis://:open%20sesame@127.0.0.1:{server.port}/99")
    finally:
        server.stop()


@contextlib.asynccontextmanager
async def impostor(greeting: bytes) -> AsyncIterator[str]:
    """The URL of a server that says `greeting` and nothing more."""
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        left.set()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as listener:
        yield f"redis://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        await left.wait()


async def test_a_server_that_is_no_redis_is_refused() -> None:
    async with impostor(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        with pytest.raises(ConnectionError, match="closed the connection"):
            await ping(url)


async def test_a_silent_server_is_given_up_in_time() -> None:
    async with impostor(b"") as url:
        with pytest.raises(TimeoutError, match="did not answer"):
            await ping(url, within=0.1)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for localhost, its key beside it."""
    path = tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(path.with_name("key.pem")),
         "-out", str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    return path


async def test_tls_is_spoken_and_the_certificate_checked(tmp_path: Path, certificate: Path) -> None:
    port = free_port()
    server = RedisServer(
        tmp_path, "--tls-port", str(port), "--tls-auth-clients", "no",
        "--tls-cert-file", str(certificate), "--tls-key-file", str(certificate.with_name("key.pem")),
        "--tls-ca-cert-file", str(certificate),
    )  # fmt: skip
    server.start()
    try:
        async with running(f"rediss://localhost:{port}?ssl_ca_certs={certificate}") as hub:
            await until_connected(hub)
            ear = Ear()
            await hub.subscribe("a", ear)
            hub.publish([("a", b"sealed")])
            assert await ear.next() == b"sealed"
        await ping(f"rediss://localhost:{port}?ssl_cert_reqs=none")
        with pytest.raises(OSError, match="certificate"):
            await ping(f"rediss://localhost:{port}")
    finally:
        server.stop()
