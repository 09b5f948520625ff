"""Anthropic. Pure.

Read in November 2026: platform.claude.com/docs/en/models/overview and the pages of older models beside it.
Reading from the prompt cache costs a tenth of the input (docs: prompt caching). Gateways write 4.5 or 4-5;
`known.plain` makes both 4-5.
"""

from __future__ import annotations

from parley.catalogue.vendors.entry import Entry, chat, usd

M = 1_000_000
OUT = 128_000

ENTRIES: tuple[Entry, ...] = (
    chat("claude-fable-5-2", "vtrj", M, OUT, usd(8, 40, 0.80)),
    chat("claude-fable-5", "vtrj", M, OUT, usd(10, 50, 1)),
    chat("claude-opus-5-5", "vtrj", M, OUT, usd(4, 20, 0.40)),
    chat("claude-opus-5", "vtrj", M, OUT, usd(5, 25, 0.50)),
    chat("claude-sonnet-5", "vtrj", M, OUT, usd(2, 10, 0.20)),
    chat("claude-haiku-5", "vtrj", M, OUT),  # its price depends on the effort
    chat("claude-opus-4-6", "vtrj", M, OUT, usd(5, 25, 0.50)),
    chat("claude-sonnet-4-6", "vtrj", M, OUT, usd(3, 15, 0.30)),
    chat("claude-opus-4-5", "vtrj", 200_000, 64_000, usd(5, 25, 0.50)),
    chat("claude-sonnet-4-5", "vtrj", 200_000, 64_000, usd(3, 15, 0.30)),
    chat("claude-haiku-4-5", "vtrj", 200_000, 64_000, usd(1, 5, 0.10)),
    chat("claude-opus-4-1", "vtr", 200_000, 32_000, usd(15, 75, 1.50)),
    chat("claude-opus-4-7", "vtrj"),
    chat("claude-opus-4-8", "vtrj"),
    chat("claude-opus-4", "vtr", 200_000, 32_000, usd(15, 75, 1.50)),
    chat("claude-sonnet-4", "vtr", 200_000, 64_000, usd(3, 15, 0.30)),
    chat("claude-4-opus", "vtr", 200_000, 32_000, usd(15, 75, 1.50)),
    chat("claude-4-sonnet", "vtr", 200_000, 64_000, usd(3, 15, 0.30)),
    chat("claude-3-7-sonnet", "vtr", 200_000, 64_000, usd(3, 15, 0.30)),
    chat("claude-3-5-sonnet", "vt", 200_000, 8_192, usd(3, 15, 0.30)),
    chat("claude-3-5-haiku", "vt", 200_000, 8_192, usd(0.80, 4, 0.08)),
    chat("claude-3-opus", "vt", 200_000, 4_096, usd(15, 75, 1.50)),
    chat("claude-3-sonnet", "vt", 200_000, 4_096, usd(3, 15, 0.30)),
    chat("claude-3-haiku", "vt", 200_000, 4_096, usd(0.25, 1.25, 0.03)),
    chat("claude-2-1", "", 200_000, 4_096, usd(8, 24)),
    chat("claude-2", "", 100_000, 4_096, usd(8, 24)),
    chat("claude-instant", "", 100_000, 4_096, usd(0.80, 2.40)),
    chat("claude", "vt"),
)
