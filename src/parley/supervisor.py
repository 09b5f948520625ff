"""`parley serve`: prepares, starts redis, worker and web, and keeps them running.

Only the standard library and one thread: it lives as long as Parley does and should cost nothing.
The listening socket is opened here and handed to web, so that a restart of web refuses nobody.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from parley import embedded
from parley.child import Child
from parley.lib.clock import now_ms
from parley.lib.config import Config, ConfigError, environ
from parley.lib.logfiles import RotatingFile

BAD_CONFIG = 2  # exit status
PATIENCE = 0.05  # seconds between looks at what is not ready yet
REDIS_PATIENCE = 10.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACE = {"worker": 30.0, "web": 8.0, "redis": 5.0}  # seconds to drain, in the order of stopping


class StopAsked(Exception):
    """A stop signal arrived."""


def main() -> int:
    """Run Parley until a stop signal; the exit status of the process."""
    os.umask(0o077)  # what is written holds conversations and secrets
    try:
        config = Config.from_environ()
        with listen(config.host, config.port) as listener, own_data(config.data):
            return Supervisor(config, listener).run()
    except ConfigError as error:
        print(f"parley: {error}", file=sys.stderr)
        return BAD_CONFIG


def listen(host: str, port: int) -> socket.socket:
    """The listening socket; raises ConfigError when the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(2048)
    except socket.gaierror:
        raise ConfigError(f"HOST {host} cannot be resolved to an address") from None
    except OSError as error:
        raise ConfigError(_why_not(error, host, port)) from None
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"PORT {port} on {host} is already in use: stop the other program or set PORT to another number"
        )
    if error.errno == errno.EACCES:
        return f"PORT {port} needs more rights than this account has: set PORT to a number above 1023"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST {host} is not an address of this machine"
    return f"cannot listen on {host} port {port}: {error.strerror}"


