"""One line of the table of known models. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from parley.providers.base import Prices

_LETTERS = {"v": "vision", "t": "tools", "r": "reasoning", "i": "image_output", "j": "json"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about the models whose name fits `pattern`; None is unknown.

    A pattern is a name as `known.plain` makes it, in which `*` stands for anything; what follows it after
    a dash (a date, a size, "latest") is a variant of the same model. Anybody may serve a model with `open`
    weights, at prices of their own.
    """

    pattern: str
    kind: str = "chat"
    capabilities: frozenset[str] | None = None
    context_window: int | None = None  # tokens
    max_output: int | None = None  # tokens
    prices: Prices | None = None
    open: bool = False


def chat(
    pattern: str,
    able: str,
    window: int | None = None,
    output: int | None = None,
    prices: Prices | None = None,
) -> Entry:
    """A model to talk to. `able` holds v(ision) t(ools) r(easoning) i(mage output) j(son)."""
    return Entry(pattern, "chat", frozenset(_LETTERS[letter] for letter in able), window, output, prices)


def open_weights(*entries: Entry) -> tuple[Entry, ...]:
    """Models that anybody may serve: their prices count only under the names the vendor itself uses."""
    return tuple(replace(entry, open=True) for entry in entries)


def of_kind(kind: str, *patterns: str) -> tuple[Entry, ...]:
    """Models that are not talked to: embedding, image or other."""
    able = frozenset({"image_output"}) if kind == "image" else frozenset()
    return tuple(Entry(pattern, kind, able) for pattern in patterns)


def embedding(pattern: str, window: int, dollars: float | None = None) -> Entry:
    """A model that turns text into vectors; `dollars` per million tokens."""
    prices = None if dollars is None else usd(dollars, 0)
    return Entry(pattern, "embedding", frozenset(), window, None, prices)


def usd(input: float, output: float, cached: float | None = None) -> Prices:
    """Dollars per million tokens as vendors print them."""
    return Prices(_micro(input), _micro(output), None if cached is None else _micro(cached))


def _micro(dollars: float) -> int:
    return round(dollars * 1_000_000)
