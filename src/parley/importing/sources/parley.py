"""Parley's own documents and archives (sharing/document.py): all that is in them comes back."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from parley.importing.neutral import (
    MOST_MODEL,
    MOST_PROMPT,
    Answer,
    Around,
    Attachment,
    Conversation,
    Course,
    Manner,
    Node,
    Unreadable,
    line,
    plain,
)
from parley.lib.errors import Invalid
from parley.sharing import document
from parley.sharing.document import Document, FileEntry, MessageEntry, ms_of

ENDINGS = ("done", "error", "cancelled", "interrupted")
MOST_ERROR = 2_000  # characters
MOST_NOTICES = 20_000  # bytes of their JSON
LARGEST = 2**31 - 1  # of a number of tokens, as in the database


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
        created=ms_of(found.created_at),
        updated=ms_of(found.updated_at),
        system_prompt=plain(found.system_prompt, MOST_PROMPT),
        pinned=found.pinned,
        archived=found.archived,
        leaf=found.leaf,
        manner=_manner(found),
        exact=True,
    )
    conversation.nodes = [_node(message, conversation, around) for message in found.messages]
    return conversation


def _manner(found: Document) -> Manner:
    return Manner(
        model=line(found.model, 300),
        sampling=found.sampling,
        reasoning=found.reasoning,
        folder=line(found.folder, 80),
        tags=tuple(tag for name in found.tags[:100] if (tag := line(name, 40))),
    )


def _node(message: MessageEntry, conversation: Conversation, around: Around) -> Node:
    answers = message.role == "assistant"
    return Node(
        id=message.id,
        parent=message.parent,
        role=message.role,
        text=plain(message.text),
        reasoning=plain(message.reasoning),
        model=line(message.model_name, MOST_MODEL),
        created=ms_of(message.created_at),
        files=tuple(found for file in message.files if (found := _file(file, conversation, around))),
        chosen=message.chosen,
        answer=_answer(message) if answers else None,
        kept=True,
    )


def _file(file: FileEntry, conversation: Conversation, around: Around) -> Attachment | None:
    find = around.picture if file.mime.startswith("image/") else around.file
    found = find(file.path, file.name) if file.path else None
    if found is None:
        conversation.notes["files"] += 1
    return found


def _answer(message: MessageEntry) -> Answer:
    return Answer(
        model=line(message.model, 300),
        instruction=line(message.instruction, 500),
        rating=message.rating.value if message.rating else 0,
        comment=plain(message.rating.comment, 2_000) if message.rating else "",
        course=_course(message),
    )


def _course(message: MessageEntry) -> Course | None:
    """None where Parley only holds what somebody else's model said."""
    if message.course is None and message.status == "done" and not message.finished_at:
        return None
    run, usage = message.course or document.Course(), message.usage or document.Usage()
    notices = msgspec.json.encode(run.notices)
    # Whatever was still being written when it was exported ended there for whoever has the file.
    status = message.status if message.status in ENDINGS else "interrupted"
    return Course(
        status=status,
        finish_reason=line(message.finish_reason, 32),
        error=plain(message.error, MOST_ERROR),
        error_code=line(message.error_code, 32),
        answered_by=line(message.answered_by, 300),
        answered_name=line(message.answered_name, MOST_MODEL),
        asked=ms_of(run.asked_at),
        started=ms_of(run.started_at),
        first_fact=ms_of(run.first_fact_at),
        first_text=ms_of(run.first_text_at),
        finished=ms_of(message.finished_at),
        reasoning_ms=_small(run.reasoning_ms),
        prompt_tokens=_small(usage.prompt_tokens),
        completion_tokens=_small(usage.completion_tokens),
        reasoning_tokens=_small(usage.reasoning_tokens),
        cached_tokens=_small(usage.cached_tokens),
        window_tokens=_small(run.window_tokens),
        estimated=usage.estimated,
        cost_nano=usage.cost_nano,
        notices=plain(notices.decode()) if len(notices) <= MOST_NOTICES else "[]",
    )


def _small(count: int | None) -> int | None:
    return count if count is not None and count <= LARGEST else None
