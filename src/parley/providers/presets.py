"""Services people ask for by name: an address, where the key comes from, and what is odd about them."""

from __future__ import annotations

from dataclasses import dataclass

from parley.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class Preset:
    """A filled-in form. `name` may stand where a connection's provider is named."""

    name: str
    label: str
    kind: str  # a name in base.REGISTRY
    base_url: str
    key_hint: str = ""
    docs: str = ""  # the vendor's page about keys
    quirks: frozenset[str] = frozenset()  # see providers/openai.py


PRESETS: Registry[Preset] = Registry("preset")
