"""Names by which models that are not talked to are recognised, whoever serves them. Pure."""

from __future__ import annotations

from parley.catalogue.vendors.entry import of_kind

ENTRIES = (
    *of_kind("other", "*rerank*", "*moderation*", "*whisper*", "*transcri*", "*tts*", "*realtime*", "*asr*"),
    *of_kind(
        "other", "*-audio*", "*speech*", "*sora*", "*veo-*", "*video*", "*guard*", "*davinci*", "*babbage*"
    ),
    *of_kind("embedding", "*embed*", "*bge-*", "e5-*", "*-e5-*", "gte-*", "*minilm*"),
    *of_kind(
        "image", "*dall-e*", "*gpt-image*", "*imagen*", "*stable-diffusion*", "*sdxl*", "*flux*", "*image*"
    ),
)
