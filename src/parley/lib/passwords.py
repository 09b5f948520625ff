"""Passwords as Argon2id hashes, computed in few threads so that sign-ins never starve the rest."""

from __future__ import annotations

import asyncio
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from parley.lib.errors import Unavailable

SHORTEST = 8  # characters
LONGEST = 256  # bytes of UTF-8
THREADS = 2
WAITING = 50
# 46 MiB, one pass, one lane: the first choice of the OWASP Password Storage Cheat Sheet. With two threads
# that is at most 92 MiB while people sign in; each hash gives its memory back.
HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)

T = TypeVar("T")


def normalized(password: str) -> str:
    """The same password whatever keyboard composed it (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return normalized(password).encode("utf-8", "surrogatepass")


def password_fault(password: str) -> Literal["short", "long"] | None:
    """Why a password cannot be chosen, or None. Spaces count; there is no rule of composition."""
    text = normalized(password)
    if len(password) > LONGEST or len(_bytes(password)) > LONGEST:
        return "long"
    return "short" if len(text) < SHORTEST else None


class Passwords:
    """A bounded pool that hashes and verifies; threads start with the first password."""

    def __init__(
        self, hasher: PasswordHasher = HASHER, *, threads: int = THREADS, waiting: int = WAITING
    ) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._room = threading.BoundedSemaphore(threads + waiting)
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """An Argon2id hash in the PHC string format. Raises Unavailable when too many wait."""
        return await self._run(lambda: self._hasher.hash(_bytes(password)))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one hashed as `stored`; without one, False after the same work.

        Raises Unavailable when too many wait.
        """
        return await self._run(lambda: self._verify(stored, password))

    def needs_rehash(self, stored: str) -> bool:
        """Whether `stored` was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str | None, password: str) -> bool:
        # An over-long password costs what a short one does and is never right.
        tried = _bytes(password[: LONGEST + 1])
        if not self._nobody:
            self._nobody = self._hasher.hash("nobody has this password")
        try:
            right = self._hasher.verify(stored or self._nobody, tried)
        except (VerificationError, InvalidHashError):
            return False
        return right and stored is not None and len(password) <= LONGEST

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._room.acquire(blocking=False):
            raise Unavailable("Too many people sign in at once. Try again in a moment.", retry_after=2)
        future = self._pool.submit(work)
        # Given back when the thread is done, not when the asker leaves: impatience must not make room.
        future.add_done_callback(lambda _future: self._room.release())
        return await asyncio.wrap_future(future)


PASSWORDS = Passwords()
