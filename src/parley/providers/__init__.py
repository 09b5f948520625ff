"""Upstream protocols, one per file. Importing this package fills `base.REGISTRY`."""

from parley.providers import anthropic, azure, demo, gemini, ollama, openai, openai_responses

__all__ = ["anthropic", "azure", "demo", "gemini", "ollama", "openai", "openai_responses"]
