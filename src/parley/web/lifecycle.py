"""The moment this process begins to stop, as something open streams can wait for."""

from __future__ import annotations

import asyncio
import os
import signal


class Stopping:
    """A flag set once, on SIGTERM or SIGINT, before the server waits for its open answers.

    Unlike asyncio.Event it may be set from a signal handler and used by more than one loop.
    """

    def __init__(self) -> None:
        self._set = False
        self._waiting: set[asyncio.Future[None]] = set()

    def is_set(self) -> bool:
        """Whether the process is stopping."""
        return self._set

    def set(self) -> None:
        """Wake everybody who waits; may be called from a signal handler or another thread."""
        self._set = True
        for future in tuple(self._waiting):
            future.get_loop().call_soon_threadsafe(_wake, future)

    def clear(self) -> None:
        """Start over (tests)."""
        self._set = False

    async def wait(self) -> None:
        """Return when the process begins to stop."""
        if self._set:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            if not self._set:  # a signal between the two lines above
                await future
        finally:
            self._waiting.discard(future)


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


shutting_down = Stopping()


async def end_soon(seconds: float = 1.0) -> None:
    """Ask this process to stop in order, once the answer that says so has left; the supervisor goes on."""
    await asyncio.sleep(seconds)
    os.kill(os.getpid(), signal.SIGTERM)
