"""Parley as its real processes, for browser, chaos and bench: started like an operator does it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from tests.servers import ROOT, eventually, free_port, reap

START_PATIENCE = 120.0  # seconds; 27 were seen with eight other jobs on the core
STOP_PATIENCE = 90.0  # the three parts may drain for 43
PARTS = ("web", "worker", "redis")


def children(parent: int) -> list[int]:
    """Process ids whose parent is `parent`, from /proc; zombies excluded."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == parent and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def part_of(pid: int) -> str:
    """Which part of Parley this process is: web, worker, redis, prepare, or "" when it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    if "redis-server" in words[0] or "valkey-server" in words[0]:
        return "redis"
    return words[words.index("parley") + 1] if "parley" in words[:-1] else ""


def is_alive(pid: int) -> bool:
    """Whether the process runs (a zombie does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Parley:
    """`python -m parley serve` of this checkout in a temporary data directory on a free port.

    As a context manager it waits until ready, and on the way out stops by SIGTERM and insists on exit
    code 0 and on no process left behind. After an error the end of the log is printed.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, *, python: str = sys.executable) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="parley-"))
        self.data = self._home / "data"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.started_in = 0.0  # seconds from the command to ready
        self._log = self._home / "log"
        self._python = python
        self._environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._home),
            "TMPDIR": str(self._home),  # the socket's directory, so that it is removed with the rest
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT / "src"),
            "PARLEY_DATA": str(self.data),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            # Tests type faster than people, all as one person.
            "PARLEY_SETTING_LIMITS_PER_MINUTE": "0",
            "PARLEY_SETTING_LIMITS_CONCURRENT": "0",
            **(environ or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def pids(self) -> dict[str, int]:
        """The running parts by name: web, worker, redis."""
        named = {part_of(pid): pid for pid in children(self.pid)}
        return {part: named[part] for part in PARTS if part in named}

    def start(self) -> None:
        """Start and wait until `/readyz` answers 200."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._python, "-m", "parley", "serve"],
                cwd=ROOT, env=self._environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            eventually(self._is_ready_or_dead, "Parley is ready", START_PATIENCE)
            assert self._process.poll() is None, f"it ended with {self._process.returncode}"
        except BaseException:
            print(self.log_tail(), file=sys.stderr)
            self._process.kill()
            self._process.wait()
            raise
        self.started_in = time.monotonic() - began

    def _is_ready_or_dead(self) -> bool:
        assert self._process is not None
        return self._process.poll() is not None or self.is_ready()

    def is_ready(self) -> bool:
        """Whether `/readyz` says 200 now."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=10) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def send(self, part: str, number: signal.Signals) -> int | None:
        """Signal one part; its process id, or None while the supervisor restarts it."""
        pid = self.pids.get(part)
        if pid is not None:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return None
        return pid

    def kill(self, part: str) -> int | None:
        """`kill -9` one part; the supervisor starts it again."""
        return self.send(part, signal.SIGKILL)

    def wipe_redis(self) -> None:
        """Remove what Redis keeps on disk, as if its volume were lost."""
        for found in (self.data / "redis").glob("*"):
            if found.is_dir():
                shutil.rmtree(found, ignore_errors=True)
            else:
                found.unlink(missing_ok=True)

    def stop(self) -> None:
        """SIGTERM; insists on exit code 0 within the drain time and on no orphan."""
        assert self._process is not None
        family = children(self.pid)
        self._process.terminate()
        try:
            code = self._process.wait(STOP_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"not stopped {STOP_PATIENCE:g} s after SIGTERM") from None
        orphans = {pid: part_of(pid) for pid in family if is_alive(pid)}
        assert not orphans, f"left behind: {orphans}"
        assert code == 0, f"exit code {code} after SIGTERM"

    def log_tail(self, lines: int = 60) -> str:
        """The end of what the processes said."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])

    def cleanup(self) -> None:
        """Remove the data directory."""
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Parley:
        try:
            self.start()
        except BaseException:
            self.cleanup()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.stop()
        except BaseException:
            kind = kind or AssertionError
            raise
        finally:
            if kind is not None:
                print(self.log_tail(), file=sys.stderr)
            self.cleanup()


class Web:
    """One `python -m parley web` of several on the same database: only uvicorn on a port of its own."""

    def __init__(self, data: Path, environ: Mapping[str, str]) -> None:
        """`data` is its directory; `environ` says which database, Redis and secret."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        data.mkdir(exist_ok=True)
        self._log = data / "log"
        own = {"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT / "src"), "HOME": str(data)}
        own |= {"PARLEY_DATA": str(data), "HOST": "127.0.0.1", "PORT": str(port), **environ}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "parley", "web"],
                cwd=ROOT, env=own, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def wait(self) -> None:
        """Until it answers."""
        eventually(self._answers_or_died, "web answers", START_PATIENCE)
        assert self._process.poll() is None, self._log.read_text()[-3000:]

    def _answers_or_died(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=10) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return self._process.poll() is not None

    def stop(self) -> None:
        """End it at once: it holds nothing that anybody needs."""
        reap(self._process, signal.SIGKILL)
