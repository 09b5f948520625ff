"""What is done to the servers, when, from one seed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.chaos.history import Fault, History, now
from tests.processes import Parley
from tests.servers import ROOT, reap

KINDS = (
    "zombie",  # stands still past its lease
    "web", "worker", "second worker", "redis", "everything",  # kill -9
    "worker is asked to stop", "web is asked to stop",  # as a deployment does
    "redis stands still",  # its sockets stay open
    "disk full",  # of both, for some seconds
)  # fmt: skip
FULL = (1.0, 4.0)  # seconds
ROOM = 65_536  # bytes of the write-ahead log that still can be written then: less than any run needs
ZOMBIE = 12.5  # seconds that a worker stands still: longer than its lease of 10
BETWEEN = (2.0, 6.0)  # seconds


class SecondWorker:
    """Another worker on the same database, as on a second machine: it takes over what the first lets lie."""

    def __init__(self, parley: Parley) -> None:
        environment = Path(f"/proc/{parley.pids['worker']}/environ").read_bytes().decode().split("\0")
        self._environ = dict(line.split("=", 1) for line in environment if line)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = (parley.data.parent / "second-worker.log").open("ab")

    def start(self) -> None:
        """Start it (again)."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "parley", "worker"],
            cwd=ROOT, env=self._environ, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def kill(self) -> int:
        """`kill -9`."""
        assert self._process is not None
        reap(self._process, signal.SIGKILL)
        return self._process.pid

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        assert self._process is not None
        code = reap(self._process, signal.SIGTERM, patience=35)
        self._log.close()
        return code


class Faults:
    """Strikes at random moments; each kind at least once when there is time."""

    def __init__(self, parley: Parley, second: SecondWorker, history: History) -> None:
        self._parley = parley
        self._second = second
        self._history = history
        self._chance = random.Random(f"{history.seed}:faults")
        self._on_sqlite = (parley.data / "parley.db").exists()
        self._asleep: list[asyncio.Task[None]] = []

    async def run(self, until: float) -> None:
        """Strike until `until` (monotonic), then wake every zombie."""
        kinds = KINDS if self._on_sqlite else KINDS[:-1]
        plan = ["zombie", *self._chance.sample(kinds[1:], len(kinds) - 1)]  # the zombie needs the longest
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, self._chance.uniform(*BETWEEN)))
            if time.monotonic() < until:
                await self._strike(plan.pop(0) if plan else self._chance.choice(kinds))
        await asyncio.gather(*self._asleep)

    async def _strike(self, kind: str) -> None:
        if kind == "zombie":
            if all(task.done() for task in self._asleep):
                self._asleep.append(asyncio.ensure_future(self._stand_still("worker", ZOMBIE)))
        elif kind == "second worker":
            self._note(kind, self._second.kill())
            await asyncio.sleep(self._chance.uniform(0, 1))
            self._second.start()
        elif kind == "redis":
            self._kill_redis()
        elif kind == "redis stands still":
            await self._stand_still("redis", self._chance.uniform(1, 4))
        elif kind == "disk full":
            await self._fill_disk()
        elif kind.endswith("is asked to stop"):
            self._note(kind, self._parley.send(kind.split()[0], signal.SIGTERM))
        elif kind == "everything":
            self._kill_redis()
            for part in ("web", "worker"):
                self._note(part, self._parley.kill(part))
            self._note("second worker", self._second.kill())
            self._second.start()
        else:
            self._note(kind, self._parley.kill(kind))

    def _kill_redis(self) -> None:
        pid = self._parley.kill("redis")
        self._parley.wipe_redis()
        self._note("redis", pid)

    async def _fill_disk(self) -> None:
        """No file of web and worker may grow any more: like a full disk, but only theirs (prlimit(2))."""
        pids = [pid for name, pid in self._parley.pids.items() if name in ("web", "worker")]
        _limit_files(pids, ROOM)
        self._note("disk full", None)
        await asyncio.sleep(self._chance.uniform(*FULL))
        _limit_files(pids, resource.RLIM_INFINITY)
        self._note("disk has room", None)

    async def _stand_still(self, part: str, seconds: float) -> None:
        pid = self._parley.send(part, signal.SIGSTOP)
        self._note(f"{part} sleeps", pid)
        if pid is not None:
            await asyncio.sleep(seconds)
            with contextlib.suppress(ProcessLookupError):  # killed while it slept
                os.kill(pid, signal.SIGCONT)
            self._note(f"{part} wakes", pid)

    def _note(self, what: str, pid: int | None) -> None:
        self._history.faults.append(Fault(now(), what, pid))


def _limit_files(pids: list[int], size: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # struck by something else meanwhile
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
