"""ChatGPT's data export (Settings, Data controls, Export data).

OpenAI documents no format (help.openai.com/en/articles/7260999 says only how to get one); what is relied on
was compared between independent readers: mohamed-chs/convoviz docs/dev/chatgpt-spec.md (February 2026),
LibreChat's importer, and exports of 2026. `conversations.json`, or since early 2026 `conversations-000.json`
and so on, is a list of conversations; `mapping` is a tree of nodes in which `parent` is always there and
`children` is not (exports of July 2026 leave it out). Times are seconds. Files lie beside as
`file-ID-name.png`, `file_ID.dat`, in folders or not; pointers to them are `file-service://file-ID` and
`sediment://file_ID`. Steps of tools are messages of their own, as is reasoning (`thoughts`).
"""

from __future__ import annotations

import json
import re
from typing import Any

from parley.importing.neutral import (
    MOST_MODEL,
    Around,
    Attachment,
    Conversation,
    Node,
    Unreadable,
    fenced,
    items_of,
    latest,
    line,
    ms_of,
    object_of,
    plain,
)

# Markers of citations in characters for private use, and those of older exports: 【12†source】
_MARKERS = re.compile(
    "\ue200[^\ue200\ue201]{0,2000}\ue201|[\ue200-\ue206]|【\\d{1,4}(?::\\d{1,4})?†[^】]{0,200}】"
)
_SILENT = {"reasoning_recap", "user_editable_context", "model_editable_context"}
_TO_ALL = ("all", "", None)


def recognises(element: dict[str, Any]) -> bool:
    """A tree of nodes. DeepSeek writes one too, with other messages in it and no `current_node`."""
    return isinstance(element.get("mapping"), dict) and "inserted_at" not in element


def read(element: dict[str, Any], around: Around) -> Conversation:
    """One conversation; raises Unreadable."""
    external = line(element.get("conversation_id") or element.get("id"), 128)
    title = line(element.get("title"))
    if not external:
        raise Unreadable("no_id", title)
    conversation = Conversation(
        external=external,
        title=title,
        created=ms_of(element.get("create_time")),
        updated=ms_of(element.get("update_time")),
        pinned=bool(element.get("is_starred") or element.get("pinned_time")),
        archived=bool(element.get("is_archived")),
    )
    nodes = {id: object_of(node) for id, node in element["mapping"].items()}
    parents = {child: id for id, node in nodes.items() for child in map(str, items_of(node.get("children")))}
    for id, node in nodes.items():
        parent = node.get("parent") or parents.get(id)
        reader = _Reader(conversation, around, object_of(node.get("message")))
        conversation.nodes.append(reader.node(id, str(parent) if parent else None))
    current = element.get("current_node")
    conversation.leaf = (
        current if isinstance(current, str) and current in nodes else latest(conversation.nodes)
    )
    return conversation


