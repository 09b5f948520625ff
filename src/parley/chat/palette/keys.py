"""The keys that work on our pages. static/js/features/shortcuts.js makes them work. Pure."""

from __future__ import annotations

from parley.web.i18n import N_

Key = tuple[str, str]  # "Ctrl Shift O" (on a Mac the page writes ⌘ for Ctrl), what it does

EVERYWHERE: tuple[Key, ...] = (
    ("Ctrl K", N_("Find or do anything")),
    ("Ctrl Shift O", N_("New chat")),
    ("Ctrl Shift F", N_("Search all chats")),
    ("Ctrl B", N_("Show or hide the sidebar")),
    ("Ctrl /", N_("This list of keys")),
    ("?", N_("This list of keys, outside of text fields")),
    ("Esc", N_("Close what is on top, else stop the answer")),
)
CHAT: tuple[Key, ...] = (
    ("Enter", N_("Send; while an answer runs, send after it")),
    ("Shift Enter", N_("New line")),
    ("↑", N_("In the empty message box: edit my last message")),
    ("Alt ↑", N_("Previous message")),
    ("Alt ↓", N_("Next message")),
    ("End", N_("Go to the latest")),
    ("Ctrl Shift C", N_("Copy the last answer")),
)


def keys(enter: str) -> tuple[tuple[str, tuple[Key, ...]], ...]:
    """All keys under their headings; `enter` is "ctrl" for whoever sends with Ctrl+Enter."""
    chat = CHAT if enter != "ctrl" else ((("Ctrl Enter"), CHAT[0][1]), ("Enter", CHAT[1][1]), *CHAT[2:])
    return ((N_("Everywhere"), EVERYWHERE), (N_("In a chat"), chat))
