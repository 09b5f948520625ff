"""Passwords as hashes. The pool is real, only the cost of a hash is small."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from argon2 import PasswordHasher

from parley.lib.errors import Unavailable
from parley.lib.passwords import HASHER, Passwords, password_fault

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize("password", ["12345678", "a" * 256, "密码密码密码密码", "        ", "pass word "])
def test_passwords_that_may_be_chosen(password: str) -> None:
    assert password_fault(password) is None


@pytest.mark.parametrize(
    ("password", "fault"), [("1234567", "short"), ("a" * 257, "long"), ("密" * 86, "long"), ("", "short")]
)
def test_passwords_that_may_not(password: str, fault: str) -> None:
    assert password_fault(password) == fault


def test_a_megabyte_is_refused_before_it_costs_anything() -> None:
    assert password_fault("x" * 1_000_000) == "long"


async def test_only_the_right_password_verifies() -> None:
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("quiet otter 47")
    assert stored.startswith("$argon2id$")
    assert await passwords.verify(stored, "quiet otter 47")
    assert not await passwords.verify(stored, "quiet otter 48")
    assert not await passwords.verify(stored, "quiet otter 47 ")
    assert not await passwords.verify("not a hash", "quiet otter 47")


async def test_another_keyboard_composes_the_same_password() -> None:
    passwords = Passwords(CHEAP)
    assert await passwords.verify(await passwords.hash("caf\u00e9 au lait"), "cafe\u0301 au lait")


async def test_odd_input_is_wrong_and_not_an_error() -> None:
    passwords = Passwords(CHEAP)
    stored = await passwords.hash("quiet otter 47")
    for odd in ("\ud800", "\0", "", "x" * 1_000_000):
        assert not await passwords.verify(stored, odd)


class CountingHasher(PasswordHasher):
    """Counts what is verified, and against what."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.verified: list[Any] = []

    def verify(self, hash: Any, password: Any) -> Any:
        """As the real one, remembered."""
        self.verified.append(hash)
        return super().verify(hash, password)


async def test_an_unknown_user_costs_one_verification_of_the_same_parameters() -> None:
    hasher = CountingHasher()
    passwords = Passwords(hasher)
    stored = await passwords.hash("quiet otter 47")
    assert not await passwords.verify(stored, "wrong")
    assert not await passwords.verify(None, "wrong")
    known, unknown = hasher.verified
    assert known.split("$")[:4] == unknown.split("$")[:4]


async def test_nobodys_password_opens_nothing() -> None:
    assert not await Passwords(CHEAP).verify(None, "nobody has this password")


def test_weaker_hashes_are_made_anew() -> None:
    assert Passwords(HASHER).needs_rehash(CHEAP.hash("quiet otter 47"))
    assert not Passwords(CHEAP).needs_rehash(CHEAP.hash("quiet otter 47"))


async def test_a_full_queue_refuses_instead_of_growing() -> None:
    go = threading.Event()

    class SlowHasher(PasswordHasher):
        def hash(self, *args: Any, **kwargs: Any) -> str:
            go.wait(5)
            return CHEAP.hash(*args, **kwargs)

    passwords = Passwords(SlowHasher(), threads=1, waiting=2)
    waiting = [asyncio.create_task(passwords.hash("quiet otter 47")) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await passwords.hash("quiet otter 47")
    go.set()
    assert len(await asyncio.gather(*waiting)) == 3
    assert await passwords.hash("quiet otter 47")
