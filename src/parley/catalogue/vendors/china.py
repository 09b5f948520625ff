"""Zhipu GLM, Moonshot Kimi, MiniMax, Baichuan, Doubao, Hunyuan, StepFun, Yi and Ernie. Pure.

As known in November 2026, partly from pages that quote the vendor: docs.z.ai (GLM; dollars),
platform.kimi.ai/docs/models (Kimi), platform.minimax.io/docs (MiniMax), volcengine.com/docs/82379 (Doubao
Seed). The other vendors' models as they were published when they came. Who bills in yuan has no prices
here.
"""

from __future__ import annotations

from parley.catalogue.vendors.entry import Entry, chat, open_weights, usd

GLM = open_weights(
    chat("glm-5v*", "vtrj"),
    chat("glm-5.3", "trj", 1_000_000, 131_072, usd(1.40, 4.40, 0.26)),
    chat("glm-5.2", "trj", 1_000_000, 131_072, usd(1.40, 4.40, 0.26)),
    chat("glm-5.1", "trj", 200_000, 131_072, usd(1.40, 4.40, 0.26)),
    chat("glm-5-turbo", "trj", 200_000, 131_072),
    chat("glm-5", "trj", 200_000, 131_072, usd(1, 3.20, 0.20)),
    chat("glm-5.*", "trj"),
    chat("glm-4.7-flash*", "trj", 200_000, 131_072),
    chat("glm-4.7", "trj", 200_000, 131_072, usd(0.60, 2.20, 0.11)),
    chat("glm-4.6v*", "vtrj", 128_000, 32_768),
    chat("glm-4.6", "trj", 200_000, 131_072, usd(0.60, 2.20, 0.11)),
    chat("glm-4.5v", "vtr", 64_000, 16_384, usd(0.60, 1.80, 0.11)),
    chat("glm-4.5-air", "trj", 128_000, 98_304, usd(0.20, 1.10, 0.03)),
    chat("glm-4.5*", "trj", 128_000, 98_304, usd(0.60, 2.20, 0.11)),
    chat("glm-4.1v*", "vr", 64_000, 16_384),
    chat("glm-4v*", "v"),
    chat("glm-4-long", "t", 1_000_000, 4_095),
    chat("glm-4*", "tj", 128_000),
    chat("glm-z1*", "r", 32_768),
    chat("glm-3-turbo", "t", 128_000),
    chat("chatglm*", "", 8_192),
)
KIMI = (
    *open_weights(
        chat("kimi-k3*", "vtrj", 1_048_576, 131_072, usd(3, 15, 0.30)),
        chat("kimi-k2.7*", "vtrj", 262_144),
        chat("kimi-k2.6*", "vtrj", 262_144),
        chat("kimi-k2.5*", "vtrj", 262_144, None, usd(0.60, 3, 0.10)),
        chat("kimi-k2-5", "vtrj", 262_144),
        chat("kimi-k2-thinking", "trj", 262_144),
        chat("kimi-k2-turbo", "tj", 262_144),
        chat("kimi-k2-0905", "tj", 262_144),
        chat("kimi-k2-*-0905", "tj", 262_144),
        chat("kimi-k2*", "tj", 131_072),
        chat("kimi-vl*", "v", 131_072),
    ),
    chat("kimi-for-coding", "trj", 262_144),
    chat("kimi-latest", "vtj", 131_072),
    chat("kimi-thinking-preview", "vr", 131_072),
    chat("moonshot-v1-8k-vision", "vt", 8_192),
    chat("moonshot-v1-32k-vision", "vt", 32_768),
    chat("moonshot-v1-128k-vision", "vt", 131_072),
    chat("moonshot-v1-8k", "tj", 8_192),
    chat("moonshot-v1-32k", "tj", 32_768),
    chat("moonshot-v1*", "tj", 131_072),
)
MINIMAX = open_weights(
    chat("minimax-m3", "vtrj", 500_000),
    chat("minimax-m2*", "trj", 204_800, 131_072, usd(0.30, 1.20, 0.03)),
    chat("minimax-m1*", "tr", 1_000_000),
    chat("minimax-text-01", "t", 1_000_000),
    chat("abab6.5s", "t", 245_760),
)
BAICHUAN = (
    chat("baichuan-m*", "r", 32_768),
    chat("baichuan4*", "t", 32_768),
    chat("baichuan3-turbo-128k", "t", 131_072),
    chat("baichuan3-turbo", "t", 32_768),
    chat("baichuan2-turbo-192k", "", 196_608),
    chat("baichuan2-turbo", "", 32_768),
)
DOUBAO = (
    chat("doubao-seed-code*", "vtrj", 256_000),
    chat("doubao-seed*", "vtrj", 256_000),
    chat("doubao*vision*32k", "v", 32_768),
    chat("doubao*vision*", "v", 128_000),
    chat("doubao*thinking*", "tr", 128_000),
    chat("doubao*-256k", "t", 256_000),
    chat("doubao*-128k", "t", 128_000),
    chat("doubao*-32k", "t", 32_768),
    chat("doubao*-4k", "t", 4_096),
)
FURTHER = (
    chat("hunyuan*vision*", "v"),
    chat("hunyuan-t1*", "tr"),
    chat("hunyuan-turbo*", "t"),
    chat("hunyuan*256k", "t", 256_000),
    chat("step-3.5-flash", "trj", 256_000),
    chat("step-3", "vtr", 65_536),
    chat("step-r1-v*", "vr"),
    chat("step-1v*", "v"),
    chat("step-1o*", "v"),
    chat("step-*-8k", "t", 8_192),
    chat("step-*-16k", "t", 16_384),
    chat("step-*-32k", "t", 32_768),
    chat("step-*-128k", "t", 131_072),
    chat("step-*-256k", "t", 262_144),
    chat("yi-vision*", "v", 16_384),
    chat("yi-vl*", "v"),
    chat("yi-lightning", "", 16_384),
    chat("yi-large*", "t", 32_768),
    chat("yi-*-200k", "", 200_000),
    chat("yi-*-16k", "", 16_384),
    chat("ernie-x1*", "tr"),
    chat("ernie-5*", "vtr"),
    chat("ernie-4.5*vl*", "v"),
    chat("ernie-4.5*", "t"),
)

ENTRIES: tuple[Entry, ...] = (*GLM, *KIMI, *MINIMAX, *BAICHUAN, *DOUBAO, *FURTHER)
