"""Where conversations can come from: one module and one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from parley.importing.neutral import Around, Conversation
from parley.importing.sources import chatgpt, claude, open_webui, parley
from parley.lib.registry import Registry


@dataclass(frozen=True, slots=True)
class Source:
    """One service. `recognises` looks at one element of its JSON, `read` makes a conversation of it.

    `read` raises Unreadable; what surprises it in any other way counts as damaged.
    """

    name: str
    label: str
    recognises: Callable[[dict[str, Any]], bool]
    read: Callable[[dict[str, Any], Around], Conversation]


SOURCES: Registry[Source] = Registry("source of conversations")
SOURCES.add("parley", Source("parley", "Parley", parley.recognises, parley.read))
SOURCES.add("chatgpt", Source("chatgpt", "ChatGPT", chatgpt.recognises, chatgpt.read))
SOURCES.add("claude", Source("claude", "Claude", claude.recognises, claude.read))
SOURCES.add("open_webui", Source("open_webui", "Open WebUI", open_webui.recognises, open_webui.read))
