"""xAI, Mistral, Meta, Microsoft, Cohere, Amazon and further open models. Pure.

As known in November 2026, partly from pages that quote the vendor: docs.x.ai/developers/models (up to
200,000 tokens of input) and docs.mistral.ai's model cards. The other vendors' models as they were published
when they came (llama.com/docs, docs.cohere.com, aws.amazon.com/bedrock/pricing, model cards). Llama 4 was
made for 1 and 10 million tokens; hosts offer so much less that its window is left open.
"""

from __future__ import annotations

from parley.catalogue.vendors.entry import Entry, chat, open_weights, usd

GROK = (
    chat("grok-4.5", "vtrj", 500_000, None, usd(2, 6, 0.50)),
    chat("grok-4.3", "vtrj", 1_000_000, None, usd(1.25, 2.50, 0.20)),
    chat("grok-4.1-fast", "vtrj", 2_000_000, None, usd(0.20, 0.50, 0.05)),
    chat("grok-4-1-fast", "vtrj", 2_000_000, None, usd(0.20, 0.50, 0.05)),
    chat("grok-4-fast", "vtrj", 2_000_000, None, usd(0.20, 0.50, 0.05)),
    chat("grok-4.*", "vtrj"),
    chat("grok-4", "vtrj", 256_000, None, usd(3, 15, 0.75)),
    chat("grok-code-fast", "trj", 256_000, None, usd(0.20, 1.50, 0.02)),
    chat("grok-3-mini", "trj", 131_072, None, usd(0.30, 0.50, 0.075)),
    chat("grok-3", "tj", 131_072, None, usd(3, 15, 0.75)),
    chat("grok-2-vision", "vt", 32_768, None, usd(2, 10)),
    chat("grok-2", "t", 131_072, None, usd(2, 10)),
)
MISTRAL = (
    chat("mistral-medium-3.5", "vtrj", 256_000, None, usd(1.50, 7.50)),
    chat("mistral-medium-3-5", "vtrj", 256_000, None, usd(1.50, 7.50)),
    chat("mistral-medium-2508", "vtj", 128_000, None, usd(0.40, 2)),
    chat("mistral-medium-2505", "vtj", 128_000, None, usd(0.40, 2)),
    chat("mistral-medium*", "vtj", 128_000),
    chat("magistral-medium", "vtrj", 128_000, None, usd(2, 5)),
    chat("codestral", "t", 256_000, None, usd(0.30, 0.90)),
    *open_weights(
        chat("mistral-large-3*", "vtj", 256_000, None, usd(0.50, 1.50)),
        chat("mistral-large-2512", "vtj", 256_000, None, usd(0.50, 1.50)),
        chat("mistral-large-latest", "vtj", 256_000, None, usd(0.50, 1.50)),
        chat("mistral-large*", "tj", 128_000, None, usd(2, 6)),
        chat("mistral-small*", "vtj", 128_000),
        chat("magistral-small", "vtr", 128_000, None, usd(0.50, 1.50)),
        chat("magistral*", "r", 40_000),
        chat("ministral-3*", "vtj", 256_000),
        chat("ministral*2512", "vtj", 256_000),
        chat("ministral*", "tj", 128_000),
        chat("devstral-2512", "t", 256_000, None, usd(0.40, 2)),
        chat("devstral-2*", "t", 256_000),
        chat("devstral*", "t", 128_000),
        chat("pixtral-large", "vt", 128_000, None, usd(2, 6)),
        chat("pixtral*", "vt", 128_000),
        chat("open-mistral-nemo", "t", 128_000, None, usd(0.15, 0.15)),
        chat("mistral-nemo*", "t", 128_000),
        chat("*mixtral-8x22b", "t", 65_536),
        chat("*mixtral*", "", 32_768),
        chat("*mistral-7b", "", 32_768),
        chat("mistral", "", 32_768),
    ),
)
# `known.plain` writes llama-3.1 as llama3.1; Bedrock has llama3-1.
LLAMA = open_weights(
    chat("llama4*", "vt"),
    chat("llama3.3*", "t", 131_072),
    chat("llama3-3-*", "t", 131_072),
    chat("llama3.2*vision*", "v", 131_072),
    chat("llama3.2-11b*", "v", 131_072),
    chat("llama3.2-90b*", "v", 131_072),
    chat("llama3-2-11b*", "v", 131_072),
    chat("llama3-2-90b*", "v", 131_072),
    chat("llama3.2*", "t", 131_072),
    chat("llama3-2-*", "t", 131_072),
    chat("llama3.1*", "t", 131_072),
    chat("llama3-1-*", "t", 131_072),
    chat("llama3*", "", 8_192),
    chat("llama2*", "", 4_096),
    chat("codellama*", "", 16_384),
)
FURTHER = (
    *open_weights(
        chat("phi*4-multimodal*", "v", 131_072),
        chat("phi*4-mini-reasoning", "r", 131_072),
        chat("phi*4*reasoning*", "r", 32_768),
        chat("phi*4-mini*", "t", 131_072),
        chat("phi-4", "", 16_384),
        chat("phi4", "", 16_384),
        chat("phi*3*vision*", "v", 131_072),
        chat("phi*3.5*", "", 131_072),
        chat("phi-3-*-128k*", "", 131_072),
        chat("phi*3*", "", 4_096),
        chat("llava*", "v"),
        chat("bakllava*", "v"),
        chat("minicpm*-v*", "v"),
        chat("moondream*", "v"),
        chat("internvl*", "v"),
    ),
    chat("command-a-reasoning", "tr", 256_000, 32_000),
    chat("command-a-vision", "v", 128_000, 8_000),
    chat("command-a*", "t", 256_000, 8_000, usd(2.50, 10)),
    chat("command-r-plus", "t", 128_000, 4_000, usd(2.50, 10)),
    chat("command-r7b", "t", 128_000, 4_000, usd(0.0375, 0.15)),
    chat("command-r", "t", 128_000, 4_000, usd(0.15, 0.60)),
    chat("nova-premier", "vt", 1_000_000, 10_000, usd(2.50, 12.50)),
    chat("nova-pro", "vt", 300_000, 10_000, usd(0.80, 3.20)),
    chat("nova-lite", "vt", 300_000, 10_000, usd(0.06, 0.24)),
    chat("nova-micro", "t", 128_000, 10_000, usd(0.035, 0.14)),
)

ENTRIES: tuple[Entry, ...] = (*GROK, *MISTRAL, *LLAMA, *FURTHER)
