"""Parley's own documents and archives (sharing/document.py)."""

from __future__ import annotations

import json
from typing import Any

from parley.importing.neutral import (
    MOST_MODEL,
    MOST_PROMPT,
    Around,
    Conversation,
    Node,
    Picture,
    Unreadable,
    line,
    plain,
)
from parley.lib.errors import Invalid
from parley.sharing import document
from parley.sharing.document import FileEntry, MessageEntry


def recognises(element: dict[str, Any]) -> bool:
    """By the name of the format."""
    return element.get("format") == document.FORMAT


def read(element: dict[str, Any], around: Around) -> Conversation:
    """Ids mean something inside one file only; with the time of creation they hardly meet another's."""
    try:
        found = document.decode(json.dumps(element).encode("utf-8", "replace"))
    except Invalid as error:
        code = "newer" if error.code == "newer_version" else "damaged"
        raise Unreadable(code, line(element.get("title"))) from error
    conversation = Conversation(
        external=f"{found.id}@{found.created_at}",
        title=line(found.title),
        created=document.ms_of(found.created_at),
        updated=document.ms_of(found.updated_at),
        system_prompt=plain(found.system_prompt, MOST_PROMPT),
        pinned=found.pinned,
        archived=found.archived,
        leaf=found.leaf,
    )
    conversation.nodes = [_node(message, conversation, around) for message in found.messages]
    return conversation


def _node(message: MessageEntry, conversation: Conversation, around: Around) -> Node:
    return Node(
        id=message.id,
        parent=message.parent,
        role=message.role,
        text=plain(message.text),
        reasoning=plain(message.reasoning),
        model=line(message.answered_name or message.model_name or message.model, MOST_MODEL),
        created=document.ms_of(message.created_at),
        pictures=tuple(
            picture for file in message.files if (picture := _picture(file, conversation, around))
        ),
    )


def _picture(file: FileEntry, conversation: Conversation, around: Around) -> Picture | None:
    found = around.picture(file.path) if file.path and file.mime.startswith("image/") else None
    if found is None:
        conversation.notes["files"] += 1
    return found
