"""What an administrator says about a model; it wins over the upstream and over the table. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.lib.errors import Invalid
from parley.providers.base import CAPABILITIES
from parley.providers.sampling import AS_THE_MODEL_LIKES, NO_SAMPLING, Reasoning, Sampling, is_format
from parley.web.i18n import N_, _

Tokens = Annotated[int, Meta(ge=1, le=100_000_000)]
Price = Annotated[int, Meta(ge=0, le=10**12)]  # millionths of the currency per million tokens
Word = Annotated[str, Meta(min_length=1, max_length=40)]
PublicId = Annotated[str, Meta(min_length=1, max_length=300)]
Access = Annotated[str, Meta(pattern="^(|allow|deny)$")]  # "" inherits the setting


class Overrides(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """None and empty leave what is known otherwise. Also the JSON in `model.overrides` and on the wire."""

    name: Annotated[str, Meta(max_length=256)] = ""
    kind: Annotated[str, Meta(pattern="^(|chat|embedding|image|other)$")] = ""
    capabilities: dict[Word, bool] = {}  # of providers.base.CAPABILITIES
    contextWindow: Tokens | None = None
    maxOutput: Tokens | None = None
    priceInput: Price | None = None
    priceOutput: Price | None = None
    priceCached: Price | None = None
    hidden: bool = False
    tags: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    sampling: Sampling = NO_SAMPLING
    reasoning: Reasoning = AS_THE_MODEL_LIKES
    fallbacks: Annotated[tuple[PublicId, ...], Meta(max_length=5)] = ()
    accessUser: Access = ""
    accessVisitor: Access = ""


NOTHING_SAID = Overrides()
_TOKENS = N_("A whole number of tokens, from 1 to 100,000,000.")
_PRICE = N_("A whole number from 0 to 1,000,000,000,000: millionths per million tokens.")
_ACCESS = N_("allow, deny, or empty for the rule of the whole site.")
_NUMBER = N_("%(name)s: a number from %(low)s to %(high)s.")
# What is wrong with a field that does not fit, in plain words; the types above say what fits.
_SENTENCES = {
    "name": N_("At most 256 characters."),
    "kind": N_("One of chat, embedding, image and other, or empty."),
    "capabilities": N_("Say true, false or null for vision, tools, reasoning, image_output or json."),
    "contextWindow": _TOKENS,
    "maxOutput": _TOKENS,
    "priceInput": _PRICE,
    "priceOutput": _PRICE,
    "priceCached": _PRICE,
    "hidden": N_("Say true or false."),
    "tags": N_("At most 20 words of at most 40 characters."),
    "reasoning": N_(
        "Holds mode (on or off), effort (minimal, low, medium, high, xhigh or max) and budget (tokens)."
    ),
    "fallbacks": N_("At most 5 ids of models."),
    "accessUser": _ACCESS,
    "accessVisitor": _ACCESS,
}
_RANGES = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "top_k": (1, 1000),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
    "max_tokens": (1, 1_000_000),
    "seed": (-(2**31), 2**31 - 1),
}
_SAMPLED = {
    "stop": N_("stop: at most 4 texts of at most 200 characters."),
    "response_format": N_("response_format: an object as in OpenAI's Chat Completions."),
}


def changed(said: Overrides, change: Mapping[str, Any]) -> Overrides:
    """`said` with what `change` names; null takes a field back, in `capabilities` and `sampling` each one.

    Raises Invalid with one sentence for each field that cannot be used.
    """
    types = {field.encode_name: field.type for field in msgspec.structs.fields(Overrides)}
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, wanted in change.items():
        if name not in types:
            errors[name] = _("There is no such field. Known: %(known)s.", known=", ".join(types))
            continue
        try:
            values[name] = _value(name, wanted, said, types[name])
        except msgspec.ValidationError as error:
            errors[name] = _sentence(name, str(error))
    if errors:
        first = next(iter(errors))
        raise Invalid(f"{first[:40]}: {errors[first]}", fields=errors)
    return msgspec.structs.replace(said, **values)


def _value(name: str, wanted: Any, said: Overrides, type: Any) -> Any:
    if wanted is None:
        return getattr(NOTHING_SAID, name)
    if name in ("capabilities", "sampling") and isinstance(wanted, Mapping):
        now = msgspec.to_builtins(getattr(said, name))
        wanted = {key: value for key, value in {**now, **wanted}.items() if value is not None}
    if name == "name" and isinstance(wanted, str):
        wanted = " ".join(wanted.replace("\0", " ").split())
    if name == "tags" and isinstance(wanted, list) and all(isinstance(tag, str) for tag in wanted):
        wanted = list(dict.fromkeys(tag.replace("\0", "").strip() for tag in wanted))
    value = msgspec.convert(wanted, type)
    if name == "capabilities" and not set(value) <= set(CAPABILITIES):
        raise msgspec.ValidationError("unknown capability")
    if name == "sampling" and value.response_format and not is_format(value.response_format):
        raise msgspec.ValidationError("too large - at `$.response_format`")
    return value


def _sentence(name: str, detail: str) -> str:
    """Plain words for what msgspec says; in `sampling` its path tells which part does not fit."""
    if name != "sampling":
        return _(_SENTENCES[name])
    part = next((part for part in (*_RANGES, *_SAMPLED) if f"$.{part}" in detail), "")
    if part in _RANGES:
        low, high = _RANGES[part]
        return _(_NUMBER, name=part, low=low, high=high)
    if part in _SAMPLED:
        return _(_SAMPLED[part])
    return _("Holds only %(known)s.", known=", ".join((*_RANGES, *_SAMPLED)))
