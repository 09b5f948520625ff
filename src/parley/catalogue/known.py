"""What is known about models by their names, as of November 2026. Pure.

The lines stand in `vendors/`, one file each. The first line that fits counts, so a file names special
models before their family. Nothing is guessed: what a vendor does not publish stays None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from parley.catalogue.vendors import anthropic, china, deepseek, google, openai, others, qwen, west
from parley.catalogue.vendors.entry import Entry
from parley.providers.base import Prices

# OpenRouter's variants of a model (openrouter.ai/docs/guides/routing/model-variants), Ollama's "latest".
_VARIANTS = frozenset(
    {"free", "extended", "nitro", "floor", "online", "exacto", "thinking", "beta", "latest", "cloud"}
)
# "us.anthropic.claude-…", "meta.llama3-…": Amazon Bedrock's names.
_HOSTS = re.compile(
    r"^(?:[a-z]{2,6}\.)?(?:anthropic|meta|mistral|amazon|cohere|deepseek|qwen|google|openai)\."
)
_ALL = (
    *openai.FIRST,
    *google.FIRST,
    *others.ENTRIES,
    *openai.ENTRIES,
    *anthropic.ENTRIES,
    *google.ENTRIES,
    *deepseek.ENTRIES,
    *qwen.ENTRIES,
    *china.ENTRIES,
    *west.ENTRIES,
)
_FREE = Prices(0, 0, 0)


@lru_cache(maxsize=16_384)
def known(raw_id: str) -> Entry | None:
    """The line of the table for an upstream's own model id, however a gateway writes it; None: unknown."""
    name = plain(raw_id)
    found = next((entry for fits, entry in _starting_with(name[:2]) if fits(name)), None)
    if found is None:
        return None
    if raw_id.endswith(":free"):
        return replace(found, prices=_FREE)
    elsewhere = found.open and any(sign in raw_id for sign in "/:")  # a gateway's id or Ollama's
    return replace(found, prices=None) if elsewhere else found


def plain(raw_id: str) -> str:
    """The name without vendor, gateway and variant: "openai/GPT-4o:free" is "gpt-4o".

    Dates stay: they follow a dash, and the table takes that for a variant of the same model.
    """
    name = raw_id.lower().strip().rsplit("/", 1)[-1].replace("@", "-").replace("_", "-")
    if name.startswith("ft:"):  # OpenAI's fine-tuned models: ft:gpt-4o-mini:somebody::id
        name = name.split(":")[1]
    name = _HOSTS.sub("", name)
    base, _colon, variant = name.partition(":")
    if variant and variant not in _VARIANTS and not variant.isdigit():
        base = f"{base}-{variant}"  # Ollama's tag is the size: qwen3:8b
    if base.startswith("claude"):
        base = base.replace(".", "-")  # gateways write claude-opus-4.1
    return base.removeprefix("meta-").replace("llama-", "llama")


Fits = Callable[[str], re.Match[str] | None]


def _fits(pattern: str) -> Fits:
    return re.compile(re.escape(pattern).replace(r"\*", ".*") + r"(?:-.*)?").fullmatch


_TABLE: tuple[tuple[Fits, Entry], ...] = tuple((_fits(entry.pattern), entry) for entry in _ALL)


@lru_cache(maxsize=2048)
def _starting_with(letters: str) -> tuple[tuple[Fits, Entry], ...]:
    """The lines that a name with these first letters can fit: a tenth of the table."""
    return tuple(
        (fits, entry) for fits, entry in _TABLE if "*" in entry.pattern[:2] or entry.pattern[:2] == letters
    )
