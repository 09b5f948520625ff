"""Real ids of real vendors and gateways, and what the table knows about them."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from parley.catalogue import known as table
from parley.catalogue.known import known, plain
from parley.providers.base import CAPABILITIES, Prices

# id -> kind, capabilities by letter, window, longest answer; a dash is unknown
MODELS = """
gpt-6-astra                                  chat vtrj 1050000 128000
openai/gpt-5.6-sol                           chat vtrj 1050000 128000
gpt-5.4-mini-2026-03-05                      chat vtrj 400000 128000
gpt-5.2                                      chat vtrj 400000 128000
gpt-5.2-chat-latest                          chat vtj 128000 16384
gpt-5-mini-2025-08-07                        chat vtrj 400000 128000
openai/gpt-5:online                          chat vtrj 400000 128000
gpt-5.9-anything                             chat vtrj - -
gpt-4.1-nano                                 chat vtj 1047576 32768
gpt-4o                                       chat vtj 128000 16384
gpt-4o-2024-05-13                            chat vtj 128000 4096
ft:gpt-4o-mini-2024-07-18:somebody::abc123   chat vtj 128000 16384
chatgpt-4o-latest                            chat vj 128000 16384
o3-mini-high                                 chat trj 200000 100000
o1-2024-12-17                                chat vtrj 200000 100000
gpt-4-1106-preview                           chat tj 128000 4096
gpt-4-0613                                   chat t 8192 8192
gpt-35-turbo                                 chat tj 16385 4096
gpt-3.5-turbo-instruct                       other - - -
openai/gpt-oss-120b:free                     chat trj 131072 -
gpt-oss:20b                                  chat trj 131072 -
gpt-4o-realtime-preview                      other - - -
gpt-4o-mini-tts                              other - - -
gpt-4o-transcribe                            other - - -
gpt-4o-audio-preview                         other - - -
whisper-1                                    other - - -
omni-moderation-latest                       other - - -
sora-2-pro                                   other - - -
gpt-image-1.5                                image i - -
dall-e-3                                     image i - -
text-embedding-3-small                       embedding - 8192 -
claude-opus-5-5                              chat vtrj 1000000 128000
claude-fable-5-2                             chat vtrj 1000000 128000
claude-opus-4-6                              chat vtrj 1000000 128000
claude-opus-4-5-20251101                     chat vtrj 200000 64000
anthropic/claude-sonnet-4.5                  chat vtrj 200000 64000
us.anthropic.claude-sonnet-4-5-20250929-v1:0 chat vtrj 200000 64000
claude-haiku-4-5@20251001                    chat vtrj 200000 64000
claude-opus-4-20250514                       chat vtr 200000 32000
anthropic/claude-3.7-sonnet:thinking         chat vtr 200000 64000
anthropic.claude-3-5-sonnet-20241022-v2:0    chat vt 200000 8192
claude-3-5-haiku-latest                      chat vt 200000 8192
claude-3-haiku-20240307                      chat vt 200000 4096
models/gemini-2.5-pro                        chat vtrj 1048576 65536
google/gemini-2.5-flash-lite                 chat vtrj 1048576 65536
gemini-4-argon                               chat vtrj 1048576 65536
gemini-3-pro-preview                         chat vtrj 1048576 65536
gemini-2.0-flash-001                         chat vtj 1048576 8192
gemini-1.5-pro-latest                        chat vtj 2097152 8192
gemini-2.5-flash-image                       chat vi 32768 32768
gemini-embedding-001                         embedding - 2048 -
gemini-2.5-flash-preview-tts                 other - - -
imagen-4.0-generate-001                      image i - -
google/gemma-3-27b-it                        chat v 131072 -
gemma3:1b                                    chat - 32768 -
deepseek-flash                               chat vtrj 1000000 384000
deepseek-chat                                chat tj 128000 8192
deepseek/deepseek-v3.2                       chat trj 128000 -
deepseek-ai/DeepSeek-R1-Distill-Qwen-32B     chat r 128000 -
Pro/deepseek-ai/DeepSeek-V3                  chat tj 128000 -
deepseek-r1:7b                               chat r 128000 -
qwen3-max-2026-01-23                         chat trj 262144 65536
qwen-plus-latest                             chat trj 1000000 32768
qwen3:8b                                     chat trj 32768 -
Qwen/Qwen3-235B-A22B-Instruct-2507           chat tj 262144 -
qwen/qwen3-next-80b-a3b-thinking             chat trj 262144 -
Qwen/Qwen2.5-VL-72B-Instruct                 chat v 128000 -
qwen2.5:14b-instruct-q4_K_M                  chat tj 32768 -
qwq-32b                                      chat tr 131072 -
text-embedding-v4                            embedding - - -
Qwen/Qwen3-Reranker-8B                       other - - -
qwen-image-plus                              image i - -
glm-5.3                                      chat trj 1000000 131072
z-ai/glm-4.6                                 chat trj 200000 131072
glm-4.5v                                     chat vtr 64000 16384
glm-4-flash                                  chat tj 128000 -
kimi-k3                                      chat vtrj 1048576 131072
moonshotai/kimi-k2-0905                      chat tj 262144 -
moonshotai/Kimi-K2-Instruct                  chat tj 131072 -
moonshot-v1-32k-vision-preview               chat vt 32768 -
moonshot-v1-8k                               chat tj 8192 -
MiniMax-M2.5                                 chat trj 204800 131072
Baichuan4-Turbo                              chat t 32768 -
doubao-seed-1-6-250615                       chat vtrj 256000 -
doubao-1-5-pro-32k-250115                    chat t 32768 -
yi-lightning                                 chat - 16384 -
grok-4.5                                     chat vtrj 500000 -
x-ai/grok-4-fast                             chat vtrj 2000000 -
grok-4-0709                                  chat vtrj 256000 -
mistral-large-latest                         chat vtj 256000 -
mistral-large-2411                           chat tj 128000 -
codestral-latest                             chat t 256000 -
mistral-embed                                embedding - 8192 -
meta-llama/Meta-Llama-3.1-70B-Instruct       chat t 131072 -
meta.llama3-1-70b-instruct-v1:0              chat t 131072 -
llama3.2-vision:11b                          chat v 131072 -
meta-llama/llama-4-maverick                  chat vt - -
llama-3.3-70b-versatile                      chat t 131072 -
meta-llama/Llama-Guard-4-12B                 other - - -
phi4-mini:3.8b                               chat t 131072 -
microsoft/phi-4                              chat - 16384 -
command-r-plus-08-2024                       chat t 128000 4000
amazon.nova-pro-v1:0                         chat vt 300000 10000
BAAI/bge-m3                                  embedding - 8192 -
nomic-embed-text:latest                      embedding - 8192 -
black-forest-labs/FLUX.1-schnell             image i - -
FunAudioLLM/SenseVoiceSmall                  other - - -
llava:13b                                    chat v - -
"""
LETTERS = {"v": "vision", "t": "tools", "r": "reasoning", "i": "image_output", "j": "json"}


@pytest.mark.parametrize("line", MODELS.strip().splitlines(), ids=lambda line: line.split()[0])
def test_a_model_is_known_by_the_names_people_meet(line: str) -> None:
    id, kind, able, window, output = line.split()
    found = known(id)
    assert found is not None
    assert found.kind == kind
    assert (found.capabilities or frozenset()) == {LETTERS[letter] for letter in able.strip("-")}
    assert (found.context_window, found.max_output) == (number(window), number(output))


def number(text: str) -> int | None:
    return None if text == "-" else int(text)


@pytest.mark.parametrize("id", ["somebodys-model", "", ":", "/", "my-finetune:latest", "🦊", "o5", "gpt-77"])
def test_what_nobody_knows_is_not_guessed(id: str) -> None:
    assert known(id) is None


@pytest.mark.parametrize(
    ("id", "input", "output", "cached"),
    [
        ("gpt-4o-mini", 150_000, 600_000, 75_000),
        ("gpt-5-nano", 50_000, 400_000, 5_000),
        ("claude-3-haiku-20240307", 250_000, 1_250_000, 30_000),
        ("text-embedding-3-small", 20_000, 0, None),
        ("command-r7b-12-2024", 37_500, 150_000, None),
    ],
)
def test_prices_are_millionths_of_a_dollar(id: str, input: int, output: int, cached: int | None) -> None:
    found = known(id)
    assert found is not None
    assert found.prices == Prices(input, output, cached)


def test_open_models_cost_what_their_host_says() -> None:
    for id in ("deepseek-ai/DeepSeek-V4-Pro", "deepseek-v4-pro:cloud", "z-ai/glm-4.6"):
        found = known(id)
        assert found is not None
        assert found.prices is None
    vendor, free = known("glm-4.6"), known("z-ai/glm-4.6:free")
    assert vendor is not None
    assert vendor.prices is not None
    assert free is not None
    assert free.prices == Prices(0, 0, 0)


def test_every_line_is_sound_and_can_be_reached() -> None:
    entries = table._ALL
    assert [pattern for pattern, n in Counter(entry.pattern for entry in entries).items() if n > 1] == []
    for entry in entries:
        assert entry.pattern == entry.pattern.lower()
        assert (entry.capabilities or frozenset()) <= set(CAPABILITIES)
        window, output = entry.context_window, entry.max_output
        assert window is None or output is None or output <= window, entry.pattern
        assert known(entry.pattern.replace("*", "")) is not None, entry.pattern
    hidden = [
        entry.pattern for entry in entries if "*" not in entry.pattern and first(entry.pattern) != entry
    ]
    assert hidden == [], "an earlier line fits them all"


def first(pattern: str) -> object:
    name = plain(pattern)
    return next((entry for fits, entry in table._TABLE if fits(name)), None)


def test_a_long_list_is_looked_up_quickly() -> None:
    names = [f"{prefix}-unseen-{n}" for n in range(250) for prefix in ("gpt-5", "qwen3", "x", "claude")]
    started = time.process_time()
    for name in names:
        known(name)
    assert time.process_time() - started < 1.0  # 30 ms for a thousand new names; the machine may be busy
