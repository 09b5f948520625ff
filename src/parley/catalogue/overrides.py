"""What an administrator says about a model; it wins over the upstream and over the table. Pure."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from parley.providers.sampling import AS_THE_MODEL_LIKES, NO_SAMPLING, Reasoning, Sampling

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
