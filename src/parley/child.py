"""One child process of the supervisor: tied to its parent's life, started again with back-off."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

FIRST_PAUSE = 0.1  # seconds before the first restart, doubled with each quick exit
LONGEST_PAUSE = 5.0
STEADY = 10.0  # seconds of life after which an exit counts as the first again
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def dies_with(parent: int) -> Callable[[], None]:
    """What a forked child runs before exec: the kernel kills it when `parent` is gone.

    Only on Linux; elsewhere a killed supervisor leaves its children to their own devices.
    """

    def tie() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it died between fork and prctl
                os._exit(1)

    return tie


class Child:
    """A program that should be running. Its own process group: Ctrl-C reaches only the supervisor."""

    def __init__(
        self,
        name: str,
        command: Callable[[], Sequence[str]],
        *,
        environ: Mapping[str, str],
        grace: float,
        fds: Sequence[int] = (),
        on_loop: Callable[[], None] | None = None,
    ) -> None:
        """`grace` is the seconds between SIGTERM and SIGKILL; `on_loop` runs after three quick exits."""
        self.name = name
        self.grace = grace
        self.due: float | None = None  # monotonic time of the next start
        self.quick_exits = 0
        self._command = command
        self._environ = environ
        self._fds = fds
        self._on_loop = on_loop
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it now; raises OSError when the program cannot be run."""
        self.due = None
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603  our own programs
            self._command(),
            env=dict(self._environ),
            stdin=subprocess.DEVNULL,
            pass_fds=self._fds,
            start_new_session=True,
            preexec_fn=dies_with(os.getpid()),
        )

    def reap(self) -> int | None:
        """Its exit status, once, when it has ended (negative: the signal); sets when it is due again."""
        if self._process is None:
            return None
        status = self._process.poll()
        if status is None:
            return None
        self._process = None
        steady = time.monotonic() - self._started > STEADY
        self.quick_exits = 1 if steady else self.quick_exits + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self.quick_exits - 1))
        self.due = time.monotonic() + pause
        if self._on_loop and self.quick_exits % 3 == 0:
            self._on_loop()
        return status

    def send(self, number: signal.Signals) -> None:
        """Signal its whole process group."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within `seconds`."""
        if self._process is None:
            return True
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        self._process = None
        return True
