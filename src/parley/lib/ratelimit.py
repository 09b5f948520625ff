"""How often something may be asked for, by whom: pure arithmetic and a bounded memory. Pure.

The generic cell rate algorithm (ITU-T I.371): one number for each key, no window that ends all at once.
"""

from __future__ import annotations

MOST_KEYS = 10_000


class Pace:
    """`burst` at once, then one every `interval_ms`, for each key; forgotten when the process ends."""

    def __init__(self, *, burst: int, interval_ms: int) -> None:
        self._interval = interval_ms
        self._credit = burst * interval_ms
        self._paid_until: dict[str, int] = {}

    def wait_for(self, key: str, now: int) -> int:
        """Count one for `key` and return 0, or count nothing and return the milliseconds to wait."""
        paid = max(self._paid_until.get(key, now), now) + self._interval
        if paid > now + self._credit:
            return paid - now - self._credit
        if key not in self._paid_until and len(self._paid_until) >= MOST_KEYS:
            self._forget(now)
        self._paid_until[key] = paid
        return 0

    def _forget(self, now: int) -> None:
        """Let go of whoever has waited long enough; under a flood from everywhere, of all."""
        self._paid_until = {key: paid for key, paid in self._paid_until.items() if paid > now}
        if len(self._paid_until) >= MOST_KEYS:
            self._paid_until.clear()
