"""One line of the table of known models. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from parley.providers.base import Prices

_LETTERS = {"v": "vision", "t": "tools", "r": "reasoning", "i": "image_output", "j": "json"}
K = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about the models whose name fits `pattern`; None is unknown.

    A pattern is a name without vendor, date and variant (see `known.plain`) in which `*` stands for
    anything; what follows it after a dash is a variant of the same model.
    """

    pattern: str
    kind: str = "chat"
    capabilities: frozenset[str] | None = None
    context_window: int | None = None  # tokens
    max_output: int | None = None  # tokens
    prices: Prices | None = None


def chat(
    pattern: str,
    able: str,
    window: int | None = None,
    output: int | None = None,
    prices: Prices | None = None,
) -> Entry:
    """A model to talk to. `able` holds v(ision) t(ools) r(easoning) i(mage output) j(son)."""
    return Entry(pattern, "chat", frozenset(_LETTERS[letter] for letter in able), window, output, prices)


def of_kind(kind: str, *patterns: str, window: int | None = None) -> tuple[Entry, ...]:
    """Models that are not talked to: embedding, image or other."""
    drawing = frozenset({"image_output"}) if kind == "image" else frozenset()
    return tuple(Entry(pattern, kind, drawing, window) for pattern in patterns)


def usd(input: float, output: float, cached: float | None = None) -> Prices:
    """Dollars per million tokens as vendors print them."""
    return Prices(_micro(input), _micro(output), None if cached is None else _micro(cached))


def _micro(dollars: float) -> int:
    return round(dollars * 1_000_000)
