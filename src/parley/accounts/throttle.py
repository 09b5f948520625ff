"""How often a sign-in or registration may be tried: pure rules, and the script that counts a try first.

Counting first means that a thousand tries at once get no more answers than a thousand in a row; a try that
succeeds is given back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from parley.lib.db import Row, Script

FREE_TRIES = 3  # typing errors of a person cost no waiting
LONGEST_DELAY_MS = 30_000
LOCK_AFTER = 20
LOCK_MS = 15 * 60_000
RANGE_TRIES = 30
RANGE_WINDOW_MS = 10 * 60_000
VISITS = 20
VISIT_WINDOW_MS = 60 * 60_000
_FORGET_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Tries:
    """What one key counts. `last_at` is the last try of an account, but the window's start of a range."""

    failures: int
    last_at: int
    locked_until: int


Rule = Callable[[Tries, int], Tries]


def account_delay_ms(failures: int) -> int:
    """How long an account rests after that many failed tries: 0, 1 s doubling to 30 s, then 15 minutes."""
    if failures < FREE_TRIES:
        return 0
    if failures >= LOCK_AFTER:
        return LOCK_MS
    return int(min(1000 * 2 ** (failures - FREE_TRIES), LONGEST_DELAY_MS))


def account_rule(tries: Tries, now: int) -> Tries:
    """One more try for an account. A quarter of an hour of quiet forgets all: no lock lasts longer."""
    failures = 1 if now - tries.last_at >= LOCK_MS else tries.failures + 1
    return Tries(failures, now, now + account_delay_ms(failures))


def range_rule(tries: Tries, now: int) -> Tries:
    """One more try from an address range: 30 in 10 minutes, then nothing until the 10 minutes are over."""
    return _within(tries, now, RANGE_TRIES, RANGE_WINDOW_MS)


def visit_rule(tries: Tries, now: int) -> Tries:
    """One more visitor from an address range: 20 within the hour, then nobody until it is over."""
    return _within(tries, now, VISITS, VISIT_WINDOW_MS)


def _within(tries: Tries, now: int, most: int, window_ms: int) -> Tries:
    if now - tries.last_at >= window_ms:
        return Tries(1, now, 0)
    failures = tries.failures + 1
    ends = tries.last_at + window_ms
    return Tries(failures, tries.last_at, ends if failures >= most else 0)


def account_key(username_key: str) -> str:
    """Hashed, since what people type into a name field is sometimes a password."""
    return "account:" + hashlib.sha256(username_key.encode("utf-8", "surrogatepass")).hexdigest()


def range_key(purpose: str, address_range: str) -> str:
    """`purpose` keeps registrations and sign-ins apart."""
    return f"{purpose}:{address_range}"


def claim_try(keys: list[tuple[str, Rule]], now: int) -> Script[int]:
    """Count a try under every key and return 0, or count nothing and return the milliseconds to wait.

    Give keys in one order everywhere (account before range): rows are locked as they are read.
    """
    found: list[tuple[str, Rule, Tries]] = []
    for key, rule in keys:
        found.append((key, rule, (yield from _locked_row(key, now))))
    wait = max(tries.locked_until - now for _key, _rule, tries in found)
    if wait > 0:
        return wait
    for key, rule, tries in found:
        after = rule(tries, now)
        yield (
            "UPDATE login_throttle SET failures = ?, last_at = ?, locked_until = ? WHERE key = ?",
            (after.failures, after.last_at, after.locked_until, key),
        )
    if any(tries.failures == 0 for _key, _rule, tries in found):
        yield "DELETE FROM login_throttle WHERE last_at < ? AND locked_until < ?", (now - _FORGET_MS, now)
    return 0


def return_try(account: str | None, address_range: str) -> Script[None]:
    """The try succeeded: the account starts afresh, the range gets it back."""
    if account is not None:
        yield "DELETE FROM login_throttle WHERE key = ?", (account,)
    yield (
        "UPDATE login_throttle SET failures = failures - 1, locked_until = 0 WHERE key = ? AND failures > 0",
        (address_range,),
    )


def _locked_row(key: str, now: int) -> Script[Tries]:
    # The empty update locks the row on PostgreSQL, where two transactions could read the same count.
    rows: list[Row] = yield (
        "INSERT INTO login_throttle (key, failures, last_at, locked_until) VALUES (?, 0, ?, 0) "
        "ON CONFLICT (key) DO UPDATE SET failures = login_throttle.failures "
        "RETURNING failures, last_at, locked_until",
        (key, now),
    )
    return Tries(rows[0]["failures"], rows[0]["last_at"], rows[0]["locked_until"])
