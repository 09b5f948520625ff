"""What an answer cost. Pure."""

from __future__ import annotations

from parley.providers.base import Prices, UsageReport


def cost_nano(usage: UsageReport | None, prices: Prices) -> int | None:
    """Billionths of the currency; None without usage or without both prices.

    Cached prompt tokens cost their own price, the full one where it is not known.
    """
    if usage is None or prices.input is None or prices.output is None:
        return None
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    for_cached = prices.input if prices.cached is None else prices.cached
    millionths_of_tokens = (
        (usage.prompt_tokens - cached) * prices.input
        + cached * for_cached
        + usage.completion_tokens * prices.output
    )
    return millionths_of_tokens // 1000
