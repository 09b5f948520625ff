"""What an answer is charged in the end. Pure.

What a vendor counted wins. Where nobody counted, because a worker was lost, the words that arrived are
estimated, and money stays at what was reserved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from parley.lib.tokens import estimate

STATES = {"done": "complete", "cancelled": "stopped"}  # all else broke off
EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of each unit."""

    messages: int = 0
    tokens: int = 0
    money: int = 0  # billionths of the currency

    def of(self, unit: str) -> int:
        """How many of `unit`."""
        return {"messages": self.messages, "tokens": self.tokens, "money": self.money}[unit]

    def beyond(self, other: Amounts) -> Amounts:
        """How much more this is than `other`."""
        return Amounts(self.messages - other.messages, self.tokens - other.tokens, self.money - other.money)


NOTHING = Amounts()


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a generation ended: its status, what of it arrived, and what that took if somebody counted."""

    generation: int
    status: str  # done, error, cancelled, interrupted
    something: bool  # text, reasoning, a picture or a tool's work arrived
    words: str = ""
    tokens: int | None = None
    cost_nano: int | None = None


def state_of(delivered: Delivered) -> str:
    """complete, stopped, interrupted, or empty when nothing arrived: that is given back."""
    return STATES.get(delivered.status, "interrupted") if delivered.something else EMPTY


def settled(delivered: Delivered, reserved: Amounts) -> Amounts:
    """What is charged in the end."""
    if not delivered.something:
        return NOTHING
    counted, cost = delivered.tokens, delivered.cost_nano
    return Amounts(
        reserved.messages,
        max(reserved.tokens, estimate(delivered.words)) if counted is None else counted,
        cost if cost is not None else 0 if counted is not None else reserved.money,
    )


def share(used: int, most: int) -> int:
    """How much of an allowance is used, in per cent, at most 100."""
    return 100 if used >= most else used * 100 // most


def amounts(row: Mapping[str, int], prefix: str = "") -> Amounts:
    """The amounts in a row of the ledger; `prefix` "reserved_" takes what was set aside at first."""
    return Amounts(row[f"{prefix}messages"], row[f"{prefix}tokens"], row[f"{prefix}nano"])
