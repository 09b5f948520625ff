"""A model with everything known about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from parley.providers.base import Prices
from parley.providers.sampling import AS_THE_MODEL_LIKES, NO_SAMPLING, Reasoning, Sampling

NO_PRICES = Prices()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A model (or a route, whose `provider` is "route"); `id` is its public id.

    `sources` says for kind, capabilities.*, context_window, max_output and prices who knows:
    override, provider, table or default.
    """

    id: str
    name: str
    connection_id: int
    connection_name: str
    provider: str
    raw_id: str
    available: bool  # its connection is on and still offers it
    kind: str = "chat"  # chat, embedding, image or other
    capabilities: tuple[str, ...] = ()  # of providers.base.CAPABILITIES
    context_window: int | None = None  # tokens
    max_output: int | None = None  # tokens
    prices: Prices = NO_PRICES
    tags: tuple[str, ...] = ()
    hidden: bool = False  # not offered; still a fallback or the target of a route
    gone_at: int | None = None  # since when the upstream does not list it
    failing_since: int | None = None  # of its connection
    sampling: Sampling = NO_SAMPLING  # the model's over its connection's
    reasoning: Reasoning = AS_THE_MODEL_LIKES
    fallbacks: tuple[str, ...] = ()  # public ids
    access_user: str = ""  # "", allow or deny
    access_visitor: str = ""
    sources: Mapping[str, str] = field(default_factory=dict)

    def can(self, capability: str) -> bool:
        """Whether the model is known to have it."""
        return capability in self.capabilities