class _Reader:
    """One message and what it adds to the notes."""

    def __init__(self, conversation: Conversation, around: Around, message: dict[str, Any]) -> None:
        self.notes = conversation.notes
        self.around = around
        self.message = message
        self.content = object_of(message.get("content"))
        self.metadata = object_of(message.get("metadata"))
        self.text = ""
        self.reasoning = ""
        self.files: list[Attachment] = []

    def node(self, id: str, parent: str | None) -> Node:
        """The node of the tree; one without a role where nothing of it is shown."""
        role = str(object_of(self.message.get("author")).get("role") or "")
        if role in ("", "system") or self.metadata.get("is_visually_hidden_from_conversation"):
            return Node(id, parent)
        if role not in ("user", "assistant", "tool"):
            self.notes["roles"] += 1
            return Node(id, parent)
        self._read_content(role)
        if role == "user":
            self._read_attachments()
        return Node(
            id,
            parent,
            role="user" if role == "user" else "assistant",
            text=self.text,
            reasoning=self.reasoning,
            model=line(self.metadata.get("model_slug"), MOST_MODEL) if role == "assistant" else "",
            created=ms_of(self.message.get("create_time")),
            files=tuple(self.files),
        )

    def _read_content(self, role: str) -> None:
        kind = self.content.get("content_type")
        if kind in _SILENT:
            return
        if kind == "thoughts":
            self.reasoning = plain("\n\n".join(map(_thought, items_of(self.content.get("thoughts")))))
        elif role == "tool":
            self._read_tool(kind)
        elif kind == "code" or (role == "assistant" and self.message.get("recipient") not in _TO_ALL):
            self._read_call()
        else:
            self._read_parts()

    def _read_parts(self) -> None:
        parts = items_of(self.content.get("parts")) or [self.content.get("text")]
        texts = [text for part in parts if (text := self._part(part))]
        self.text = self._without_markers(plain("\n\n".join(texts)))

    def _part(self, part: Any) -> str:
        if isinstance(part, str):
            return part
        part = object_of(part)
        kind = str(part.get("content_type") or "")
        if kind == "image_asset_pointer":
            self._add_picture(part.get("asset_pointer"))
        elif isinstance(part.get("text"), str):  # what was said aloud, for one
            return str(part["text"])
        elif "audio" in kind or "video" in kind:
            self.notes["media"] += 1
        return ""

    def _read_tool(self, kind: Any) -> None:
        """Of tools: the pictures they made, and what a program said."""
        if kind == "execution_output":
            self.text = fenced(plain(self.content.get("text"))) if self.content.get("text") else ""
            made = items_of(object_of(self.metadata.get("aggregate_result")).get("messages"))
            for each in map(object_of, made):
                if each.get("image_url"):
                    self._add_picture(each["image_url"])
            return
        before = len(self.files)
        for part in map(object_of, items_of(self.content.get("parts"))):
            if part.get("content_type") == "image_asset_pointer":
                self._add_picture(part.get("asset_pointer"))
        if len(self.files) == before:
            self.notes["tools"] += 1

    def _read_call(self) -> None:
        """What the model sent to a tool: programs and canvas documents are kept, queries are not."""
        recipient = str(self.message.get("recipient") or "")
        sent = self.content.get("text") or "\n".join(filter(_is_text, items_of(self.content.get("parts"))))
        if recipient.startswith("canmore.create"):
            self.text = _document(plain(sent))
        elif recipient in ("python", "all", "") and sent:
            language = line(self.content.get("language"), 20)
            self.text = fenced(plain(sent), "python" if recipient == "python" else _language(language))
        else:
            self.notes["tools"] += 1

    def _read_attachments(self) -> None:
        shown = json.dumps(items_of(self.content.get("parts")), default=str)
        for each in map(object_of, items_of(self.metadata.get("attachments"))):
            id, mime = str(each.get("id") or ""), str(each.get("mime_type") or each.get("mimeType") or "")
            if not id or id in shown:
                continue
            if mime.startswith("image/"):
                self._add_picture(id)
                continue
            found = self.around.file(id, line(each.get("name")) or id)
            if found is None:
                self.notes["files"] += 1
            else:
                self.files.append(found)

    def _add_picture(self, pointer: Any) -> None:
        found = self.around.picture(pointer) if isinstance(pointer, str) else None
        if found is None:
            self.notes["pictures"] += 1
        else:
            self.files.append(found)

    def _without_markers(self, text: str) -> str:
        """Citations as links where the export knows them, gone where it does not."""
        if "\ue200" in text:
            for each in map(object_of, items_of(self.metadata.get("content_references"))[:200]):
                matched, alt = each.get("matched_text"), each.get("alt")
                if isinstance(matched, str) and "\ue200" in matched:
                    text = text.replace(matched, alt if isinstance(alt, str) else "")
        return _MARKERS.sub("", text)


def _thought(value: Any) -> str:
    thought = object_of(value)
    summary, content = line(thought.get("summary")), plain(thought.get("content"))
    return "\n\n".join(filter(None, [f"**{summary}**" if summary else "", content]))


def _document(sent: str) -> str:
    """A canvas document: JSON with its name, type and content."""
    try:
        made = object_of(json.loads(sent))
    except (ValueError, RecursionError):
        return fenced(sent)
    content = plain(made.get("content"))
    kind = line(made.get("type"), 40)
    name = line(made.get("name"))
    body = fenced(content, _language(kind.removeprefix("code/"))) if kind.startswith("code") else content
    return f"**{name}**\n\n{body}" if name else body


def _language(name: str) -> str:
    return name if name.isalnum() and name not in ("unknown", "json") else ""


def _is_text(part: Any) -> bool:
    return isinstance(part, str)
