"""Claude's data export (Settings, Privacy, Export data: support.claude.com/en/articles/9450526).

A ZIP with `conversations.json`, `users.json` and `projects.json`; Anthropic documents no format. Compared
between independent readers (LibreChat, Polylogue, mirage and others, 2025 and 2026): a conversation has
`uuid`, `name` and `chat_messages`. `text` of a message is often empty or holds placeholders, `content` has
the blocks (text, thinking, tool_use, tool_result, token_budget). `parent_message_uuid` makes a tree whose
roots name 00000000-0000-4000-8000-000000000000; older exports have none and are lists. One question in ten
has no text at all: a long paste is an attachment without a name and with `extracted_content`; of documents
there is the extracted text. Pictures and other files are only named.
"""

from __future__ import annotations

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
    written_file,
)

NO_PARENT = "00000000-0000-4000-8000-000000000000"
ROLES = {"human": "user", "assistant": "assistant"}
# The languages of artifacts that are code; the others are documents in Markdown, SVG or HTML.
ARTIFACTS = {
    "text/html": "html",
    "image/svg+xml": "svg",
    "application/vnd.ant.react": "jsx",
    "application/vnd.ant.mermaid": "mermaid",
}


def recognises(element: dict[str, Any]) -> bool:
    """A list of messages under this name."""
    return isinstance(element.get("chat_messages"), list)


def read(element: dict[str, Any], around: Around) -> Conversation:
    """One conversation; raises Unreadable."""
    title = line(element.get("name"))
    external = line(element.get("uuid"), 128)
    if not external:
        raise Unreadable("no_id", title)
    conversation = Conversation(
        external=external,
        title=title,
        created=ms_of(element.get("created_at")),
        updated=ms_of(element.get("updated_at")),
        pinned=bool(element.get("is_starred")),
    )
    model = line(element.get("model"), MOST_MODEL)
    messages = [object_of(each) for each in element["chat_messages"]]
    flat = not any(message.get("parent_message_uuid") for message in messages)
    before: str | None = None
    for place, message in enumerate(messages):
        id = str(message.get("uuid") or f"message-{place}")
        named = message.get("parent_message_uuid")
        above = before if flat else (None if named in (None, NO_PARENT) else str(named))
        conversation.nodes.append(_node(conversation, message, id, above, model))
        before = id
    leaf = element.get("current_leaf_message_uuid")
    known = {node.id for node in conversation.nodes}
    conversation.leaf = leaf if leaf in known else (before if flat else latest(conversation.nodes))
    return conversation


def _node(
    conversation: Conversation, message: dict[str, Any], id: str, parent: str | None, model: str
) -> Node:
    role = ROLES.get(str(message.get("sender")), "")
    if not role:
        conversation.notes["roles"] += 1
        return Node(id, parent)
    texts, reasoning = _blocks(conversation, items_of(message.get("content")))
    if not texts and isinstance(message.get("text"), str):
        texts = [message["text"]]
    pastes, files = _attachments(conversation, message)
    texts += pastes
    return Node(
        id,
        parent,
        role=role,
        text=plain("\n\n".join(text for text in texts if text.strip())),
        reasoning=plain("\n\n".join(reasoning)),
        model=model if role == "assistant" else "",
        created=ms_of(message.get("created_at")),
        files=tuple(files),
    )


def _blocks(conversation: Conversation, content: list[Any]) -> tuple[list[str], list[str]]:
    """The texts and the reasoning of a message."""
    texts: list[str] = []
    reasoning: list[str] = []
    for block in map(object_of, content):
        kind = block.get("type")
        if kind == "text":
            texts.append(plain(block.get("text")))
        elif kind == "thinking":
            reasoning.append(plain(block.get("thinking")))
        elif kind == "tool_use" and (written := _written(object_of(block.get("input")))):
            texts.append(written)
        elif kind == "tool_use":
            conversation.notes["tools"] += 1
    return texts, reasoning


def _written(sent: dict[str, Any]) -> str:
    """A document or file that the model wrote through a tool: artifacts, and since 2025 files."""
    content = plain(sent.get("content") or sent.get("file_text"))
    if not content.strip():
        return ""
    kind = line(sent.get("type"), 60)
    name = line(sent.get("title") or sent.get("path"))
    language = line(sent.get("language"), 20) or ARTIFACTS.get(kind, "")
    body = content if kind == "text/markdown" else fenced(content, language if language.isalnum() else "")
    return f"**{name}**\n\n{body}" if name else body


def _attachments(conversation: Conversation, message: dict[str, Any]) -> tuple[list[str], list[Attachment]]:
    """Long pastes, and files of which the export has the text."""
    pastes: list[str] = []
    files: list[Attachment] = []
    for each in map(object_of, items_of(message.get("attachments"))):
        text, name = plain(each.get("extracted_content")), line(each.get("file_name"))
        if not text.strip():
            conversation.notes["files"] += 1
        elif name:
            files.append(written_file(name, text))
        else:
            pastes.append(text)
    named = items_of(message.get("files_v2")) or items_of(message.get("files"))
    conversation.notes["files"] += len(named)
    return pastes, files
