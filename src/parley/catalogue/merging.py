"""What is known about a model from four sides, as one row. Pure.

An administrator's word wins over the upstream's, that over the built-in table's, that over the default.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

import msgspec

from parley.catalogue.known import known
from parley.catalogue.models import ModelRow
from parley.catalogue.overrides import Overrides
from parley.catalogue.vendors.entry import Entry
from parley.providers.base import CAPABILITIES, Prices
from parley.providers.sampling import AS_THE_MODEL_LIKES, NO_SAMPLING, Reasoning, Sampling

Side = Literal["override", "provider", "table", "default"]
NOTHING = Entry("")
FREE = frozenset({"ollama"})  # one's own machine: what vendors charge elsewhere says nothing
T = TypeVar("T")
_PRICES = ("input", "output", "cached")


class Found(msgspec.Struct, frozen=True):
    """The JSON in `model.found`: a providers.base.ModelInfo without its ids."""

    kind: str = ""
    capabilities: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    context_window: int | None = None
    max_output: int | None = None
    prices: Prices | None = None


class Defaults(msgspec.Struct, frozen=True):
    """The JSON in `connection.defaults`."""

    sampling: Sampling = NO_SAMPLING
    reasoning: Reasoning = AS_THE_MODEL_LIKES


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """The connection of a model. Compared by identity, which is quick: make it by `home`."""

    id: int
    name: str
    provider: str
    enabled: bool
    prefix: str
    tags: tuple[str, ...]
    defaults: Defaults
    failing_since: int | None


@lru_cache(maxsize=512)
def home(
    id: int, name: str, provider: str, enabled: bool, prefix: str, texts: tuple[str, str], failing: int | None
) -> Home:
    """A connection; `texts` are the JSON of its tags and its defaults. Equal values give the same object."""
    tags = _decoded(texts[0], tuple[str, ...], ())
    defaults = _decoded(texts[1], Defaults, Defaults())
    return Home(id, name, provider, enabled, prefix, tags, defaults, failing)


@lru_cache(maxsize=16_384)
def model(
    home: Home, public_id: str, raw_id: str, name: str, found: str, overrides: str, gone_at: int | None
) -> ModelRow:
    """The row of a model; `found` and `overrides` are its JSON as stored."""
    said, theirs = stored_overrides(overrides), _decoded(found, Found, Found())
    table = known(raw_id) or NOTHING
    sources: dict[str, str] = {}
    return ModelRow(
        id=public_id,
        name=said.name or prefixed(home.prefix, name),
        connection_id=home.id,
        connection_name=home.name,
        provider=home.provider,
        raw_id=raw_id,
        available=home.enabled and gone_at is None,
        kind=_kind(said, theirs, table, sources),
        capabilities=_capabilities(said, theirs, table, sources),
        context_window=_number(
            "context_window", (said.contextWindow, theirs.context_window, table.context_window), sources
        ),
        max_output=_number("max_output", (said.maxOutput, theirs.max_output, table.max_output), sources),
        prices=_prices(said, theirs, None if home.provider in FREE else table.prices, sources),
        tags=tuple(dict.fromkeys((*home.tags, *said.tags))),
        hidden=said.hidden,
        gone_at=gone_at,
        failing_since=home.failing_since,
        sampling=said.sampling.over(home.defaults.sampling),
        reasoning=said.reasoning.over(home.defaults.reasoning),
        fallbacks=said.fallbacks,
        access_user=said.accessUser,
        access_visitor=said.accessVisitor,
        sources=sources,
    )


@lru_cache(maxsize=1024)
def stored_overrides(text: str) -> Overrides:
    """The JSON in `model.overrides`; what this version cannot read counts as nothing."""
    return _decoded(text, Overrides, Overrides())


def prefixed(prefix: str, name: str) -> str:
    """The name to show under a connection's prefix; a space comes between two words."""
    return f"{prefix} {name}" if prefix[-1:].isalnum() else prefix + name


def _kind(said: Overrides, theirs: Found, table: Entry, sources: dict[str, str]) -> str:
    table_kind = "" if table is NOTHING else table.kind
    for side, kind in (("override", said.kind), ("provider", theirs.kind), ("table", table_kind)):
        if kind:
            sources["kind"] = side
            return kind
    sources["kind"] = "default"
    return "chat"


def _capabilities(said: Overrides, theirs: Found, table: Entry, sources: dict[str, str]) -> tuple[str, ...]:
    able = []
    for name in CAPABILITIES:
        has, side = _capability(name, said, theirs, table)
        sources[f"capabilities.{name}"] = side
        if has:
            able.append(name)
    return tuple(able)


def _capability(name: str, said: Overrides, theirs: Found, table: Entry) -> tuple[bool, Side]:
    if name in said.capabilities:
        return said.capabilities[name], "override"
    if name in theirs.capabilities:
        return True, "provider"
    if name in theirs.denied:
        return False, "provider"
    if table.capabilities is not None:
        return name in table.capabilities, "table"
    return False, "default"


def _number(name: str, sides: Sequence[int | None], sources: dict[str, str]) -> int | None:
    """The first of override, provider and table that says something."""
    for side, value in zip(("override", "provider", "table"), sides, strict=True):
        if value:
            sources[name] = side
            return value
    sources[name] = "default"
    return None


def _prices(said: Overrides, theirs: Found, table: Prices | None, sources: dict[str, str]) -> Prices:
    """Each price from the first side that knows it; the source is the strongest of them."""
    mine = Prices(said.priceInput, said.priceOutput, said.priceCached)
    sides = {"override": mine, "provider": theirs.prices, "table": table}
    speaking = {side: prices for side, prices in sides.items() if prices and prices != Prices()}
    sources["prices"] = next(iter(speaking), "default")
    return Prices(*(_first(getattr(prices, name) for prices in speaking.values()) for name in _PRICES))


def _first(values: Iterable[int | None]) -> int | None:
    return next((value for value in values if value is not None), None)


def _decoded(text: str, type: type[T], nothing: T) -> T:
    """Stored JSON as `type`: nobody's page may break because of one row."""
    if text in ("{}", "[]", ""):
        return nothing
    try:
        return msgspec.json.decode(text, type=type)
    except (msgspec.DecodeError, RecursionError):
        return nothing
