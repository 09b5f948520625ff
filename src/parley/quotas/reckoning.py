"""What an answer is charged in the end. Pure.

What a vendor counted wins. Where nobody counted, because a worker was lost, the end is given a guess: the
words that were stored, what was read before them, and what both cost when the model was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

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
LEAST_TOKENS = 100  # of an answer about whose model nothing is known


@dataclass(frozen=True, slots=True)
class Guess:
    """What an answer may take, in tokens, and what they cost (see `providers.base.Prices`; 0 is unknown)."""

    prompt: int = 0  # read
    answer: int = LEAST_TOKENS  # written
    input: int = 0
    output: int = 0
    window: int = 0  # the most that the model reads; 0 is unknown

    def after(self, held: int) -> Guess:
        """The same in a chat that holds `held` tokens already."""
        prompt = self.prompt + held
        return replace(self, prompt=min(prompt, self.window) if self.window else prompt)

    def with_words(self, words: str) -> Guess:
        """The same with the words that were written."""
        return replace(self, answer=estimate(words))

    @property
    def priced(self) -> bool:
        """Whether the model had a price."""
        return bool(self.input or self.output)

    @property
    def amounts(self) -> Amounts:
        """Of each unit."""
        money = (self.prompt * self.input + self.answer * self.output) // 1000
        return Amounts(1, self.prompt + self.answer, money)


NO_GUESS = Guess()


def guess_of(*, words: str, most: int, max_output: int | None, window: int | None) -> Guess:
    """What a question of these words may take; its answer `most` tokens, or fewer where the model is bound.

    Without the cap a model that may write 128,000 tokens would hold a whole day's allowance for every short
    answer. With it, what is left over for an answer lets about one question through at a time, and who asks
    one after the other never notices: what is set aside is given back when the answer ends.
    """
    answer = most if max_output is None else min(most, max_output)
    return Guess(estimate(words), max(1, answer), window=window or 0)


@dataclass(frozen=True, slots=True)
class Delivered:
    """How a generation ended: its status, what of it arrived, and what that took if somebody counted."""

    generation: int
    status: str  # done, error, cancelled, interrupted
    something: bool  # text, reasoning, a picture or a tool's work arrived
    tokens: int = 0
    cost_nano: int = 0


def state_of(delivered: Delivered) -> str:
    """complete, stopped, interrupted, or empty when nothing arrived: that is given back."""
    return STATES.get(delivered.status, "interrupted") if delivered.something else EMPTY


def settled(delivered: Delivered) -> Amounts:
    """What is charged in the end."""
    return Amounts(1, delivered.tokens, delivered.cost_nano) if delivered.something else NOTHING


def share(used: int, most: int) -> int:
    """How much of an allowance is used, in per cent, at most 100."""
    return 100 if used >= most else used * 100 // most


def amounts(row: Mapping[str, int]) -> Amounts:
    """The amounts in a row of the ledger."""
    return Amounts(row["messages"], row["tokens"], row["nano"])


def guess_in(row: Mapping[str, int]) -> Guess:
    """What a row of the ledger says was expected."""
    return Guess(row["prompt_tokens"], 0, row["price_input"], row["price_output"])
