"""How an answer is drawn and waited for: the words of chat, model, connection and site put together. Pure."""

from __future__ import annotations

import msgspec

from parley.catalogue.models import ModelRow
from parley.connections.options import ReasoningTags
from parley.generations.tags import KNOWN, Pairs
from parley.generations.taking import Limits
from parley.lib.http import Patience
from parley.providers.sampling import AS_THE_MODEL_LIKES, Reasoning, Sampling
from parley.settings import answering
from parley.settings.catalogue import Values


def patience_of(values: Values) -> Patience:
    """How long one request may take."""
    return Patience(
        connect=values[answering.CONNECT_SECONDS],
        headers=values[answering.HEADERS_SECONDS],
        idle=values[answering.IDLE_SECONDS],
        total=values[answering.TOTAL_SECONDS],
    )


def limits_of(values: Values) -> Limits:
    """How long to wait for facts: a model that thinks in silence may do so in the middle, too."""
    first = values[answering.FIRST_TOKEN_SECONDS]
    return Limits(first_fact=first, next_fact=max(first, values[answering.IDLE_SECONDS]))


def sampling_of(stored: str, model: ModelRow, values: Values) -> Sampling:
    """The chat's own (JSON), over the model's and its connection's, over the site's."""
    site = Sampling(
        temperature=values[answering.TEMPERATURE],
        top_p=values[answering.TOP_P],
        max_tokens=values[answering.MAX_TOKENS],
    )
    return msgspec.json.decode(stored, type=Sampling).over(model.sampling).over(site)


def reasoning_of(stored: str, model: ModelRow, values: Values) -> Reasoning:
    """As `sampling_of`; but a model known not to reason is not asked to.

    The site's word is only for models known to reason: many others refuse the whole request for it.
    """
    able = model.can("reasoning")
    if not able and model.sources.get("capabilities.reasoning", "default") != "default":
        return AS_THE_MODEL_LIKES
    own = msgspec.json.decode(stored, type=Reasoning).over(model.reasoning)
    effort = values[answering.EFFORT]
    if not able or not effort:
        return own
    return own.over(Reasoning(mode="off") if effort == "off" else Reasoning(effort=effort))


def tags_of(own: ReasoningTags, values: Values) -> Pairs:
    """Between which tags reasoning stands in the text: the connection's own rule, else the site's."""
    mode, pair = own.mode, (own.open, own.close)
    if mode == "default":
        mode, pair = values[answering.TAGS], (values[answering.TAG_OPEN], values[answering.TAG_CLOSE])
    if mode == "custom" and all(pair):
        return (pair,)
    return () if mode == "off" else KNOWN
