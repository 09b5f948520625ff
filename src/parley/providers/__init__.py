"""Upstream protocols, one per file. Importing this package fills `base.REGISTRY`."""

from parley.providers import demo, openai

__all__ = ["demo", "openai"]
