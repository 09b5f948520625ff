"""What an administrator types about a model, as the change `overrides.changed` takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from parley.lib.errors import Invalid
from parley.providers.base import CAPABILITIES
from parley.web.i18n import _

PRICES = ("priceInput", "priceOutput", "priceCached")
TOKENS = ("contextWindow", "maxOutput")
CHOICES = ("kind", "accessUser", "accessVisitor")
SAMPLED = {
    "temperature": float,
    "top_p": float,
    "top_k": int,
    "presence_penalty": float,
    "frequency_penalty": float,
    "max_tokens": int,
    "seed": int,
}
_NUMBERS = {int: re.compile(r"-?[0-9]{1,18}"), float: re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,9})?")}
_NO_NUMBER = "?"  # no field takes it, so that the sentence of the field is shown


def change_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The whole form of one model: an empty field takes back what was said. Raises Invalid for prices."""
    sampling: dict[str, Any] = {name: _number(typed, name, kind) for name, kind in SAMPLED.items()}
    effort = typed.get("effort", "")
    reasoning = {
        "mode": effort if effort in ("on", "off") else "",
        "effort": "" if effort in ("on", "off") else effort,
        "budget": _number(typed, "budget", int),
    }
    return {
        "name": typed.get("name", ""),
        "capabilities": {name: _yes_or_no(typed.get(f"can-{name}", "")) for name in CAPABILITIES},
        "hidden": bool(typed.get("hidden")),
        "tags": words_of(typed.get("tags", "")),
        "fallbacks": typed.get("fallbacks", "").split(),
        "sampling": sampling,
        "reasoning": {key: value for key, value in reasoning.items() if value not in ("", None)},
        **{name: typed.get(name, "") for name in CHOICES},
        **{name: _number(typed, name, int) for name in TOKENS},
        **prices_of(typed),
    }


def bulk_change_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """The form under the table: an empty field leaves things as they are, "-" takes back what was said."""
    change: dict[str, Any] = {}
    for name in CHOICES:
        if typed.get(name):
            change[name] = "" if typed[name] == "-" else typed[name]
    if typed.get("hidden"):
        change["hidden"] = typed["hidden"] == "on"
    for name in TOKENS:
        if typed.get(name, "").strip():
            change[name] = _number(typed, name, int)
    change |= {name: price for name, price in prices_of(typed).items() if price is not None}
    if typed.get("tags", "").strip():
        change["tags"] = [] if typed["tags"].strip() == "-" else words_of(typed["tags"])
    return change


def words_of(text: str) -> list[str]:
    """Words between commas of either language, or lines."""
    return [word.strip() for word in re.split(r"[,，、\n]", text) if word.strip()]


def prices_of(typed: Mapping[str, str]) -> dict[str, int | None]:
    """Prices per million tokens as people write them, in millionths; raises Invalid by field."""
    prices: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for name in PRICES:
        text = typed.get(name, "").strip().replace(",", ".")
        try:
            price = Decimal(text) * 1_000_000 if text else None
            prices[name] = None if price is None else int(price)
        except (InvalidOperation, ValueError, OverflowError):
            price = Decimal(-1)
        if price is not None and not 0 <= price <= 10**12:
            errors[name] = _("A price per million tokens, for example 0.15.")
    if errors:
        raise Invalid(next(iter(errors.values())), fields=errors)
    return prices


def price_text(price: int | None) -> str:
    """A price as people write it: 150000 is 0.15; "" for an unknown one."""
    if price is None:
        return ""
    text = f"{Decimal(price) / 1_000_000:f}"
    whole, _point, rest = text.partition(".")
    rest = rest.rstrip("0")
    return f"{whole}.{rest.ljust(2, '0')}" if rest else whole


def _yes_or_no(text: str) -> bool | None:
    return {"yes": True, "no": False}.get(text)


def _number(typed: Mapping[str, str], name: str, kind: type[int] | type[float]) -> float | str | None:
    text = typed.get(name, "").strip().replace(" ", "")
    if not text:
        return None
    text = text.replace(",", "" if kind is int else ".")
    return kind(text) if _NUMBERS[kind].fullmatch(text) else _NO_NUMBER
