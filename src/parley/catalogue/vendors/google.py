"""Google. Pure.

As known in November 2026, partly from pages that quote the vendor: ai.google.dev/gemini-api/docs/models and
/pricing (paid tier, prompts up to 200,000 tokens) and docs.cloud.google.com on Gemini 4; Gemini 2 and older
as they were published. Where the page gives an introductory price only, there is none here.
"""

from __future__ import annotations

from parley.catalogue.vendors.entry import Entry, chat, open_weights, usd

M = 1_048_576
OUT = 65_536

# These draw while they talk, through the same call as the others.
FIRST: tuple[Entry, ...] = (
    chat("gemini-3-pro-image", "vrij", 65_536, 32_768, usd(2, 12)),
    chat("gemini-2.5-flash-image", "vi", 32_768, 32_768),
    chat("gemini*image*", "vi"),
    chat("*nano-banana*", "vi"),
)

ENTRIES: tuple[Entry, ...] = (
    chat("gemini-4-argon", "vtrj", M, OUT, usd(4, 20, 0.20)),  # from 1 December 2026; half of it before
    chat("gemini-4*", "vtrj"),
    chat("gemini-3.8-flash", "vtrj", M, OUT),  # introductory price until the end of 2026
    chat("gemini-3.5-flash-lite", "vtrj", M, OUT),
    chat("gemini-3.5-flash", "vtrj", M, OUT, usd(1.50, 9, 0.15)),
    chat("gemini-3.1-pro", "vtrj", M, OUT, usd(2, 12, 0.20)),
    chat("gemini-3.1-flash-lite", "vtrj", M, OUT),
    chat("gemini-3-pro", "vtrj", M, OUT, usd(2, 12, 0.20)),
    chat("gemini-3-flash", "vtrj", M, OUT, usd(0.50, 3, 0.05)),
    chat("gemini-3*", "vtrj"),
    chat("gemini-2.5-pro", "vtrj", M, OUT, usd(1.25, 10, 0.125)),
    chat("gemini-2.5-flash-lite", "vtrj", M, OUT, usd(0.10, 0.40, 0.01)),
    chat("gemini-2.5-flash", "vtrj", M, OUT, usd(0.30, 2.50, 0.03)),
    chat("gemini-2.0-flash-thinking", "vr", M, OUT),
    chat("gemini-2.0-flash-lite", "vtj", M, 8_192, usd(0.075, 0.30)),
    chat("gemini-2.0-flash", "vtj", M, 8_192, usd(0.10, 0.40, 0.025)),
    chat("gemini-2.0-pro", "vtj", 2_097_152, 8_192),
    chat("gemini-1.5-pro", "vtj", 2_097_152, 8_192, usd(1.25, 5)),
    chat("gemini-1.5-flash-8b", "vtj", M, 8_192, usd(0.0375, 0.15)),
    chat("gemini-1.5-flash", "vtj", M, 8_192, usd(0.075, 0.30)),
    chat("gemini-pro-vision", "v", 16_384, 2_048),
    chat("gemini-1.0-pro", "t", 32_768, 8_192),
    chat("gemini-pro-latest", "vtrj", M, OUT),
    chat("gemini-flash-lite-latest", "vtrj", M, OUT),
    chat("gemini-flash-latest", "vtrj", M, OUT),
    chat("gemini-pro", "t", 32_768, 8_192),
    *open_weights(
        chat("gemma-4*", "vtr"),
        chat("gemma4*", "vtr"),
        chat("gemma-3n*", "v", 32_768),
        chat("gemma3n*", "", 32_768),  # at Ollama it reads text only
        chat("gemma-3-1b", "", 32_768),
        chat("gemma3-1b", "", 32_768),
        chat("gemma3-270m", "", 32_768),
        chat("gemma-3", "v", 131_072),
        chat("gemma3", "v", 131_072),
        chat("gemma-2", "", 8_192),
        chat("gemma2", "", 8_192),
        chat("gemma", "", 8_192),
    ),
)