def own_data(data: Path) -> IO[bytes]:
    """The lock of the data directory (made if need be), held while the file is open.

    Raises ConfigError when the directory cannot be used or another Parley runs on it.
    """
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (data / ".lock").open("ab")
    except OSError as error:
        raise ConfigError(f"PARLEY_DATA {data} cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise ConfigError(f"another Parley already runs on {data}: stop it, or set PARLEY_DATA") from None
    return lock


class Supervisor:
    """The children and the loop that watches them."""

    def __init__(self, config: Config, listener: socket.socket, program: Sequence[str] = ()) -> None:
        """`program` replaces `python -m parley` in tests."""
        self._config = config
        self._listener = listener
        self._program = list(program) or [sys.executable, "-m", "parley"]
        self._children: list[Child] = []  # in the order of starting
        self._environ = dict(environ())
        self._socket = Path()
        self._ready = False
        self._stop = False
        self._again = False
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)

    def run(self) -> int:
        """Prepare, start, watch, stop; the exit status."""
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only wakes the loop
        try:
            redis = None if self._config.redis_url else self._redis()  # refuses before anything is written
            while True:
                status = self._prepare()
                if status == 0:
                    keep_lines(self._config.data / "logs")
                    self._start(redis)
                    self._watch()
                if status or not self._again:
                    return status
                self._end_children()
                self._children, self._again, self._ready = [], False, False
                self._environ = dict(environ())  # without the address of the server that ended
                redis = None if self._config.redis_url else self._redis()
        except StopAsked:
            return 0
        finally:
            self._stop_children()

    def _ask_to_stop(self, *_: object) -> None:
        if self._stop:  # asked twice: no more patience
            for child in self._children:
                child.send(signal.SIGKILL)
        self._stop = True

    def _sleep(self, seconds: float) -> None:
        """Wait for a signal, at most so long."""
        if select.select([self._woken], [], [], max(0.0, seconds))[0]:
            self._woken.recv(4096)

    def _child(self, name: str, grace: float = 5.0, fds: Sequence[int] = (), *options: str) -> Child:
        command = [*self._program, name, *options]
        return Child(name, lambda: command, environ=self._environ, grace=grace, fds=fds)

    def _prepare(self) -> int:
        step = self._child("prepare", 5.0, (), "--owned")
        step.start()
        self._children = [step]
        while (status := step.reap()) is None:
            self._sleep(1.0)
            if self._stop:
                raise StopAsked
        self._children = []
        return status if status >= 0 else 1

    def _start(self, redis: Child | None) -> None:
        if redis is not None:
            self._environ["REDIS_URL"] = f"unix://{self._socket}"
            self._children.append(redis)
            redis.start()
            self._await_redis(redis)
        fd = self._listener.fileno()
        for child in (
            self._child("worker", GRACE["worker"]),
            self._child("web", GRACE["web"], (fd,), "--fd", str(fd)),
        ):
            self._children.append(child)
            child.start()

    def _redis(self) -> Child:
        binary, path = embedded.find_server(), embedded.socket_path(self._config.data)
        folder = self._config.data / "redis"
        self._socket = path
        return Child(
            "redis",
            lambda: embedded.command(binary, path, folder),
            environ=self._environ,
            grace=GRACE["redis"],
            on_loop=lambda: embedded.set_aside(folder),
        )

    def _await_redis(self, redis: Child) -> None:
        """The others would start without it too, and complain."""
        deadline = time.monotonic() + REDIS_PATIENCE
        while not embedded.answers(self._socket) and time.monotonic() < deadline:
            self._sleep(0.005)
            self._tend(redis)
            if self._stop:
                raise StopAsked

    def _watch(self) -> None:
        while not self._stop and not self._again:
            for child in self._children:
                self._tend(child)
            if not self._ready and is_ready(self._config):
                self._ready = True
                print(f"Parley is ready on {public_url(self._config)}", flush=True)
            due = [child.due for child in self._children if child.due is not None]
            pause = min(due) - time.monotonic() if due else 3600.0
            self._sleep(pause if self._ready else min(pause, PATIENCE))

    def _tend(self, child: Child) -> None:
        """Notice that it ended; start it again when it is due."""
        status = child.reap()
        if status is not None and not self._stop:
            say("warning", "child ended", child=child.name, status=status, times=child.quick_exits)
            # Web ends after it has unpacked a backup to restore: `prepare` puts it in place.
            self._again = (self._config.data / "restore" / "ready").exists()
        if child.due is not None and child.due <= time.monotonic() and not self._stop:
            child.start()
            say("info", "child started again", child=child.name, pid=child.pid)

    def _stop_children(self) -> None:
        """Worker first (its runs end or are handed over), then web, then what both talk to."""
        self._stop = True
        self._end_children()

    def _end_children(self) -> None:
        order = list(GRACE)
        for child in sorted(self._children, key=lambda c: order.index(c.name) if c.name in order else 0):
            child.send(signal.SIGTERM)
            if not child.wait(child.grace):
                say("warning", "child did not stop in time", child=child.name)
                child.send(signal.SIGKILL)
                child.wait(5.0)


def public_url(config: Config) -> str:
    """What to open in a browser on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.host, config.host)  # noqa: S104
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    return f"http://{host}:{config.port}{config.root_path}"


def is_ready(config: Config, patience: float = 0.5) -> bool:
    """Whether `/readyz` answers 200 now (asked over a bare socket: http.client costs 4 MB)."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(config.host, config.host)  # noqa: S104
    try:
        with socket.create_connection((host, config.port), patience) as link:
            link.sendall(f"GET {config.root_path}/readyz HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            return link.recv(64).split(b" ")[1:2] == [b"200"]
    except OSError:
        return False


def say(level: str, event: str, **fields: object) -> None:
    """One log line like those of the other processes, without their library."""
    ms = now_ms()
    told = " ".join(f"{name}={value}" for name, value in fields.items())
    line = f"supervisor: {event} {told}"
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms / 1000)) + f".{ms % 1000:03d}Z"
    entry = {"event": event, "level": level, "timestamp": stamp, "process": "supervisor", **fields}
    written = json.dumps(entry, ensure_ascii=False)
    for file in _files:
        file.write(written)
    print(line if sys.stderr.isatty() else written, file=sys.stderr, flush=True)


def keep_lines(folder: Path) -> None:
    """From now on what `say` says is kept in a file, too; where it cannot be written, only said."""
    with contextlib.suppress(OSError):
        if not _files:
            _files.append(RotatingFile(folder, "supervisor"))


_files: list[RotatingFile] = []


if __name__ == "__main__":
    sys.exit(main())
