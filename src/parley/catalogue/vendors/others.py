"""Names by which models that are not talked to are recognised, whoever serves them. Pure."""

from __future__ import annotations

from parley.catalogue.vendors.entry import embedding, of_kind

ENTRIES = (
    embedding("mistral-embed", 8_192, 0.10),
    embedding("*bge-m3", 8_192),
    embedding("*bge-large*", 512),
    embedding("*nomic-embed-text*", 8_192),
    embedding("gemini-embedding*", 2_048),
    *of_kind("other", "*rerank*", "*moderation*", "*reward*", "*guard*", "mistral-ocr*", "aqa"),
    *of_kind("other", "*whisper*", "*transcri*", "*tts*", "*-asr*", "*realtime*", "*-audio*", "*speech*"),
    *of_kind("other", "*voice*", "*paraformer*", "gemini*-live*", "*lyria*", "*music*"),
    *of_kind("other", "sora*", "*veo-*", "*video*", "wan2*t2v*", "wan2*i2v*", "*seedance*", "*kling*"),
    *of_kind("other", "*davinci*", "*babbage*"),
    *of_kind("embedding", "*embed*", "*bge-*", "e5-*", "*-e5-*", "*gte-*", "*minilm*", "jina-clip*"),
    *of_kind("image", "*dall-e*", "*imagen-*", "*stable-diffusion*", "*sdxl*", "*flux*", "*image*"),
    *of_kind("image", "wanx*", "cogview*", "*kolors*", "*seedream*", "*hidream*", "*recraft*", "*ideogram*"),
)
