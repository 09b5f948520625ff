"""When a failed request is worth another: by the same key, by another key, by another model. Pure.

Only before anything was shown; after that a provider is never called again.
"""

from __future__ import annotations

from collections import deque

from parley.providers.base import ProviderError

TRIES = 2  # requests to one model, beside those that merely went to another key
LONGEST_WAIT = 30.0  # seconds; a provider that asks for more is waited for no longer
SHORTEST_WAIT = 0.5
RATE_LIMIT_WAIT = 15.0  # where the provider does not say
OTHER_WAIT = 2.0
JITTER = 0.2  # of a wait of our own choosing, so that many do not come back at once

OPENS_AFTER = 5  # failures
WITHIN = 30.0  # seconds
STAYS_OPEN = 30.0  # seconds; then one request may try

# What the credential or the whole provider suffers from, and not this one question.
_SICK = frozenset(
    {"authentication", "quota", "rate_limit", "overloaded", "server", "network", "timeout", "malformed"}
)
_OTHER_KEY_HELPS = frozenset({"authentication", "quota", "rate_limit"})
_NO_OTHER_MODEL_HELPS = frozenset({"content_filter", "invalid_request"})
# After words were shown: the upstream just stopped talking, it did not say that anything is wrong.
_BROKE_OFF = frozenset({"incomplete", "network", "timeout", "malformed"})


def wait_before_retry(error: ProviderError, chance: float) -> float | None:
    """Seconds before the same model is asked again; None when that would not help.

    `chance` in [0, 1) spreads the waits we choose ourselves.
    """
    if not error.retryable:
        return None
    if error.retry_after is not None:
        return min(max(error.retry_after, SHORTEST_WAIT), LONGEST_WAIT)
    wait = RATE_LIMIT_WAIT if error.code == "rate_limit" else OTHER_WAIT
    return wait * (1 - JITTER + 2 * JITTER * chance)


def another_key_may_help(error: ProviderError) -> bool:
    """Whether a further key of the same connection may do what this one could not."""
    return error.code in _OTHER_KEY_HELPS


def another_model_may_help(error: ProviderError) -> bool:
    """Whether to go on to the fallback models."""
    return error.code not in _NO_OTHER_MODEL_HELPS


def is_too_long(error: ProviderError) -> bool:
    """Whether the provider asks for more patience than a person has."""
    return error.retry_after is not None and error.retry_after > LONGEST_WAIT


def broke_off(error: ProviderError) -> bool:
    """Whether an answer that had begun counts as interrupted, and not as failed."""
    return error.code in _BROKE_OFF


class Breaker:
    """Spares a credential that fails again and again, and lets one request look whether it recovered.

    Times are seconds of any one clock.
    """

    def __init__(self) -> None:
        self._failures: deque[float] = deque(maxlen=OPENS_AFTER)
        self._opened_at: float | None = None
        self._probing = False

    def allows(self, now: float) -> bool:
        """Whether a request may be sent; one that may must end in `succeeded`, `failed` or `let_go`."""
        if self.rests(now):
            return False
        self._probing = self._opened_at is not None
        return True

    def rests(self, now: float) -> bool:
        """Whether `allows` would say no; asking changes nothing."""
        return self._opened_at is not None and (self._probing or now - self._opened_at < STAYS_OPEN)

    def spoke(self) -> None:
        """The first words came: after a rest nobody has to wait for the last ones."""
        if self._opened_at is not None:
            self.succeeded()

    def succeeded(self) -> None:
        """The credential works."""
        self._failures.clear()
        self._opened_at = None
        self._probing = False

    def failed(self, error: ProviderError, now: float) -> None:
        """Note a failure; one that only this question caused says that the credential works."""
        if error.code not in _SICK:
            return self.succeeded()
        probed, self._probing = self._probing, False
        self._failures.append(now)
        full = len(self._failures) == OPENS_AFTER and now - self._failures[0] <= WITHIN
        if probed or full:
            self._opened_at = now

    def let_go(self) -> None:
        """The request ended without saying anything about the credential."""
        self._probing = False


class Breakers:
    """The breakers of one process by credential, and whose turn it is among several keys."""

    def __init__(self, most: int = 1000) -> None:
        self._most = most
        self._breakers: dict[str, Breaker] = {}
        self._turns: dict[int, int] = {}

    def of(self, credential: str) -> Breaker:
        """The breaker of a credential."""
        if credential not in self._breakers and len(self._breakers) >= self._most:
            del self._breakers[next(iter(self._breakers))]
        return self._breakers.setdefault(credential, Breaker())

    def next_turn(self, connection: int) -> int:
        """Counts up for each request to a connection."""
        self._turns[connection] = turn = self._turns.get(connection, -1) + 1
        return turn
