"""OpenAI. Pure.

As known in November 2026, partly from pages that quote the vendor: developers.openai.com/api/docs/models
and /pricing (standard tier, up to 272,000 tokens of input; longer prompts cost more) for GPT-5.4 and later.
Older models as they were published; those that are shut down there still run at Azure, so they stay.
"""

from __future__ import annotations

from parley.catalogue.vendors.entry import Entry, chat, embedding, of_kind, open_weights, usd

M = 1_050_000
OUT = 128_000

FIRST: tuple[Entry, ...] = (
    embedding("text-embedding-3-large", 8192, 0.13),
    embedding("text-embedding-3-small", 8192, 0.02),
    embedding("text-embedding-ada-002", 8192, 0.10),
)

ENTRIES: tuple[Entry, ...] = (
    chat("gpt-6-astra", "vtrj", M, OUT, usd(10, 50, 1)),
    chat("gpt-6-sol", "vtrj", M, OUT, usd(2, 10, 0.20)),
    chat("gpt-6-luna", "vtrj", M, OUT, usd(0.10, 0.50, 0.01)),
    chat("gpt-6.1-sol", "vtrj", M, OUT, usd(2, 10, 0.10)),
    chat("gpt-6*", "vtrj", M, OUT),
    chat("gpt-5.6-terra", "vtrj", M, OUT, usd(2, 12, 0.20)),
    chat("gpt-5.6-luna", "vtrj", M, OUT, usd(0.20, 1.20, 0.02)),
    chat("gpt-5.6", "vtrj", M, OUT, usd(4, 20, 0.40)),
    chat("gpt-5.5-pro", "vtrj", M, OUT, usd(30, 180)),
    chat("gpt-5.5", "vtrj", M, OUT, usd(5, 30, 0.50)),
    chat("gpt-5.4-pro", "vtrj", M, OUT, usd(30, 180)),
    chat("gpt-5.4-mini", "vtrj", 400_000, OUT, usd(0.75, 4.50, 0.075)),
    chat("gpt-5.4-nano", "vtrj", 400_000, OUT, usd(0.20, 1.25, 0.02)),
    chat("gpt-5.4", "vtrj", M, OUT, usd(2.50, 15, 0.25)),
    chat("gpt-5.3-codex-spark", "trj", 128_000),
    chat("gpt-5.3-codex", "vtrj", 400_000, OUT, usd(1.75, 14, 0.175)),
    chat("gpt-5.3-chat", "vtj", 128_000, 16_384, usd(1.75, 14, 0.175)),
    chat("gpt-5.2-pro", "vtrj", 400_000, OUT, usd(21, 168)),
    chat("gpt-5.2-chat", "vtj", 128_000, 16_384, usd(1.75, 14, 0.175)),
    chat("gpt-5.2", "vtrj", 400_000, OUT, usd(1.75, 14, 0.175)),
    chat("gpt-5.1-chat", "vtj", 128_000, 16_384, usd(1.25, 10, 0.125)),
    chat("gpt-5.1-codex-mini", "vtrj", 400_000, OUT, usd(0.25, 2, 0.025)),
    chat("gpt-5.1", "vtrj", 400_000, OUT, usd(1.25, 10, 0.125)),
    chat("gpt-5-chat", "vtj", 128_000, 16_384, usd(1.25, 10, 0.125)),
    chat("gpt-5-pro", "vtrj", 400_000, 272_000, usd(15, 120)),
    chat("gpt-5-mini", "vtrj", 400_000, OUT, usd(0.25, 2, 0.025)),
    chat("gpt-5-nano", "vtrj", 400_000, OUT, usd(0.05, 0.40, 0.005)),
    chat("gpt-5", "vtrj", 400_000, OUT, usd(1.25, 10, 0.125)),
    chat("gpt-5.*", "vtrj"),
    chat("gpt-4.5", "vtj", 128_000, 16_384, usd(75, 150, 37.50)),
    chat("gpt-4.1-mini", "vtj", 1_047_576, 32_768, usd(0.40, 1.60, 0.10)),
    chat("gpt-4.1-nano", "vtj", 1_047_576, 32_768, usd(0.10, 0.40, 0.025)),
    chat("gpt-4.1", "vtj", 1_047_576, 32_768, usd(2, 8, 0.50)),
    chat("gpt-4o-mini", "vtj", 128_000, 16_384, usd(0.15, 0.60, 0.075)),
    chat("gpt-4o-2024-05-13", "vtj", 128_000, 4_096, usd(5, 15)),
    chat("gpt-4o", "vtj", 128_000, 16_384, usd(2.50, 10, 1.25)),
    chat("chatgpt-4o", "vj", 128_000, 16_384, usd(5, 15)),
    chat("o4-mini-deep-research", "vr", 200_000, 100_000, usd(2, 8, 0.50)),
    chat("o4-mini", "vtrj", 200_000, 100_000, usd(1.10, 4.40, 0.275)),
    chat("o3-deep-research", "vr", 200_000, 100_000, usd(10, 40, 2.50)),
    chat("o3-pro", "vtrj", 200_000, 100_000, usd(20, 80)),
    chat("o3-mini", "trj", 200_000, 100_000, usd(1.10, 4.40, 0.55)),
    chat("o3", "vtrj", 200_000, 100_000, usd(2, 8, 0.50)),
    chat("o1-pro", "vtrj", 200_000, 100_000, usd(150, 600)),
    chat("o1-mini", "r", 128_000, 65_536, usd(1.10, 4.40, 0.55)),
    chat("o1-preview", "r", 128_000, 32_768, usd(15, 60, 7.50)),
    chat("o1", "vtrj", 200_000, 100_000, usd(15, 60, 7.50)),
    chat("codex-mini", "vtrj", 200_000, 100_000, usd(1.50, 6, 0.375)),
    chat("gpt-4-turbo", "vtj", 128_000, 4_096, usd(10, 30)),
    chat("gpt-4-1106-vision", "v", 128_000, 4_096, usd(10, 30)),
    chat("gpt-4-vision", "v", 128_000, 4_096, usd(10, 30)),
    chat("gpt-4-*-preview", "tj", 128_000, 4_096, usd(10, 30)),
    chat("gpt-4-32k", "t", 32_768, None, usd(60, 120)),
    chat("gpt-4", "t", 8_192, 8_192, usd(30, 60)),
    *of_kind("other", "gpt-3.5-turbo-instruct", "gpt-35-turbo-instruct"),
    chat("gpt-3.5-turbo", "tj", 16_385, 4_096, usd(0.50, 1.50)),
    chat("gpt-35-turbo", "tj", 16_385, 4_096, usd(0.50, 1.50)),  # Azure leaves out the dot
    *open_weights(chat("gpt-oss", "trj", 131_072)),
)
