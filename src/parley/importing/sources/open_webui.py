"""Open WebUI's export of chats (docs.openwebui.com/features/chat-conversations/data-controls/import-export).

A list of rows `{"id", "title", "chat": {…}, "created_at", "updated_at", "archived", "pinned"}`, or what is in
`chat` alone. `chat.history.messages` is a tree by `parentId`, `currentId` its chosen leaf; old chats have
only the list `chat.messages`. Times were seconds, milliseconds and nanoseconds over the years. Reasoning and
calls of tools stand in the text as `<details type="reasoning">`; pictures are data URLs, or addresses on the
server they came from, which are not in the file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
from functools import partial
from itertools import islice
from typing import Any

from parley.importing.neutral import (
    MOST_FILES,
    MOST_MODEL,
    MOST_PROMPT,
    Around,
    Attachment,
    Conversation,
    Node,
    Unreadable,
    items_of,
    latest,
    line,
    ms_of,
    object_of,
    plain,
    written_file,
)

_OPENING, _CLOSING = '<details type="', "</details>"
_SUMMARY = re.compile("<summary>[^<]{0,500}</summary>")
# No second bracket inside the first: a text of "![![![" would be looked through 200 times.
_INLINE = re.compile(r"!\[[^\[\]\n]{0,200}\]\((data:image/[a-z+.-]{1,20};base64,[A-Za-z0-9+/=]+)\)")
_QUOTED = re.compile("^&gt; ?|^> ?", re.MULTILINE)


def recognises(element: dict[str, Any]) -> bool:
    """A row of the export, or a chat alone."""
    chat = object_of(element.get("chat")) or element
    history = object_of(chat.get("history"))
    return isinstance(history.get("messages"), dict) or (
        "models" in chat and isinstance(chat.get("messages"), list)
    )


def read(element: dict[str, Any], around: Around) -> Conversation:
    """One conversation; raises Unreadable."""
    chat = object_of(element.get("chat")) or element
    title = line(element.get("title") or chat.get("title"))
    history = object_of(chat.get("history"))
    messages = {str(id): object_of(each) for id, each in object_of(history.get("messages")).items()}
    if not messages:
        messages = _chained(items_of(chat.get("messages")))
    if not messages:
        raise Unreadable("empty", title)
    conversation = Conversation(
        external=line(element.get("id") or chat.get("id"), 128) or _fingerprint(messages),
        title=title,
        created=ms_of(element.get("created_at") or chat.get("timestamp")),
        updated=ms_of(element.get("updated_at")),
        system_prompt=plain(object_of(chat.get("params")).get("system") or chat.get("system"), MOST_PROMPT),
        pinned=bool(element.get("pinned")),
        archived=bool(element.get("archived")),
    )
    for id, message in messages.items():
        conversation.nodes.append(_node(conversation, id, message))
    current = history.get("currentId")
    conversation.leaf = current if current in messages else latest(conversation.nodes)
    return conversation


def _chained(messages: list[Any]) -> dict[str, dict[str, Any]]:
    """A list as the tree that it is."""
    chained: dict[str, dict[str, Any]] = {}
    before: str | None = None
    for place, message in enumerate(map(object_of, messages)):
        id = str(message.get("id") or f"message-{place}")
        chained[id] = {**message, "parentId": before}
        before = id
    return chained


def _fingerprint(messages: dict[str, dict[str, Any]]) -> str:
    """An id for a chat that has none: converters leave it out."""
    first = next(iter(messages))
    said = f"{first}\0{messages[first].get('timestamp')}\0{messages[first].get('content')}"
    return f"first-{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}"


def _node(conversation: Conversation, id: str, message: dict[str, Any]) -> Node:
    parent = message.get("parentId")
    above = str(parent) if parent else None
    role = message.get("role")
    if role == "system":
        conversation.system_prompt = conversation.system_prompt or plain(message.get("content"), MOST_PROMPT)
        return Node(id, above)
    if role not in ("user", "assistant"):
        conversation.notes["roles"] += 1
        return Node(id, above)
    reader = _Reader(conversation, message)
    return Node(
        id,
        above,
        role=role,
        text=plain(reader.text),
        reasoning=plain("\n\n".join(reader.reasoning)),
        model=line(message.get("modelName") or message.get("model"), MOST_MODEL) if role != "user" else "",
        created=ms_of(message.get("timestamp")),
        files=tuple(reader.files),
    )


class _Reader:
    """One message and what it adds to the notes."""

    def __init__(self, conversation: Conversation, message: dict[str, Any]) -> None:
        self.notes = conversation.notes
        self.reasoning: list[str] = []
        self.files: list[Attachment] = []
        parts = self._content(message.get("content"))
        for file in map(object_of, items_of(message.get("files"))):
            self._add_file(file)
        self.text = "\n\n".join(part for part in parts if part.strip())

    def _content(self, content: Any) -> list[str]:
        if isinstance(content, str):
            return [self._without_pictures(self._without_details(content))]
        texts = []
        for part in map(object_of, items_of(content)):
            if part.get("type") == "image_url":
                self._add_picture(object_of(part.get("image_url")).get("url"))
            elif isinstance(part.get("text"), str):
                texts.append(self._without_details(part["text"]))
        return texts

    def _add_file(self, file: dict[str, Any]) -> None:
        inner = object_of(file.get("file"))
        if file.get("type") == "image" or str(file.get("content_type") or "").startswith("image/"):
            self._add_picture(file.get("url"))
            return
        text = plain(object_of(inner.get("data")).get("content") or file.get("content"))
        name = line(file.get("name") or inner.get("filename")) or "file.txt"
        if text.strip():
            self.files.append(written_file(name, text))
        else:
            self.notes["files"] += 1

    def _without_details(self, text: str) -> str:
        """The text without its folded parts: reasoning goes where it belongs, calls of tools go away."""
        kept: list[str] = []
        at = 0
        while (start := text.find(_OPENING, at)) >= 0 and (end := text.find(_CLOSING, start)) >= 0:
            kept.append(text[at:start])
            kind, _sep, rest = text[start + len(_OPENING) : end].partition('"')
            body = _SUMMARY.sub("", rest.partition(">")[2], count=1)
            if kind == "reasoning":
                self.reasoning.append(html.unescape(_QUOTED.sub("", body.strip())))
            elif kind in ("tool_calls", "code_interpreter"):
                self.notes["tools"] += 1
            else:
                kept.append(text[start : end + len(_CLOSING)])
            at = end + len(_CLOSING)
        kept.append(text[at:])
        return "".join(kept).strip("\n")

    def _without_pictures(self, text: str) -> str:
        """Pictures that models wrote into their text."""
        for found in islice(_INLINE.finditer(text), MOST_FILES):
            self._add_picture(found[1])
        text, number = _INLINE.subn("", text)
        self.notes["pictures"] += max(0, number - MOST_FILES)
        return text

    def _add_picture(self, url: Any) -> None:
        if isinstance(url, str) and url.startswith("data:image/") and ";base64," in url[:100]:
            self.files.append(Attachment(partial(_decoded, url)))
        else:
            self.notes["pictures"] += 1


def _decoded(url: str) -> bytes:
    """The bytes in a data URL; raises OSError."""
    try:
        return base64.b64decode(url.partition(";base64,")[2])
    except (binascii.Error, ValueError) as error:
        raise OSError("not base64") from error
