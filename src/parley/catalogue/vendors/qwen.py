"""Alibaba's Qwen. Pure.

As known in November 2026, partly from pages that quote the vendor:
alibabacloud.com/help/en/model-studio/models for the commercial models from Qwen 3 on (international prices
in dollars of the lowest tier; longer prompts cost more); the others as they were published. Open models
have the window they were trained with: with YaRN some hosts offer four times as much, and then say so
themselves or are told here by hand.
"""

from __future__ import annotations

from parley.catalogue.vendors.entry import Entry, chat, open_weights, usd

M = 1_000_000

ENTRIES: tuple[Entry, ...] = (
    chat("qwen3.7-max", "trj", 991_000, 65_536),
    chat("qwen3.7-plus", "vtrj", M, 65_536),
    chat("qwen3.6-plus", "vtrj", M, 65_536),
    chat("qwen3.6-flash", "vtrj", M, 65_536),
    chat("qwen3.5-plus", "vtrj", M, 65_536),
    chat("qwen3.5-flash", "vtrj", M, 65_536),
    chat("qwen3-max", "trj", 262_144, 65_536, usd(1.20, 6)),
    chat("qwen3-vl-plus", "vtrj", 262_144, 32_768),
    chat("qwen3-vl-flash", "vtrj", 262_144, 32_768),
    chat("qwen3-coder-plus", "tj", M, 65_536, usd(1, 5)),
    chat("qwen3-coder-flash", "tj", M, 65_536, usd(0.30, 1.50)),
    chat("qwen-max", "tj", 32_768, 8_192, usd(1.60, 6.40)),
    chat("qwen-plus", "trj", M, 32_768, usd(0.40, 1.20)),
    chat("qwen-flash", "trj", M, 32_768, usd(0.05, 0.40)),
    chat("qwen-turbo", "trj", M, 16_384, usd(0.05, 0.20)),
    chat("qwen-long", "", 10_000_000, 32_768),
    chat("qwen-vl-max", "v", 131_072, 8_192),
    chat("qwen-vl-plus", "v", 131_072, 8_192),
    chat("qwen-vl-ocr", "v", 38_192, 8_192),
    chat("qwq-plus", "tr", 131_072, 8_192, usd(0.80, 2.40)),
    chat("qvq-max", "vr", 131_072, 8_192),
    *open_weights(
        chat("qwen3.*", "vtrj", 262_144),
        chat("qwen3-vl*", "vtr", 262_144),
        chat("qwen3-omni*", "vtr", 65_536),
        chat("qwen3-coder*", "tj", 262_144),
        chat("qwen3-next*thinking", "trj", 262_144),
        chat("qwen3-next", "tj", 262_144),
        chat("qwen3-*-thinking-2507", "trj", 262_144),
        chat("qwen3-*-instruct-2507", "tj", 262_144),
        chat("qwen3", "trj", 32_768),
        chat("qwq*", "tr", 131_072),
        chat("qvq*", "vr", 131_072),
        chat("qwen2.5-vl*", "v", 128_000),
        chat("qwen2.5vl*", "v", 128_000),
        chat("qwen2.5-omni*", "v", 32_768),
        chat("qwen2.5-*-1m", "tj", M),
        chat("qwen2.5*", "tj", 32_768),
        chat("qwen2-vl*", "v", 32_768),
        chat("qwen2*", "", 32_768),
        chat("qwen-vl*", "v"),
        chat("qwen1.5*", "", 32_768),
    ),
)
