"""DeepSeek. Pure.

Read in November 2026: api-docs.deepseek.com/quick_start/pricing. Prices are those of the peak hours
(weekdays 09:00-12:00 and 14:00-18:00 in Beijing); at other times the vendor bills half, so what is reckoned
here is never too low. `deepseek-chat` and `deepseek-reasoner` were retired in July 2026 (V3.2's figures).
"""

from __future__ import annotations

from parley.catalogue.vendors.entry import Entry, chat, open_weights, usd

M = 1_000_000
OUT = 384_000

ENTRIES: tuple[Entry, ...] = (
    chat("deepseek-flash", "vtrj", M, OUT, usd(0.30, 1.20, 0.006)),
    chat("deepseek-chat", "tj", 128_000, 8_192, usd(0.28, 0.42, 0.028)),
    chat("deepseek-reasoner", "trj", 128_000, 65_536, usd(0.28, 0.42, 0.028)),
    *open_weights(
        chat("deepseek-v4.1*", "vtrj", M, OUT),
        chat("deepseek-v4-flash", "trj", M, OUT, usd(0.30, 1.20, 0.006)),
        chat("deepseek-v4-pro", "trj", M, OUT, usd(1.32, 3.96, 0.044)),
        chat("deepseek-v4*", "trj", M),
        chat("deepseek-v3.2*", "trj", 128_000),
        chat("deepseek-v3.1*", "trj", 128_000),
        chat("deepseek-v3*", "tj", 128_000),
        chat("deepseek-r1-0528", "trj", 128_000),
        chat("deepseek-r1-distill", "r", 128_000),
        chat("deepseek-r1", "r", 128_000),
        chat("deepseek-v2.5", "tj", 128_000),
        chat("deepseek-coder-v2", "", 128_000),
        chat("deepseek-vl2", "v"),
        chat("deepseek-ocr*", "v"),
    ),
)
