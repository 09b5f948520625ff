"""What a share shows: choices of its owner, and of a frozen one the turns as they were. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from parley.sharing.document import FileEntry, MessageEntry

MOST_MESSAGES = 2000  # of one share
LONGEST = 8_000_000  # bytes of its JSON
SHOWN_AT_ONCE = 50  # messages on one page
OPEN = frozenset({"queued", "running"})


class Snapshot(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`share.content`. `messages` is empty in a live share, whose turns are read when it is looked at."""

    reasoning: bool = False  # whether what the model thought is shown
    models: bool = False  # whether its name is
    files: bool = False  # whether attachments can be loaded; which ones says share_file
    messages: list[MessageEntry] = []

    def encoded(self) -> str:
        """As it is stored."""
        return msgspec.json.encode(self).decode()


def stored(content: str) -> Snapshot:
    """From `share.content`."""
    return msgspec.json.decode(content, type=Snapshot)


def shown(messages: Iterable[MessageEntry], choices: Snapshot, files: frozenset[str]) -> list[MessageEntry]:
    """The messages without what readers must not see.

    Answers that are still being written are left out, and so are empty ones. `files` are the ids of those
    that may be loaded; others are not even named.
    """
    return [
        MessageEntry(
            id=each.id,
            role=each.role,
            text=each.text,
            reasoning=each.reasoning if choices.reasoning else "",
            model_name=(each.answered_name or each.model_name) if choices.models else "",
            created_at=each.created_at,
            status="done" if each.status in OPEN else each.status,
            files=_shown(each.files, choices, files),
        )
        for each in messages
        if each.status not in OPEN and (each.text or each.files or each.role == "user")
    ]


def _shown(entries: list[FileEntry], choices: Snapshot, files: frozenset[str]) -> list[FileEntry]:
    if not choices.files:
        return []
    return [msgspec.structs.replace(each, path="") for each in entries if each.id in files]
